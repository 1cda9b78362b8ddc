// The installation's database for a tool that runs beside the server, or without it. Owns finding it within a time: a
// person waits.
import { describeAddress } from './address.js';
import { connect, type Database, type Sql } from './connect.js';
import { prepareFolders } from './embedded/folders.js';
import { joinAsGuest, waitForGuests } from './embedded/guests.js';
import { embeddedAddress } from './embedded/server.js';
import { startEmbedded } from './embedded/start.js';
import { migrateDatabase } from './migrate.js';
import type { DatabaseConfig } from './open.js';
import { DatabaseStartError, NOTHING_CHANGED } from './start-error.js';
import { MEND, waitForDatabase } from './wait.js';

export interface AttachedDatabase extends Database {
  url: string;
  /** Whether it is the embedded database of a server, or of another tool, that runs now. */
  inUse: boolean;
}

export interface AttachOptions {
  /** Whether to bring the tables to this program's version; a running server has done so. */
  migrate: boolean;
  /** The name under which the connections are seen in the database. */
  applicationName?: string;
  /** How long it may take to answer. */
  withinMs?: number;
  /** Until it is closed, ends what is under way, and whatever that waits for; at the end the waiting for others as well. */
  signal?: AbortSignal | undefined;
}

const ANSWER_MS = 15_000;
/** Whoever has an embedded server that does not answer may be ending it: it is looked again whether it is ours to start. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Joins the embedded server where one is running in the data folder, starts it where none is, and dials `databaseUrl`
 * where one is given. Rejects with a `DatabaseStartError` where it does not answer in time; nothing stays open then.
 * Closing one that it started waits for other tools that have joined it, and rejects with the signal's reason where that was
 * cut short; they lose the database then.
 */
export async function attachDatabase(
  config: DatabaseConfig,
  log: (message: string) => void,
  { migrate, applicationName = 'afterword tools', withinMs = ANSWER_MS, signal }: AttachOptions,
): Promise<AttachedDatabase> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal?.throwIfAborted();
    const server = await serverOf(config, log, { applicationName, signal });
    const { url, inUse } = server;
    const isLastTry = !inUse || performance.now() + LOOK_AGAIN_MS > deadline;
    const pool = connect({ url, max: config.poolSize ?? 2, applicationName });
    const cut = (): void => void pool.sql.end({ timeout: 0 });
    signal?.addEventListener('abort', cut, { once: true });
    const end = async (): Promise<void> => {
      signal?.removeEventListener('abort', cut);
      await pool.close();
      await server.leave();
    };
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => (closed ??= end());
    try {
      signal?.throwIfAborted();
      await answered(pool.sql, url, inUse ? LOOK_AGAIN_MS : withinMs, { askedMs: withinMs, signal });
      await server.enter();
      if (migrate && !inUse) await migrateDatabase({ url, migrationsFolder: config.migrationsFolder, log, signal });
      signal?.throwIfAborted();
      return { sql: pool.sql, db: pool.db, url, inUse, close };
    } catch (error) {
      await close();
      // The error of a connection that was cut off says less than why.
      signal?.throwIfAborted();
      if (isLastTry) throw error;
    }
  }
}

interface Server {
  url: string;
  inUse: boolean;
  enter(): Promise<void>;
  leave(): Promise<void>;
}

async function serverOf(
  { databaseUrl, directUrl, dataDir }: DatabaseConfig,
  log: (message: string) => void,
  { applicationName, signal }: { applicationName: string; signal: AbortSignal | undefined },
): Promise<Server> {
  const nothing = async (): Promise<void> => {};
  // Past the pooler, where there is one: tools use sessions and long statements.
  const url = directUrl ?? databaseUrl;
  if (url !== undefined) return { url, inUse: false, enter: nothing, leave: nothing };
  try {
    const { url, stop } = await startEmbedded({ dataDir, log });
    const leave = async (): Promise<void> => {
      let isCutShort = false;
      const open = await waitForGuests(url, log, signal).catch((error: unknown) => {
        // One that has ended by itself has no guests.
        isCutShort = signal?.aborted === true && error === signal.reason;
        return nothing;
      });
      if (isCutShort) log('The other command loses its database, which ends with this one.');
      await stop();
      await open();
      if (isCutShort) throw signal!.reason;
    };
    return { url, inUse: false, enter: nothing, leave };
  } catch (error) {
    if (!(error instanceof DatabaseStartError) || error.failure !== 'in_use') throw error;
    return guestOf(embeddedAddress(prepareFolders(dataDir)), applicationName);
  }
}

function guestOf(url: string, applicationName: string): Server {
  let left = async (): Promise<void> => {};
  const enter = async (): Promise<void> => {
    left = await joinAsGuest(url, applicationName);
  };
  return { url, inUse: true, enter, leave: () => left() };
}

/**
 * Resolves when the database answers; throws `away` where it does not in time, or where waiting is in vain, and the signal's
 * reason. `askedMs`: of how long people are told, where it was asked before.
 */
export async function answered(
  sql: Sql,
  url: string,
  withinMs: number,
  { askedMs = withinMs, signal }: { askedMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  // Not AbortSignal.any: on Node 20 one of a timeout may be collected before it fires.
  const giveUp = new AbortController();
  const stop = (): void => giveUp.abort();
  const timer = setTimeout(stop, withinMs);
  signal?.addEventListener('abort', stop, { once: true });
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
    signal?.throwIfAborted();
    throw new DatabaseStartError('away', {
      happened: isInVain ? says : `${says} That was asked for ${askedMs / 1000} s.`,
      kept: NOTHING_CHANGED,
      remedy: isInVain ? MEND : 'Start it, or mend its address.',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
