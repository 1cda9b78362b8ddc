// Whether another program's tables stand where ours would: nothing of ours may take their place. Reads only.
import type { TransactionSql } from 'postgres';
import { appliedMigrations, MIGRATIONS_TABLE } from './applied-migrations.js';
import { allTables, type Schema } from './backup/schemas.js';
import type { Sql } from './connect.js';

/** Their names; none where the tables are ours, or there are none. */
export async function strangersTables(sql: Sql | TransactionSql, schemas: readonly Schema[]): Promise<string[]> {
  const applied = await appliedMigrations(sql);
  if (applied.some((when) => schemas.some((schema) => schema.when === when))) return [];
  // Another program that uses drizzle notes its own there.
  if (applied.length > 0) return [MIGRATIONS_TABLE];
  const names = allTables(schemas).join();
  const rows = await sql<{ name: string }[]>`
    select name from unnest(string_to_array(${names}, ',')) as name where to_regclass(quote_ident(name)) is not null`;
  return rows.map(({ name }) => name);
}

export function whoseTheyAre(names: readonly string[], database = ''): string {
  return `The database ${database}${database && ' '}holds tables of another program by names that Afterword uses (${names.join(', ')}).`;
}

export const OWN_DATABASE =
  'Give Afterword a database of its own (create database afterword), and name it in DATABASE_URL.';
