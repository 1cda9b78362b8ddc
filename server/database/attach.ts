// The installation's database for a tool that runs beside the server, or without it. Owns finding it within a time: a
// person waits.
import { describeAddress } from './address.js';
import { connect, type Database, type Sql } from './connect.js';
import { prepareFolders } from './embedded/folders.js';
import { embeddedAddress } from './embedded/server.js';
import { startEmbedded } from './embedded/start.js';
import { migrateDatabase } from './migrate.js';
import type { DatabaseConfig } from './open.js';
import { DatabaseStartError, NOTHING_CHANGED } from './start-error.js';
import { MEND, waitForDatabase } from './wait.js';

export interface AttachedDatabase extends Database {
  url: string;
  /** Whether it is the embedded database of a server that runs now. */
  inUse: boolean;
}

export interface AttachOptions {
  /** Whether to bring the tables to this program's version; a running server has done so. */
  migrate: boolean;
  /** The name under which the connections are seen in the database. */
  applicationName?: string;
  /** How long it may take to answer. */
  withinMs?: number;
}

const ANSWER_MS = 15_000;

/**
 * Joins the embedded server where one is running in the data folder, starts it where none is, and dials `databaseUrl`
 * where one is given. Rejects with a `DatabaseStartError` where it does not answer in time; nothing stays open then.
 */
export async function attachDatabase(
  config: DatabaseConfig,
  log: (message: string) => void,
  { migrate, applicationName = 'afterword tools', withinMs = ANSWER_MS }: AttachOptions,
): Promise<AttachedDatabase> {
  const server = await serverOf(config, log);
  const { url, inUse } = server;
  const pool = connect({ url, max: config.poolSize ?? 2, applicationName });
  const close = async (): Promise<void> => {
    await pool.close();
    await server.stop();
  };
  try {
    await answered(pool.sql, url, withinMs);
    if (migrate && !inUse) await migrateDatabase({ url, migrationsFolder: config.migrationsFolder, log });
  } catch (error) {
    await close();
    throw error;
  }
  return { sql: pool.sql, db: pool.db, url, inUse, close };
}

interface Server {
  url: string;
  inUse: boolean;
  stop(): Promise<void>;
}

async function serverOf(
  { databaseUrl, directUrl, dataDir }: DatabaseConfig,
  log: (message: string) => void,
): Promise<Server> {
  // Past the pooler, where there is one: tools use sessions and long statements.
  const url = directUrl ?? databaseUrl;
  if (url !== undefined) return { url, inUse: false, stop: async () => {} };
  try {
    const { url, stop } = await startEmbedded({ dataDir, log });
    return { url, inUse: false, stop };
  } catch (error) {
    if (!(error instanceof DatabaseStartError) || error.failure !== 'in_use') throw error;
    return { url: embeddedAddress(prepareFolders(dataDir)), inUse: true, stop: async () => {} };
  }
}

/** Resolves when the database answers; throws `away` where it does not in time, or where waiting is in vain. */
export async function answered(sql: Sql, url: string, withinMs: number): Promise<void> {
  // Not AbortSignal.any: on Node 20 one of a timeout may be collected before it fires.
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), withinMs);
  let says = `The database ${describeAddress(url)} does not answer.`;
  let isInVain = false;
  const failed = (why: string, isLasting: boolean): void => {
    says = why;
    isInVain = isLasting;
    if (isLasting) giveUp.abort();
  };
  try {
    await waitForDatabase(sql, { url, log: () => {}, signal: giveUp.signal, failed });
  } catch (error) {
    if (!giveUp.signal.aborted) throw error;
    throw new DatabaseStartError('away', {
      happened: isInVain ? says : `${says} That was asked for ${withinMs / 1000} s.`,
      kept: NOTHING_CHANGED,
      remedy: isInVain ? MEND : 'Start it, or mend its address.',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
