// Brings the tables to the version that this program needs. Owns running the checked-in migrations, one node at a time;
// their content is made by drizzle-kit and stands in `drizzle/migrations`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { connect, type Database, type Sql } from './connect.js';

export interface MigrateOptions {
  url: string;
  /** `drizzle/migrations`: the caller knows where it stands, from sources and beside a bundle. */
  migrationsFolder: string;
  log: (message: string) => void;
  /** Gives up waiting for another node. */
  signal?: AbortSignal | undefined;
}

interface JournalEntry {
  tag: string;
  /** Milliseconds; drizzle's name for a migration in the database. */
  when: number;
}

/** Any number, the same on every node: what this program locks while it migrates. */
export const MIGRATION_LOCK = 5_620_413;

/**
 * Runs what is missing, in one transaction, under an advisory lock of the database: of nodes that start together one
 * migrates and the others wait for it. Throws where a migration fails, which then has changed nothing, or where the
 * journal's order contradicts the database.
 */
export async function migrateDatabase({ url, migrationsFolder, log, signal }: MigrateOptions): Promise<void> {
  // A connection of its own: migrations may take longer than any statement of the service, and closing it unlocks.
  const database = connect({ url, max: 1, applicationName: 'afterword migrations' });
  const giveUp = (): void => void database.sql.end({ timeout: 0 });
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    signal?.throwIfAborted();
    await lock(database.sql, log);
    await runMissing(database, migrationsFolder, log);
  } catch (error) {
    // The error of a connection that was cut off says less than why.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
    await database.close();
  }
}

async function lock(sql: Sql, log: (message: string) => void): Promise<void> {
  await sql`set statement_timeout = 0`;
  await sql`set lock_timeout = 0`;
  const [row] = await sql<[{ locked: boolean }]>`select pg_try_advisory_lock(${MIGRATION_LOCK}) as locked`;
  if (row.locked) return;
  log('Another node is migrating the database. Waiting for it…');
  await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
}

async function runMissing(
  { sql, db }: Database,
  migrationsFolder: string,
  log: (message: string) => void,
): Promise<void> {
  const journal = readJournal(migrationsFolder);
  const applied = await readApplied(sql);
  const missing = journal.filter(({ when }) => !applied.includes(when));
  const newest = Math.max(...applied);
  const late = missing.find(({ when }) => when < newest);
  if (late) {
    // drizzle compares with the newest only, and would leave it out without a word.
    throw new Error(
      `The migration ${late.tag} is missing in the database, which already has a later one. ` +
        'Generate it again (npm run db:generate), so that it comes last.',
    );
  }
  if (applied.some((when) => !journal.some((entry) => entry.when === when))) {
    log('The database was last used by a newer version of this program. Trying to work with it as it is.');
  }
  if (missing.length === 0) return;
  log(`Migrating the database: ${missing.map(({ tag }) => tag).join(', ')}`);
  await migrate(db, { migrationsFolder });
}

function readJournal(migrationsFolder: string): JournalEntry[] {
  const file = path.join(migrationsFolder, 'meta', '_journal.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { entries: JournalEntry[] }).entries;
}

async function readApplied(sql: Sql): Promise<number[]> {
  const [table] = await sql<[{ exists: boolean }]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as exists`;
  if (!table.exists) return [];
  const rows = await sql<{ when: string }[]>`select created_at as when from drizzle.__drizzle_migrations`;
  return rows.map(({ when }) => Number(when));
}
