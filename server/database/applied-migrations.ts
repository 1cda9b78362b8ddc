// Which migrations made the tables that are there, noted in the database as drizzle's own migrator notes them. Owns that
// table; what a migration does, and when it may run, is its callers'.
import type { TransactionSql } from 'postgres';
import type { Sql } from './connect.js';
import type { Migration } from './migration-files.js';

export const MIGRATIONS_TABLE = 'drizzle.__drizzle_migrations';

/** Their `when`s; none where there are no tables. */
export async function appliedMigrations(sql: Sql | TransactionSql): Promise<number[]> {
  const [table] = await sql<[{ exists: boolean }]>`select to_regclass(${MIGRATIONS_TABLE}) is not null as exists`;
  if (!table.exists) return [];
  const rows = await sql<{ when: string }[]>`select created_at as when from drizzle.__drizzle_migrations`;
  return rows.map(({ when }) => Number(when));
}

/** Nothing where it is there. */
export async function makeMigrationsTable(sql: Sql | TransactionSql): Promise<void> {
  await sql`create schema if not exists drizzle`;
  await sql`create table if not exists drizzle.__drizzle_migrations (
    id serial primary key, hash text not null, created_at bigint)`;
}

/** In the transaction of the migration's own statements. */
export async function noteMigration(
  tx: Sql | TransactionSql,
  { hash, when }: Pick<Migration, 'hash' | 'when'>,
): Promise<void> {
  await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`;
}

/** Before tables are made anew. */
export async function forgetMigrations(tx: TransactionSql): Promise<void> {
  await tx`delete from drizzle.__drizzle_migrations`;
}
