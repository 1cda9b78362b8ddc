// Puts a backup in the place of what the database holds, in one transaction: all of it, or nothing was changed. Owns the
// order of that; what a backup is belongs to its neighbours.
import { pipeline } from 'node:stream/promises';
import type { TransactionSql } from 'postgres';
import { appliedMigrations, forgetMigrations, makeMigrationsTable } from '../applied-migrations.js';
import { runAtOnce } from '../at-once.js';
import { counted } from '../../counted.js';
import type { Sql } from '../connect.js';
import { readMigrations } from '../migration-files.js';
import { MIGRATION_LOCK } from '../migration-lock.js';
import { SECRET_SETTING } from '../secret-setting.js';
import { OWN_DATABASE, strangersTables, whoseTheyAre } from '../strangers.js';
import { unhurried } from '../unhurried.js';
import { BackupError, type Header, quoted } from './format.js';
import { readBackup, type ReadTable } from './read.js';
import { allTables, readSchemas, type Schema } from './schemas.js';

export interface RestoreOptions {
  sql: Sql;
  migrationsFolder: string;
  /** The text of the backup, which was checked already: it is checked again while it is read. */
  text: AsyncIterable<Buffer>;
  /** Whether what the database holds may be taken away. */
  replace: boolean;
  progress(table: string, of: number): void;
}

/** What a database holds, as its owner counts it. */
export interface Holdings {
  sites: number;
  threads: number;
  replies: number;
  /** When the last reply was written; null where there is none. */
  last: string | null;
}

/** Why nothing was restored; the message is for people. */
export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';
  readonly held: Holdings | null;

  constructor(message: string, held: Holdings | null = null) {
    super(message);
    this.held = held;
  }
}

/** The name under which a restore is seen in the database. */
export const RESTORE_NAME = 'afterword restore';

/** Reads everything and changes nothing. Throws a BackupError. */
export async function checkBackup(text: AsyncIterable<Buffer>, schemas: readonly Schema[]): Promise<Header> {
  const { header, tables } = await readBackup(text, schemas);
  for await (const { rows } of tables) for await (const _ of rows);
  return header;
}

/**
 * Throws `RestoreRefused` where the database is in use, is not empty (without `replace`), or was made by a later program,
 * and a BackupError where the text is not whole. Every thread begins a new epoch, so that readers start over (SEQ6). The
 * tables are as in the time of the backup: to be migrated by the caller. Returns what was taken away.
 */
export async function restoreBackup({
  sql,
  migrationsFolder,
  text,
  replace,
  progress,
}: RestoreOptions): Promise<Holdings> {
  const schemas = readSchemas(migrationsFolder);
  const withoutHurry = await unhurried(sql, 'set local');
  return (await sql.begin(async (tx) => {
    await tx.unsafe(withoutHurry);
    await mustBeAlone(tx);
    const held = await mustBeFree(tx, schemas, replace);
    for (const table of allTables(schemas).toReversed()) await tx.unsafe(`drop table if exists ${quoted(table)}`);
    const { header, schema, tables } = await readBackup(text, schemas);
    await makeTables(tx, migrationsFolder, schema);
    const rebuild = await takeIndexesAway(tx, schema);
    for await (const table of tables) await load(tx, table, header, progress);
    for (const statement of rebuild) await tx.unsafe(statement);
    await tx`update threads set epoch = gen_random_uuid()`;
    if (header.secret !== null) {
      await tx`insert into settings (name, value) values (${SECRET_SETTING}, ${header.secret})`;
    }
    return held;
  })) as Holdings;
}

/** No server may write meanwhile, and none may start: it would wait for this lock. */
async function mustBeAlone(tx: TransactionSql): Promise<void> {
  const [lock] = await tx<[{ got: boolean }]>`select pg_try_advisory_xact_lock(${MIGRATION_LOCK}) as got`;
  if (!lock.got)
    throw new RestoreRefused('A server is just starting on this database, or another restore is under way.');
  const [others] = await tx<[{ n: number }]>`
    select count(*)::int as n from pg_stat_activity
    where datname = current_database() and application_name like 'afterword%' and application_name <> ${RESTORE_NAME}`;
  if (others.n > 0) {
    const lines = counted(others.n, 'connection', 'connections');
    throw new RestoreRefused(
      `A server is running on this database (${lines}). Stop every one first, and a pooler, which keeps connections of theirs.`,
    );
  }
}

