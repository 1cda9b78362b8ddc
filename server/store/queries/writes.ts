// Edits, removals, votes, reactions and closing: transactions that lock the thread first, so that what they then read and write
// is one consistent step of its clock (SEQ1, SEQ2), and that leave the clock alone where nothing changes (SEQ3).
import { and, eq, gt, sql } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

import { reactions, replies, revisions, threads, votes } from '../../../drizzle/schema.js';
import type { ThreadMode } from '../../../shared/views.js';
import {
  counterOf,
  type Change,
  type CounterRow,
  type NewText,
  type ReplyRow,
  type ThreadRow,
  type Written,
} from '../store.js';

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
  text: NewText,
): Promise<Written<{ row: ReplyRow }> | { is: 'stale' | 'removed'; row: ReplyRow } | null> {
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    if (!locked) return null;
    const { reply, seq } = locked;
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    if (reply.rev !== base) return { is: 'stale', row: reply };
    await tx.insert(revisions).values({ replyId: id, rev: base, body: reply.body });
    const set = { ...text, rev: base + 1, seq, bodySeq: seq, editedAt: sql`now()` };
    const [row] = await tx.update(replies).set(set).where(eq(replies.id, id)).returning();
    const thread = await advance(tx, locked.thread, null);
    return { is: 'written', row: row!, change: changeOf(thread, [row!], []) };
  });
}

export function removeReply(
  db: PostgresJsDatabase,
  id: string,
  undoSeconds: number,
): Promise<Written<{ row: ReplyRow }> | { is: 'removed'; row: ReplyRow } | null> {
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    if (!locked) return null;
    const { reply, seq } = locked;
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    const eraseAt = sql`now() + make_interval(secs => ${undoSeconds}::int)`;
    await tx.insert(revisions).values({ replyId: id, rev: reply.rev, body: reply.body });
    await tx.update(revisions).set({ eraseAt }).where(eq(revisions.replyId, id));
    const set = { state: 'removed' as const, body: '', html: '', seq, bodySeq: seq };
    const [row] = await tx.update(replies).set(set).where(eq(replies.id, id)).returning();
    const parent = await countChild(tx, reply, -1, seq);
    const thread = await advance(tx, locked.thread, { count: locked.thread.count - 1 });
    return { is: 'written', row: row!, change: changeOf(thread, [row!], parent.map(counterOf)) };
  });
}

/** One published child more or less. */
async function countChild(tx: Tx, { parentId }: Full, by: 1 | -1, seq: number): Promise<Full[]> {
  if (parentId === null) return [];
  const set = { replies: sql`${replies.replies} + ${by}`, seq };
  return await tx.update(replies).set(set).where(eq(replies.id, parentId)).returning();
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
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    if (!locked) return null;
    const { reply, seq } = locked;
    if (reply.state === 'published') return { is: 'published', row: reply };
    const back = await tx
      .delete(revisions)
      .where(and(kept(id, reply.rev), eq(revisions.body, text.body)))
      .returning({ rev: revisions.rev });
    if (back.length === 0) return { is: 'late', row: reply };
    await tx.update(revisions).set({ eraseAt: null }).where(eq(revisions.replyId, id));
    const set = { ...text, state: 'published' as const, seq, bodySeq: seq };
    const [row] = await tx.update(replies).set(set).where(eq(replies.id, id)).returning();
    const parent = await countChild(tx, reply, 1, seq);
    const thread = await advance(tx, locked.thread, { count: locked.thread.count + 1 });
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

/** See `Store.react`. */
export function react(
  db: PostgresJsDatabase,
  id: string,
  authorId: string,
  emoji: string,
  on: boolean,
): Promise<Written<{ row: ReplyRow }> | { is: 'same' | 'removed'; row: ReplyRow } | null> {
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    if (!locked) return null;
    const { reply, seq } = locked;
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    const mine = { replyId: id, authorId, emoji };
    const changed = on
      ? await tx.insert(reactions).values(mine).onConflictDoNothing().returning()
      : await tx
          .delete(reactions)
          .where(and(eq(reactions.replyId, id), eq(reactions.authorId, authorId), eq(reactions.emoji, emoji)))
          .returning();
    if (changed.length === 0) return { is: 'same', row: reply };
    const { [emoji]: was = 0, ...others } = reply.reactions ?? {};
    const now = was + (on ? 1 : -1);
    const set = { reactions: now > 0 ? { ...others, [emoji]: now } : others, seq };
    const [row] = await tx.update(replies).set(set).where(eq(replies.id, id)).returning();
    const thread = await advance(tx, locked.thread, null);
    return { is: 'written', row: row!, change: changeOf(thread, [], [counterOf(row!)]) };
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
