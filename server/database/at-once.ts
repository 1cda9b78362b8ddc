// Runs migrations one behind the other in one transaction: those that are quick, and all of them where there are no tables yet, at
// the first start and for a backup. What online ones do on tables that are in use is `online.ts`.
import type { TransactionSql } from 'postgres';
import { noteMigration } from './applied-migrations.js';
import type { Sql } from './connect.js';
import type { Migration } from './migration-files.js';
import { onNewTables } from './online-steps.js';

/** In the caller's transaction, and noted there. Online ones as on tables that nobody else sees before all are whole. */
export async function runAtOnce(tx: Sql | TransactionSql, migrations: readonly Migration[]): Promise<void> {
  for (const migration of migrations) {
    for (const text of migration.statements) {
      const statement = migration.online ? onNewTables(text) : text;
      if (statement !== null) await tx.unsafe(statement);
    }
    await noteMigration(tx, migration);
  }
}
