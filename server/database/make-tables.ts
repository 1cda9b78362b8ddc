// Makes all tables at once where there are none: at the first start, and for a backup. Owns nothing of what makes one
// migration different from another for tables that are in use; see `migrate.ts`.
import type { TransactionSql } from 'postgres';
import { noteMigration } from './applied-migrations.js';
import type { Sql } from './connect.js';
import type { Migration } from './migration-files.js';
import { onNewTables } from './online-steps.js';

/** In the caller's transaction: nobody else sees the tables before they are whole. */
export async function makeTables(tx: Sql | TransactionSql, migrations: readonly Migration[]): Promise<void> {
  for (const migration of migrations) {
    for (const text of migration.statements) {
      const statement = migration.online ? onNewTables(text) : text;
      if (statement !== null) await tx.unsafe(statement);
    }
    await noteMigration(tx, migration);
  }
}