async function mustBeFree(tx: TransactionSql, schemas: readonly Schema[], replace: boolean): Promise<Holdings> {
  const strangers = await strangersTables(tx, schemas);
  if (strangers.length > 0) throw new RestoreRefused(`${whoseTheyAre(strangers)} ${OWN_DATABASE}`);
  const applied = await appliedMigrations(tx);
  if (applied.some((when) => !schemas.some((schema) => schema.when === when))) {
    throw new RestoreRefused(
      'The database was last used by a newer version of this program. Use that one, or restore into an empty database.',
    );
  }
  const held = await holdings(tx);
  if (held.sites + held.threads + held.replies > 0 && !replace) {
    throw new RestoreRefused(`The database is not empty: it holds ${inWords(held)}.`, held);
  }
  return held;
}

async function holdings(tx: TransactionSql): Promise<Holdings> {
  const [there] = await tx<[{ all: boolean }]>`
    select to_regclass('sites') is not null and to_regclass('threads') is not null and to_regclass('replies') is not null as all`;
  if (!there.all) return { sites: 0, threads: 0, replies: 0, last: null };
  const [row] = await tx<[Holdings]>`
    select (select count(*)::int from sites) as sites, (select count(*)::int from threads) as threads,
      (select count(*)::int from replies) as replies, (select max(created_at)::text from replies) as last`;
  return row;
}

export function inWords({ sites, threads, replies, last }: Holdings): string {
  const when = last === null ? '' : ` (the last of ${last})`;
  return `${counted(sites, 'site', 'sites')}, ${counted(threads, 'thread', 'threads')} and ${counted(replies, 'reply', 'replies')}${when}`;
}

/** As every migration up to the backup's own made them, noted as drizzle's migrator notes it. */
async function makeTables(tx: TransactionSql, migrationsFolder: string, schema: Schema): Promise<void> {
  await makeMigrationsTable(tx);
  await forgetMigrations(tx);
  const migrations = readMigrations(migrationsFolder);
  await runAtOnce(
    tx,
    migrations.filter(({ when }) => when <= schema.when),
  );
}

/**
 * Rows are loaded several times faster before the indexes and references than into them. Returns the statements that
 * bring them back, which also check what was loaded.
 */
async function takeIndexesAway(tx: TransactionSql, { tables }: Schema): Promise<string[]> {
  const names = tables.map(({ name }) => quoted(name)).join();
  const references = await tx<{ table: string; name: string; definition: string }[]>`
    select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and conrelid = any(string_to_array(${names}, ',')::regclass[])`;
  const indexes = await tx<{ name: string; definition: string }[]>`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index i
    where indrelid = any(string_to_array(${names}, ',')::regclass[])
      and not exists (select 1 from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u', 'x'))`;
  for (const { table, name } of references) await tx.unsafe(`alter table ${table} drop constraint ${name}`);
  for (const { name } of indexes) await tx.unsafe(`drop index ${name}`);
  return [
    ...indexes.map(({ definition }) => definition),
    ...references.map(({ table, name, definition }) => `alter table ${table} add constraint ${name} ${definition}`),
  ];
}

async function load(
  tx: TransactionSql,
  { shape, rows }: ReadTable,
  header: Header,
  progress: RestoreOptions['progress'],
): Promise<void> {
  const { rows: of } = header.tables.find(({ name }) => name === shape.name)!;
  progress(shape.name, of);
  const columns = shape.columns.map(quoted).join(', ');
  await copyIn(tx, `copy ${quoted(shape.name)} (${columns}) from stdin`, rows);
  const [loaded] = await tx.unsafe<[{ rows: string }]>(`select count(*) as rows from ${quoted(shape.name)}`);
  if (Number(loaded.rows) !== of)
    throw new BackupError('damaged', `Of ${of} rows of ${shape.name} it holds ${loaded.rows}.`);
}

/** What the driver calls when a query is over. Once a stream was asked for, nothing else of it tells that. */
interface Settled {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Where PostgreSQL refuses a row after the last was sent, the driver's stream neither ends nor fails: whether the
 * statement is done is heard from the statement.
 */
async function copyIn(tx: TransactionSql, statement: string, rows: AsyncIterable<Buffer>): Promise<void> {
  const query = tx.unsafe(statement);
  const stream = await query.writable();
  const done = new Promise<void>((resolve, reject) => Object.assign(query as unknown as Settled, { resolve, reject }));
  done.catch(() => {});
  await Promise.race([pipeline(rows, stream), done]);
  await done;
}
