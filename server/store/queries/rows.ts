// Column lists of the hot statements and how their rows become the store's. Positions are cast to float8, which the
// driver gives as numbers: exact below 2^53.
import type postgres from 'postgres';

import { counterOf, type CounterRow, type ReplyRow } from '../store.js';

export type Sql = postgres.Sql;

/** The columns of a thread `t`. */
export const threadColumns = (sql: Sql) => sql`
  t.id, t.site_id as "siteId", t.key, t.url, t.title, t.state, t.epoch, t.head::float8 as head,
  t.info_seq::float8 as "infoSeq", t.count, t.roots`;

/** The columns of a reply `r`, without its Markdown. */
export const replyColumns = (sql: Sql) => sql`
  r.id, r.thread_id as "threadId", r.parent_id as "parentId", r.root_id as "rootId", r.depth, r.born::float8 as born,
  r.seq::float8 as seq, r.body_seq::float8 as "bodySeq", r.rev, r.author_id as "authorId", r.author_name as "authorName",
  r.author_badge as "authorBadge", r.html, r.state, r.ups, r.downs, r.rank, r.replies, r.children,
  r.reactions, r.answers, to_json(r.mentions) as mentions,
  ${timeColumns(sql)}`;

/** A list of ids as PostgreSQL writes one: the driver knows no types of lists, see `connect`. */
export const uuids = (ids: readonly string[]): string => `{${ids.join()}}`;

/** Times in Unix milliseconds: the driver's own parser is switched off by Drizzle, which shares it. */
export const timeColumns = (sql: Sql) => sql`
  (extract(epoch from r.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from r.edited_at) * 1000)::float8 as "editedAt"`;

/** A reply as the columns above give it. */
export type ReplyRecord = Omit<ReplyRow, 'createdAt' | 'editedAt'> & { createdAt: number; editedAt: number | null };

export function replyOf({ createdAt, editedAt, ...row }: ReplyRecord): ReplyRow {
  return { ...row, createdAt: new Date(createdAt), editedAt: editedAt === null ? null : new Date(editedAt) };
}

/** Splits changed rows into those whose text or state changed after `from` and those of which only counters did. */
export function splitChanged(rows: readonly ReplyRow[], from: number): { rows: ReplyRow[]; counters: CounterRow[] } {
  return {
    rows: rows.filter((row) => row.bodySeq > from),
    counters: rows.filter((row) => row.bodySeq <= from).map(counterOf),
  };
}
