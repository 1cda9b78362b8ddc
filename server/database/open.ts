// From the configuration to a database that is ready to be used. Owns the order: start it if it is ours to start, wait
// for it, migrate it. Both kinds of database go the same way.
import { connect, type Db, type Sql } from './connect.js';
import { startEmbedded } from './embedded/start.js';
import { migrateDatabase } from './migrate.js';
import { waitForDatabase } from './wait.js';

export interface DatabaseConfig {
  /** `postgres://...`. Without it the embedded database is started in `dataDir`. */
  databaseUrl?: string | undefined;
  dataDir: string;
  migrationsFolder: string;
  /** Connections of the pool. */
  poolSize?: number | undefined;
}

export interface OpenDatabase {
  sql: Sql;
  db: Db;
  /** The address in use, for whoever needs a pool of its own. */
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
export async function openDatabase(
  config: DatabaseConfig,
  log: (message: string) => void,
  signal?: AbortSignal,
): Promise<OpenDatabase> {
  const server = await serverOf(config, log);
  const { url } = server;
  const database = connect({ url, ...(config.poolSize === undefined ? {} : { max: config.poolSize }) });
  const close = async (): Promise<void> => {
    await database.close();
    await server.stop();
  };
  try {
    await waitForDatabase(database.sql, { url, log, signal });
    await migrateDatabase({ url, migrationsFolder: config.migrationsFolder, log, signal });
  } catch (error) {
    await close();
    throw error;
  }
  return { sql: database.sql, db: database.db, url, close, lost: server.lost };
}

async function serverOf({ databaseUrl, dataDir }: DatabaseConfig, log: (message: string) => void) {
  if (databaseUrl === undefined) return startEmbedded({ dataDir, log });
  return { url: databaseUrl, stop: async () => {}, lost: new Promise<Error>(() => {}) };
}
