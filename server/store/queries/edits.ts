// Edits, removals and the way back, and closing: transactions that begin with the thread's lock (locked.ts) and leave its
// clock alone where nothing changes (SEQ3).
import { and, eq, gt, sql } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

import { replies, revisions } from '../../../drizzle/schema.js';
import type { ThreadMode } from '../../../shared/views.js';
import { counterOf, type Change, type NewText, type ReplyRow, type Written } from '../store.js';
import { advance, changeOf, known, lockThread, step, type FullReply, type Tx } from './locked.js';

export function editReply(
  db: PostgresJsDatabase,
  id: string,
  base: number,
  text: NewText,
): Promise<Written<{ row: ReplyRow }> | { is: 'stale' | 'removed' | 'closed'; row: ReplyRow } | null> {
  return step(db, id, async (tx, { thread: before, reply, seq }) => {
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    if (before.state === 'closed') return { is: 'closed', row: reply };
    if (reply.rev !== base) return { is: 'stale', row: reply };
    await known(tx.insert(revisions).values({ replyId: id, rev: base, body: reply.body }));
    const set = { ...text, rev: base + 1, seq, bodySeq: seq, editedAt: sql`now()` };
    const [row] = await known(tx.update(replies).set(set).where(eq(replies.id, id)).returning());
    const thread = await advance(tx, before, null);
    return { is: 'written', row: row!, change: changeOf(thread, [row!], []) };
  });
}

export function removeReply(
  db: PostgresJsDatabase,
  id: string,
  undoSeconds: number,
): Promise<Written<{ row: ReplyRow }> | { is: 'removed'; row: ReplyRow } | null> {
  return step(db, id, async (tx, { thread: before, reply, seq }) => {
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    const eraseAt = sql`now() + make_interval(secs => ${undoSeconds}::int)`;
    await known(tx.insert(revisions).values({ replyId: id, rev: reply.rev, body: reply.body }));
    await known(tx.update(revisions).set({ eraseAt }).where(eq(revisions.replyId, id)));
    const set = { state: 'removed' as const, body: '', html: '', seq, bodySeq: seq };
    const [row] = await known(tx.update(replies).set(set).where(eq(replies.id, id)).returning());
    const parent = await countChild(tx, reply, -1, seq);
    const thread = await advance(tx, before, { count: before.count - 1 });
    return { is: 'written', row: row!, change: changeOf(thread, [row!], parent.map(counterOf)) };
  });
}

/** One published child more or less. */
async function countChild(tx: Tx, { parentId }: FullReply, by: 1 | -1, seq: number): Promise<FullReply[]> {
  if (parentId === null) return [];
  const set = { replies: sql`${replies.replies} + ${by}`, seq };
  return await known(tx.update(replies).set(set).where(eq(replies.id, parentId)).returning());
}

/** What is kept of a removed reply until its time to come back is over. */
const kept = (id: string, rev: number) =>
  and(eq(revisions.replyId, id), eq(revisions.rev, rev), gt(revisions.eraseAt, sql`now()`));

/** See `Store.removedText`. */
export async function readRemovedText(db: PostgresJsDatabase, id: string): Promise<string | null> {
  const [found] = await db
    .select({ body: revisions.body })
    .from(revisions)
    .innerJoin(replies, and(eq(replies.id, revisions.replyId), eq(replies.rev, revisions.rev)))
    .where(and(eq(replies.id, id), eq(replies.state, 'removed'), gt(revisions.eraseAt, sql`now()`)));
  return found?.body ?? null;
}

export function restoreReply(
  db: PostgresJsDatabase,
  id: string,
  text: NewText,
): Promise<Written<{ row: ReplyRow }> | { is: 'published' | 'late'; row: ReplyRow } | null> {
  return step(db, id, async (tx, { thread: before, reply, seq }) => {
    if (reply.state === 'published') return { is: 'published', row: reply };
    const back = await tx
      .delete(revisions)
      .where(and(kept(id, reply.rev), eq(revisions.body, text.body)))
      .returning({ rev: revisions.rev });
    if (back.length === 0) return { is: 'late', row: reply };
    await known(tx.update(revisions).set({ eraseAt: null }).where(eq(revisions.replyId, id)));
    const set = { ...text, state: 'published' as const, seq, bodySeq: seq };
    const [row] = await known(tx.update(replies).set(set).where(eq(replies.id, id)).returning());
    const parent = await countChild(tx, reply, 1, seq);
    const thread = await advance(tx, before, { count: before.count + 1 });
    return { is: 'written', row: row!, change: changeOf(thread, [row!], parent.map(counterOf)) };
  });
}

/** See `Store.eraseRemoved`. */
export async function eraseRemoved(db: PostgresJsDatabase, limit: number): Promise<number> {
  const gone = await db.execute(sql`delete from revisions where (reply_id, rev) in (
    select reply_id, rev from revisions where erase_at <= now() order by erase_at limit ${limit} for update skip locked
  ) returning 1`);
  return gone.length;
}

/** See `Store.setThreadState`; null also where the thread is in that state already. */
export function setThreadState(db: PostgresJsDatabase, id: string, state: ThreadMode): Promise<Change | null> {
  return db.transaction(async (tx) => {
    const thread = await lockThread(tx, id);
    if (!thread || thread.state === state) return null;
    return changeOf(await advance(tx, thread, { state }), [], []);
  });
}
