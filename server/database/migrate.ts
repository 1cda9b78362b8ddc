// Brings the tables to the version that this program needs. Owns running the checked-in migrations, one node at a time;
// their content is made by drizzle-kit and stands in `drizzle/migrations`.
import { describeAddress } from './address.js';
import { appliedMigrations, noteMigration, makeMigrationsTable } from './applied-migrations.js';
import { runAtOnce } from './at-once.js';
import { readSchemas } from './backup/schemas.js';
import { connect, type Sql } from './connect.js';
import { readMigrations, type Migration } from './migration-files.js';
import { runOnline } from './online.js';
import { mustHoldMigrationLock, takeMigrationLock } from './migration-lock.js';
import { inWords } from './refused-migration.js';
import { withShortLocks } from './short-lock.js';
import { DatabaseStartError, NOTHING_CHANGED } from './start-error.js';
import { OWN_DATABASE, strangersTables, whoseTheyAre } from './strangers.js';
import { unhurried } from './unhurried.js';

export interface MigrateOptions {
  url: string;
  /** `drizzle/migrations`: the caller knows where it stands, from sources and beside a bundle. */
  migrationsFolder: string;
  log: (message: string) => void;
  /** Gives up at once, whatever is under way or waited for: the next start goes on. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs what is missing under an advisory lock of the database: of nodes that start together one migrates and the others
 * wait for it. Where there are no tables, all are made in one transaction. Otherwise migrations that follow one another
 * run in one, whose locks are waited for shortly and often; online ones run statement by statement. Throws where a
 * migration fails, which then has changed nothing (an online one: nothing but the statements before it, and the next
 * start goes on there), or where the journal's order contradicts the database.
 */
export async function migrateDatabase({ url, migrationsFolder, log, signal }: MigrateOptions): Promise<void> {
  // A connection of its own: migrations may take longer than any statement of the service, and closing it unlocks.
  const database = connect({ url, max: 1, applicationName: 'afterword migrations', lasting: true });
  let giveUp = (): void => {};
  const given = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(signal!.reason as Error);
      void database.sql.end({ timeout: 0 });
    };
  });
  signal?.addEventListener('abort', giveUp, { once: true });
  const migrate = async (): Promise<void> => {
    await lock(database.sql, log);
    await runMissing(database.sql, { url, migrationsFolder, log });
  };
  try {
    signal?.throwIfAborted();
    // It may be pausing between two attempts at what others hold, and finds the connection ended when it goes on.
    await Promise.race([migrate(), given]);
  } catch (error) {
    // The error of a connection that was cut off says less than why.
    signal?.throwIfAborted();
    throw inWords(error, url);
  } finally {
    signal?.removeEventListener('abort', giveUp);
    await database.close();
  }
}

async function lock(sql: Sql, log: (message: string) => void): Promise<void> {
  await sql.unsafe(await unhurried(sql, 'set'));
  // Where the system allows it: what we had begun ends soon after us, and not when it is done.
  await sql`set client_connection_check_interval = 2000`.catch(() => {});
  await takeMigrationLock(sql, log);
}

async function runMissing(sql: Sql, { url, migrationsFolder, log }: MigrateOptions): Promise<void> {
  const journal = readMigrations(migrationsFolder);
  const applied = await appliedMigrations(sql);
  if (!journal.some(({ when }) => applied.includes(when))) await mustBeOurs(sql, url, migrationsFolder);
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
  await makeMigrationsTable(sql);
  const isNew = applied.length === 0;
  for (const group of isNew ? [missing] : groupsOf(missing)) {
    const online = isNew ? undefined : group.find((migration) => migration.online);
    if (online) await runOnline(sql, online, log);
    await withShortLocks(sql, log, async (tx) => {
      await mustHoldMigrationLock(tx);
      if (!online) return await runAtOnce(tx, group);
      await tx`delete from drizzle.online_steps where migration = ${online.when}`;
      await noteMigration(tx, online);
    });
  }
}

/** Before the first migration. */
async function mustBeOurs(sql: Sql, url: string, migrationsFolder: string): Promise<void> {
  const strangers = await strangersTables(sql, readSchemas(migrationsFolder));
  if (strangers.length === 0) return;
  const happened = whoseTheyAre(strangers, describeAddress(url));
  throw new DatabaseStartError('unsuitable_server', { happened, kept: NOTHING_CHANGED, remedy: OWN_DATABASE });
}

/** What runs together: neighbours of the one kind, each of the other by itself. */
function groupsOf(migrations: readonly Migration[]): Migration[][] {
  const groups: Migration[][] = [];
  for (const migration of migrations) {
    const last = groups.at(-1);
    if (!last || migration.online || last[0]!.online) groups.push([migration]);
    else last.push(migration);
  }
  return groups;
}
