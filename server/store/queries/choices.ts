// Votes and reactions: what several people chose on one reply, in a transaction that begins with the thread's lock
// (locked.ts) and leaves its clock alone where nothing changes (SEQ3).
import { and, eq, or, sql } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

import { reactions, replies, votes } from '../../../drizzle/schema.js';
import { counterOf, type Choice, type ReplyRow, type Written } from '../store.js';
import { advance, changeOf, known, step, type FullReply, type Tx } from './locked.js';
import { uuids } from './rows.js';

/** See `Store.choose`. */
export function choose(
  db: PostgresJsDatabase,
  id: string,
  choices: readonly Choice[],
  rankOf: (ups: number, downs: number) => number,
): Promise<Written<{ row: ReplyRow }> | { is: 'same' | 'removed' | 'closed'; row: ReplyRow } | null> {
  return step(db, id, async (tx, { thread: before, reply, seq }) => {
    if (reply.state === 'removed') return { is: 'removed', row: reply };
    if (before.state === 'closed') return { is: 'closed', row: reply };
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
    const [row] = await known(tx.update(replies).set(set).where(eq(replies.id, id)).returning());
    const thread = await advance(tx, before, null);
    return { is: 'written', row: row!, change: changeOf(thread, [], [counterOf(row!)]) };
  });
}

/** The votes among the choices; null where they change nothing. */
async function cast(tx: Tx, { id, ups, downs }: FullReply, choices: readonly Choice[]) {
  const wishes = new Map(choices.flatMap((one) => ('value' in one ? [[one.authorId, one.value] as const] : [])));
  if (wishes.size === 0) return null;
  const byThem = (authors: string[]) =>
    and(eq(votes.replyId, id), sql`${votes.authorId} = any(${uuids(authors)}::uuid[])`);
  const there = await known(
    tx
      .select()
      .from(votes)
      .where(byThem([...wishes.keys()])),
  );
  const was = new Map(there.map(({ authorId, value }) => [authorId, value]));
  const changed = [...wishes].filter(([authorId, value]) => (was.get(authorId) ?? 0) !== value);
  if (changed.length === 0) return null;
  const gone = changed.filter(([, value]) => value === 0).map(([authorId]) => authorId);
  if (gone.length > 0) await known(tx.delete(votes).where(byThem(gone)));
  const given = changed.flatMap(([authorId, value]) => (value === 0 ? [] : [{ replyId: id, authorId, value }]));
  if (given.length > 0) {
    const set = { value: sql`excluded.value` };
    const insert = tx
      .insert(votes)
      .values(given)
      .onConflictDoUpdate({ target: [votes.replyId, votes.authorId], set });
    // Of many there is a form for each number.
    await (given.length === 1 ? known(insert) : insert);
  }
  const sum = (value: number): number =>
    changed.reduce((all, [author, now]) => all + Number(now === value) - Number(was.get(author) === value), 0);
  return { ups: ups + sum(1), downs: downs + sum(-1) };
}

/** The emoji among the choices, as they are counted then; null where they change nothing. */
async function react(tx: Tx, { id, reactions: counts }: FullReply, choices: readonly Choice[]) {
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
