// One step of a thread's clock: a transaction locks the thread first, so that what it then reads and writes is consistent
// (SEQ1, SEQ2), and advances it last. Owns nothing of what happens in between.
import { eq } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

import { replies, threads } from '../../../drizzle/schema.js';
import type { Change, CounterRow, ReplyRow, ThreadRow } from '../store.js';

export type Tx = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];
/** A row with its Markdown. */
export type FullReply = typeof replies.$inferSelect;
type Locked = { thread: ThreadRow; reply: FullReply; seq: number };

/**
 * Sends a statement of which there are few forms as one that is known to the connection: described once for each of them, and
 * from then on one way there and back instead of two, while others wait for the lock. Behind a pooler nothing is known.
 */
export function known<T>(statement: { prepare(name: string): { execute(): Promise<T> } }): Promise<T> {
  return statement.prepare('').execute();
}

/**
 * One step about a reply: `take` gets it as it is once its thread is locked, and the seq that a change takes. Null where there
 * is no such reply.
 */
export function step<T>(
  db: PostgresJsDatabase,
  id: string,
  take: (tx: Tx, locked: Locked) => Promise<T>,
): Promise<T | null> {
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    return locked && take(tx, locked);
  });
}

async function lock(tx: Tx, id: string): Promise<Locked | null> {
  const ofReply = tx.select({ id: replies.threadId }).from(replies).where(eq(replies.id, id));
  const [thread] = await known(tx.select().from(threads).where(eq(threads.id, ofReply)).for('update'));
  const [reply] = await known(tx.select().from(replies).where(eq(replies.id, id)));
  return thread && reply ? { thread, reply, seq: thread.head + 1 } : null;
}

export async function lockThread(tx: Tx, id: string): Promise<ThreadRow | null> {
  const [row] = await known(tx.select().from(threads).where(eq(threads.id, id)).for('update'));
  return row ?? null;
}

/** The next seq; `info` is what a reader sees of the thread itself, null where none of it changes. */
export async function advance(tx: Tx, thread: ThreadRow, info: Partial<Pick<ThreadRow, 'count' | 'state'>> | null) {
  const head = thread.head + 1;
  const set = { head, ...(info ? { ...info, infoSeq: head } : {}) };
  await known(tx.update(threads).set(set).where(eq(threads.id, thread.id)));
  return { ...thread, ...set };
}

/** A change of one step, up to where the thread is now. */
export function changeOf(thread: ThreadRow, rows: ReplyRow[], counters: CounterRow[]): Change {
  return { thread, from: thread.head - 1, to: thread.head, rows, counters };
}
