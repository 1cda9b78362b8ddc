// Reads the whole installation as it is at one moment, as the text of a backup. Owns the snapshot and its order; where the
// text goes is its caller's.
import { createHash } from 'node:crypto';
import type { TransactionSql } from 'postgres';
import { appliedMigrations } from '../applied-migrations.js';
import type { Sql } from '../connect.js';
import { SECRET_SETTING } from '../secret-setting.js';
import { unhurried } from '../unhurried.js';
import {
  BackupError,
  copyFrom,
  copyTo,
  END_OF_ROWS,
  firstLine,
  FORMAT,
  type Header,
  lastLine,
  quoted,
  rowsIn,
} from './format.js';
import type { Schema, TableShape } from './schemas.js';

export interface WriteOptions {
  sql: Sql;
  schemas: readonly Schema[];
  /** Of this program. */
  version: string;
  /** Given what signs the tokens, as the database keeps it (null: it doesn't); returns what goes into the backup. */
  secret(kept: string | null): string | null;
  /** Called for each piece, with the table's rows so far. */
  progress(table: string, rows: number, of: number): void;
}

/** Rows may arrive one by one; the compressor is asked for this many bytes at once. */
const PIECE_BYTES = 64 * 1024;

/**
 * Runs `use` with the text and its header, inside one read-only transaction: everything is as of one moment, whoever
 * writes meanwhile. Nobody is held up but a migration. Memory is bounded whatever the size. Where `use` fails the connections
 * are cut: a stream that is not read to its end leaves one that can't be used.
 */
export async function withBackup<T>(
  options: WriteOptions,
  use: (header: Header, text: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const { sql, schemas } = options;
  const schema = await lastSchema(sql, schemas);
  const withoutHurry = await unhurried(sql, 'set local');
  let failed: { error: unknown } | null = null;
  const transaction = sql.begin('isolation level repeatable read read only', async (tx) => {
    await tx.unsafe(withoutHurry);
    await tx`set local datestyle = 'ISO, YMD'`;
    // Before the first read, which makes the snapshot: no migration comes between the two.
    await tx.unsafe(`lock table ${schema.tables.map(({ name }) => quoted(name)).join(', ')} in access share mode`);
    if ((await lastSchema(tx, schemas)).tag !== schema.tag) {
      throw new BackupError('other', 'The database was just migrated. Start the backup again.');
    }
    const header = await describe(tx, schema, options);
    try {
      return await use(header, textOf(tx, schema, header, options));
    } catch (error) {
      failed = { error };
      void sql.end({ timeout: 0 });
      throw error;
    }
  }) as Promise<T>;
  return await transaction.catch((error: unknown) => {
    throw failed === null ? error : failed.error;
  });
}

async function* textOf(
  tx: TransactionSql,
  schema: Schema,
  header: Header,
  { progress }: WriteOptions,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const hashed = (piece: Buffer | string): Buffer => {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    hash.update(bytes);
    return bytes;
  };
  yield hashed(firstLine(header));
  for (const table of schema.tables) {
    const of = header.tables.find(({ name }) => name === table.name)!.rows;
    let rows = 0;
    yield hashed(copyFrom(table));
    for await (const piece of pieces(tx, table)) {
      rows += rowsIn(piece);
      progress(table.name, rows, of);
      yield hashed(piece);
    }
    if (rows !== of) throw new Error(`${table.name} has ${of} rows, of which ${rows} were read`);
    yield hashed(END_OF_ROWS);
  }
  yield Buffer.from(lastLine(hash.digest('hex')));
}

async function* pieces(tx: TransactionSql, table: TableShape): AsyncGenerator<Buffer> {
  const stream = await tx.unsafe(copyTo(table)).readable();
  let held: Buffer[] = [];
  let size = 0;
  for await (const some of stream as AsyncIterable<Buffer>) {
    held.push(some);
    size += some.length;
    if (size < PIECE_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  // Where rows and their end came together, the driver has paused the connection, and nobody reads on to resume it.
  stream._read(0);
  if (size > 0) yield Buffer.concat(held);
}

async function describe(tx: TransactionSql, schema: Schema, { version, secret }: WriteOptions): Promise<Header> {
  const [server] = await tx<[{ postgres: string; now: string }]>`
    select current_setting('server_version') as postgres, now()::text as now`;
  const [kept] = await tx<{ value: string }[]>`select value from settings where name = ${SECRET_SETTING}`;
  const tables: Header['tables'] = [];
  for (const { name } of schema.tables) {
    const [row] = await tx.unsafe<[{ rows: string }]>(`select count(*) as rows from ${quoted(name)}`);
    tables.push({ name, rows: Number(row.rows) - (name === 'settings' && kept ? 1 : 0) });
  }
  return {
    format: FORMAT,
    version,
    created: new Date(server.now).toISOString(),
    postgres: server.postgres.split(' ')[0]!,
    schema: schema.tag,
    tables,
    secret: secret(kept?.value ?? null),
  };
}

/** The schema that the database has. */
export async function lastSchema(sql: Sql | TransactionSql, schemas: readonly Schema[]): Promise<Schema> {
  const applied = await appliedMigrations(sql);
  const newest = Math.max(...applied);
  const schema = schemas.find(({ when }) => when === newest);
  if (schema) return schema;
  if (applied.length === 0) throw new BackupError('other', 'The database holds nothing of Afterword.');
  throw new BackupError('newer', 'The database was last used by a newer version of this program. Use that one.');
}
