// Edits, removals, votes and closing: transactions that lock the thread first, so that what they then read and write
// is one consistent step of its clock (SEQ1, SEQ2), and that leave the clock alone where nothing changes (SEQ3).
import { and, eq, sql } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

import { replies, threads, votes } from '../../../drizzle/schema.js';
import type { ThreadMode } from '../../../shared/views.js';
import { counterOf, type Change, type CounterRow, type ReplyRow, type ThreadRow, type Written } from '../store.js';

type Tx = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];
type Full = typeof replies.$inferSelect;
type Locked = { thread: ThreadRow; reply: Full; seq: number };

/** Locks the thread of a reply, then reads the reply as it then is. `seq` is the one that a change takes. */
async function lock(tx: Tx, id: string): Promise<Locked | null> {
  const [found] = await tx.select({ threadId: replies.threadId }).from(replies).where(eq(replies.id, id));
  if (!found) return null;
  const thread = await lockThread(tx, found.threadId);
  const [reply] = await tx.select().from(replies).where(eq(replies.id, id));
  return thread && reply ? { thread, reply, seq: thread.head + 1 } : null;
}

async function lockThread(tx: Tx, id: string): Promise<ThreadRow | null> {
  const [row] = await tx.select().from(threads).where(eq(threads.id, id)).for('update');
  return row ?? null;
}

async function advance(tx: Tx, thread: ThreadRow, info: Partial<Pick<ThreadRow, 'count' | 'state'>> | null) {
  const head = thread.head + 1;
  const set = { head, ...(info ? { ...info, infoSeq: head } : {}) };
  await tx.update(threads).set(set).where(eq(threads.id, thread.id));
  return { ...thread, ...set };
}

function changeOf(thread: ThreadRow, rows: ReplyRow[], counters: CounterRow[]): Change {
  return { thread, from: thread.head - 1, to: thread.head, rows, counters };
}

export function editReply(
  db: PostgresJsDatabase,
  id: string,
  base: number,
  text: { body: string; html: string; renderer: number },
): Promise<Written<{ row: ReplyRow }> | { is: 'stale' | 'removed'; row: ReplyRow } | null> {
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    if (!locked) return null;
    const { reply, seq } = locked;
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    if (reply.rev !== base) return { is: 'stale', row: reply };
    const set = { ...text, rev: base + 1, seq, bodySeq: seq, editedAt: sql`now()` };
    const [row] = await tx.update(replies).set(set).where(eq(replies.id, id)).returning();
    const thread = await advance(tx, locked.thread, null);
    return { is: 'written', row: row!, change: changeOf(thread, [row!], []) };
  });
}

export function removeReply(
  db: PostgresJsDatabase,
  id: string,
): Promise<Written<{ row: ReplyRow }> | { is: 'removed'; row: ReplyRow } | null> {
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    if (!locked) return null;
    const { reply, seq } = locked;
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    const set = { state: 'removed' as const, body: '', html: '', seq, bodySeq: seq };
    const [row] = await tx.update(replies).set(set).where(eq(replies.id, id)).returning();
    const parent = reply.parentId
      ? await tx
          .update(replies)
          .set({ replies: sql`${replies.replies} - 1`, seq })
          .where(eq(replies.id, reply.parentId))
          .returning()
      : [];
    const thread = await advance(tx, locked.thread, { count: locked.thread.count - 1 });
    return { is: 'written', row: row!, change: changeOf(thread, [row!], parent.map(counterOf)) };
  });
}

export function vote(
  db: PostgresJsDatabase,
  id: string,
  authorId: string,
  value: -1 | 0 | 1,
  rankOf: (ups: number, downs: number) => number,
): Promise<Written<{ row: ReplyRow }> | { is: 'same' | 'removed'; row: ReplyRow } | null> {
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    if (!locked) return null;
    const { reply, seq } = locked;
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    const mine = and(eq(votes.replyId, id), eq(votes.authorId, authorId));
    const [before] = await tx.select({ value: votes.value }).from(votes).where(mine);
    const was = before?.value ?? 0;
    if (was === value) return { is: 'same', row: reply };
    if (value === 0) await tx.delete(votes).where(mine);
    else {
      const target = [votes.replyId, votes.authorId];
      await tx.insert(votes).values({ replyId: id, authorId, value }).onConflictDoUpdate({ target, set: { value } });
    }
    const ups = reply.ups + Number(value === 1) - Number(was === 1);
    const downs = reply.downs + Number(value === -1) - Number(was === -1);
    const set = { ups, downs, seq, rank: rankOf(ups, downs) };
    const [row] = await tx.update(replies).set(set).where(eq(replies.id, id)).returning();
    const thread = await advance(tx, locked.thread, null);
    return { is: 'written', row: row!, change: changeOf(thread, [], [counterOf(row!)]) };
  });
}

/** See `Store.setThreadState`; null also where the thread is in that state already. */
export function setThreadState(db: PostgresJsDatabase, id: string, state: ThreadMode): Promise<Change | null> {
  return db.transaction(async (tx) => {
    const thread = await lockThread(tx, id);
    if (!thread || thread.state === state) return null;
    return changeOf(await advance(tx, thread, { state }), [], []);
  });
}
