// Reads what changed after a seq, head and rows from one snapshot (PUMP1).
import type { Changes, ReplyRow, ThreadRow } from '../store.js';
import { replyColumns, replyOf, splitChanged, threadColumns, timeColumns, type ReplyRecord, type Sql } from './rows.js';

type Joined = { thread: ThreadRow; reply: ReplyRow | null };

/** See `Store.changes`. Text is not read for rows of which only counters changed. */
export async function readChanges(sql: Sql, threadId: string, from: number, limit: number): Promise<Changes | null> {
  const records = await sql<Record<string, unknown>[]>`
    select ${threadColumns(sql)}, c.*
    from threads t left join lateral (
      select r.id as "replyId", r.thread_id as "threadId", r.parent_id as "parentId", r.root_id as "rootId", r.depth,
        r.born::float8 as born, r.seq::float8 as seq, r.body_seq::float8 as "bodySeq", r.rev,
        r.author_id as "authorId", r.author_name as "authorName", r.author_badge as "authorBadge",
        case when r.body_seq > ${from} then r.html else '' end as html, r.state as "replyState", r.ups, r.downs, r.rank,
        r.replies, r.children, r.reactions, r.answers, to_json(r.mentions) as mentions, ${timeColumns(sql)}
      from replies r where r.thread_id = t.id and r.seq > ${from}
      order by r.seq limit ${limit + 1}
    ) c on true
    where t.id = ${threadId}
    order by c.seq`;
  if (records.length === 0) return null;
  const joined = records.map(split);
  const { thread } = joined[0]!;
  const rows = joined.flatMap(({ reply }) => reply ?? []);
  if (rows.length > limit) return { thread, change: null };
  return { thread, change: { thread, from, to: thread.head, ...splitChanged(rows, from) } };
}

function split(record: Record<string, unknown>): Joined {
  const { id, siteId, key, url, title, state, epoch, head, infoSeq, count, roots, ...rest } = record;
  const thread = { id, siteId, key, url, title, state, epoch, head, infoSeq, count, roots } as ThreadRow;
  const { replyId, replyState, ...reply } = rest;
  const found = { ...reply, id: replyId, state: replyState } as ReplyRecord;
  return { thread, reply: replyId ? replyOf(found) : null };
}

/** One reply; see `Store.reply`. */
export async function readReply(sql: Sql, id: string): Promise<ReplyRow | null> {
  const [row] = await sql<ReplyRecord[]>`select ${replyColumns(sql)} from replies r where r.id = ${id}`;
  return row ? replyOf(row) : null;
}
