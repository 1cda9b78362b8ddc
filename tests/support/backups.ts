// Backups and the databases that they are restored into, for tests: made by the program's own parts, without a process.
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { openBackup, saveBackup } from '../../server/database/backup/file.js';
import { type Header, lastLine } from '../../server/database/backup/format.js';
import { checkBackup, restoreBackup, RESTORE_NAME, type Holdings } from '../../server/database/backup/restore.js';
import { readSchemas } from '../../server/database/backup/schemas.js';
import { withBackup } from '../../server/database/backup/write.js';
import { connect, type Sql } from '../../server/database/connect.js';
import { createTestDatabase } from './database.js';

export const migrationsFolder = resolve(import.meta.dirname, '../../drizzle/migrations');

export interface BackupFolder {
  file(name: string): string;
  remove(): void;
}

export function backupFolder(): BackupFolder {
  const folder = mkdtempSync('/tmp/afterword-backups-');
  chmodSync(folder, 0o711);
  return { file: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A version of the program that lacks the last of the migrations. */
export interface EarlierVersion {
  migrationsFolder: string;
  remove(): void;
}

/** The one of so many migrations, or without so many of the last ones. */
export function earlierVersion(end: number): EarlierVersion {
  const folder = mkdtempSync(join(tmpdir(), 'afterword-migrations-'));
  cpSync(migrationsFolder, folder, { recursive: true });
  const file = join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: unknown[] };
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, end) }));
  return { migrationsFolder: folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** `progress` is called for each piece that was read; `by`: the migrations of the program that takes it. */
export function takeBackup(
  sql: Sql,
  file: string,
  progress: () => void = () => {},
  signal: AbortSignal = new AbortController().signal,
  by: string = migrationsFolder,
): Promise<Header> {
  const options = { sql, schemas: readSchemas(by), version: '0.1.0', progress };
  return withBackup({ ...options, secret: (kept) => kept }, async (header, text) => {
    await saveBackup(file, text, signal);
    return header;
  });
}

export interface Target {
  url: string;
  /** Connections that are not taken for a server's. */
  sql: Sql;
  /** `by`: the migrations of the program that restores it. */
  restore(file: string, replace?: boolean, by?: string): Promise<Holdings>;
  drop(): Promise<void>;
}

/** A database without tables, to restore into; or the one at an address, which is not dropped. */
export async function restoreTarget(at?: string): Promise<Target> {
  const { url, drop } =
    at === undefined ? await createTestDatabase({ migrated: false }) : { url: at, drop: async () => {} };
  const pool = connect({ url, max: 2, applicationName: RESTORE_NAME });
  return {
    url,
    sql: pool.sql,
    restore: async (file, replace = false, by = migrationsFolder) => {
      await checkBackup(openBackup(file), readSchemas(by));
      const text = openBackup(file);
      return await restoreBackup({ sql: pool.sql, migrationsFolder: by, text, replace, progress: () => {} });
    },
    drop: async () => {
      await pool.close();
      await drop();
    },
  };
}

/** The same backup with its text changed, and a checksum that fits again. */
export function reseal(from: string, to: string, change: (text: string) => string): void {
  const text = gunzipSync(readFileSync(from)).toString('utf8');
  const body = change(text.slice(0, text.lastIndexOf('\n-- end ') + 1));
  writeFileSync(to, gzipSync(body + lastLine(createHash('sha256').update(body).digest('hex'))));
}
