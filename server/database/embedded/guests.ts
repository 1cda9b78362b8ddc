// Who uses an embedded server beside the one who started it. Owns the lock by which a tool that has started one waits for
// those who joined it, and by which nobody joins one that is about to end.
import { connect, type Sql } from '../connect.js';
import { pause } from '../short-lock.js';

/** Any number, the same in every tool; beside the lock of migrations. */
const GUESTS_LOCK = 5_620_414;
const LOOK_EVERY_MS = 100;

type Leave = () => Promise<void>;

/** Joins a server that another process has started, until it is left. Throws where that one is ending it. */
export async function joinAsGuest(url: string, applicationName: string): Promise<Leave> {
  return await holding(url, applicationName, async (sql) => {
    const [row] = await sql<[{ held: boolean }]>`select pg_try_advisory_lock_shared(${GUESTS_LOCK}) as held`;
    if (!row.held) throw new Error('The database is about to end.');
  });
}

/**
 * Resolves when no guest is left on a server that we have started; until it is let go nobody joins. Rejects with the signal's
 * reason where there is one still.
 */
export async function waitForGuests(url: string, log: (message: string) => void, signal?: AbortSignal): Promise<Leave> {
  return await holding(url, 'afterword tools', async (sql) => {
    for (let isFirst = true; ; isFirst = false) {
      const [row] = await sql<[{ held: boolean }]>`select pg_try_advisory_lock(${GUESTS_LOCK}) as held`;
      if (row.held) return;
      signal?.throwIfAborted();
      if (isFirst) log('Another command uses the database that this one has started. Waiting for it to end…');
      await pause(LOOK_EVERY_MS);
    }
  });
}

/** The lock is the session's. */
async function holding(url: string, applicationName: string, take: (sql: Sql) => Promise<void>): Promise<Leave> {
  const { sql, close } = connect({ url, max: 1, lasting: true, applicationName });
  try {
    await take(sql);
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}
