// From the configuration to a database that is ready to be used. Owns the order: start it if it is ours to start, wait
// for it, migrate it. Both kinds of database go the same way.
import { connect, type Db, type Sql } from './connect.js';
import { startEmbedded } from './embedded/start.js';
import { migrateDatabase } from './migrate.js';
import type { Tell } from './tell.js';
import { waitForDatabase, type WaitOptions } from './wait.js';

export interface DatabaseConfig {
  /** `postgres://...`. Without it the embedded database is started in `dataDir`. */
  databaseUrl?: string | undefined;
  /** The same database without the pooler that `databaseUrl` leads to. */
  directUrl?: string | undefined;
  dataDir: string;
  migrationsFolder: string;
  /** Connections of the pool. */
  poolSize?: number | undefined;
}

export interface OpenDatabase {
  sql: Sql;
  db: Db;
  /** The address for whoever needs a connection of its own: no pooler stands between. */
  url: string;
  /** Closes the pool, then shuts the embedded server down. Safe to call twice. */
  close: () => Promise<void>;
  /**
   * Settles when the embedded server is gone for good: the process should end, loudly. It never settles for
   * `databaseUrl`, nor rejects: a server that is away for a while is dialled again by the next query.
   */
  lost: Promise<Error>;
}

/**
 * Opens the database, migrated. Rejects with `DatabaseStartError`, with a migration's error, or with the signal's reason;
 * nothing stays open then. A `databaseUrl` that doesn't answer is waited for until the signal says otherwise.
 */
export async function openDatabase(config: DatabaseConfig, log: Tell, signal?: AbortSignal): Promise<OpenDatabase> {
  const server = await serverOf(config, log);
  const url = config.directUrl ?? server.url;
  const pooled = url !== server.url;
  const max = config.poolSize === undefined ? {} : { max: config.poolSize };
  const prepare = async (): Promise<number> => {
    const { sql, close } = connect({ url: server.url, pooled, max: 1 });
    try {
      const version = await waitForDatabase(sql, { url: server.url, log, signal });
      if (pooled) await checkPooler(sql, { url, log, signal });
      await migrateDatabase({ url, migrationsFolder: config.migrationsFolder, log, signal });
      return version;
    } finally {
      await close();
    }
  };
  const version = await prepare().catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  const database = connect({ url: server.url, pooled, isPrompt: true, version, ...max });
  const close = async (): Promise<void> => {
    await database.close();
    await server.stop();
  };
  return { sql: database.sql, db: database.db, url, close, lost: server.lost };
}

async function serverOf({ databaseUrl, dataDir }: DatabaseConfig, log: Tell) {
  if (databaseUrl === undefined) return startEmbedded({ dataDir, log });
  return { url: databaseUrl, stop: async () => {}, lost: new Promise<Error>(() => {}) };
}

/** What stands behind the pooler must answer, too, and what it can't set for itself should be set. */
async function checkPooler(sql: Sql, options: WaitOptions): Promise<void> {
  const direct = connect({ url: options.url, max: 1 });
  try {
    await waitForDatabase(direct.sql, options);
  } finally {
    await direct.close();
  }
  const [timeout] = await sql<[{ statement_timeout: string }]>`show statement_timeout`;
  if (timeout.statement_timeout === '0') {
    options.log(
      'The pooler sets no statement_timeout: a statement that hangs holds a connection. See docs/pgbouncer.ini.',
      'warn',
    );
  }
}
