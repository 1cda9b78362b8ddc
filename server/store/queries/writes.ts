// Edits, removals, votes, reactions and closing: transactions that lock the thread first, so that what they then read and write
// is one consistent step of its clock (SEQ1, SEQ2), and that leave the clock alone where nothing changes (SEQ3).
import { and, eq, gt, inArray, or, sql } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

import { reactions, replies, revisions, threads, votes } from '../../../drizzle/schema.js';
import type { ThreadMode } from '../../../shared/views.js';
import {
  counterOf,
  type Change,
  type Choice,
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

/** See `Store.choose`. */
export function choose(
  db: PostgresJsDatabase,
  id: string,
  choices: readonly Choice[],
  rankOf: (ups: number, downs: number) => number,
): Promise<Written<{ row: ReplyRow }> | { is: 'same' | 'removed'; row: ReplyRow } | null> {
  return db.transaction(async (tx) => {
    const locked = await lock(tx, id);
    if (!locked) return null;
    const { reply, seq } = locked;
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    const votesNow = await cast(tx, reply, choices);
    const reactionsNow = await react(tx, reply, choices);
    if (!votesNow && !reactionsNow) return { is: 'same', row: reply };
    const rank = votesNow ? rankOf(votesNow.ups, votesNow.downs) : reply.rank;
    const set = {
      seq,
      ...votesNow,
      ...(rank !== reply.rank && { rank, rankSeq: seq }),
      ...(reactionsNow && { reactions: reactionsNow }),
    };
    const [row] = await tx.update(replies).set(set).where(eq(replies.id, id)).returning();
    const thread = await advance(tx, locked.thread, null);
    return { is: 'written', row: row!, change: changeOf(thread, [], [counterOf(row!)]) };
  });
}

/** The votes among the choices; null where they change nothing. */
async function cast(tx: Tx, { id, ups, downs }: Full, choices: readonly Choice[]) {
  const wishes = new Map(choices.flatMap((one) => ('value' in one ? [[one.authorId, one.value] as const] : [])));
  if (wishes.size === 0) return null;
  const there = await tx
    .select()
    .from(votes)
    .where(and(eq(votes.replyId, id), inArray(votes.authorId, [...wishes.keys()])));
  const was = new Map(there.map(({ authorId, value }) => [authorId, value]));
  const changed = [...wishes].filter(([authorId, value]) => (was.get(authorId) ?? 0) !== value);
  if (changed.length === 0) return null;
  const gone = changed.filter(([, value]) => value === 0).map(([authorId]) => authorId);
  if (gone.length > 0) await tx.delete(votes).where(and(eq(votes.replyId, id), inArray(votes.authorId, gone)));
  const given = changed.flatMap(([authorId, value]) => (value === 0 ? [] : [{ replyId: id, authorId, value }]));
  if (given.length > 0) {
    const set = { value: sql`excluded.value` };
    await tx
      .insert(votes)
      .values(given)
      .onConflictDoUpdate({ target: [votes.replyId, votes.authorId], set });
  }
  const sum = (value: number): number =>
    changed.reduce((all, [author, now]) => all + Number(now === value) - Number(was.get(author) === value), 0);
  return { ups: ups + sum(1), downs: downs + sum(-1) };
}

/** The emoji among the choices, as they are counted then; null where they change nothing. */
async function react(tx: Tx, { id, reactions: counts }: Full, choices: readonly Choice[]) {
  const wishes = new Map(
    choices.flatMap((one) => ('emoji' in one ? [[`${one.authorId} ${one.emoji}`, one] as const] : [])),
  );
  if (wishes.size === 0) return null;
  const row = ({ authorId, emoji }: { authorId: string; emoji: string }) => ({ replyId: id, authorId, emoji });
  const on = [...wishes.values()].filter((one) => one.on).map(row);
  const off = [...wishes.values()].filter((one) => !one.on).map(row);
  const come = on.length > 0 ? await tx.insert(reactions).values(on).onConflictDoNothing().returning() : [];
  const theirs = or(...off.map((one) => and(eq(reactions.authorId, one.authorId), eq(reactions.emoji, one.emoji))));
  const gone =
    off.length > 0
      ? await tx
          .delete(reactions)
          .where(and(eq(reactions.replyId, id), theirs))
          .returning()
      : [];
  if (come.length + gone.length === 0) return null;
  const now: Record<string, number> = { ...counts };
  for (const { emoji } of come) now[emoji] = (now[emoji] ?? 0) + 1;
  for (const { emoji } of gone) now[emoji] = (now[emoji] ?? 0) - 1;
  return Object.fromEntries(Object.entries(now).filter(([, n]) => n > 0));
}

/** See `Store.setThreadState`; null also where the thread is in that state already. */
export function setThreadState(db: PostgresJsDatabase, id: string, state: ThreadMode): Promise<Change | null> {
  return db.transaction(async (tx) => {
    const thread = await lockThread(tx, id);
    if (!thread || thread.state === state) return null;
    return changeOf(await advance(tx, thread, { state }), [], []);
  });
}
