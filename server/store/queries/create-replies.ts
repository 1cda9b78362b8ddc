// Inserts replies and moves the thread's clock in one statement (SEQ1): the row lock of the thread lives inside it, so
// that seq order is commit order (SEQ2), and nothing moves where it fails (SEQ3).
import { DEPTH_MAX } from '../../../shared/limits.js';
import type { Change, CounterRow, NewReply, ThreadRow } from '../store.js';
import { threadColumns, type Sql } from './rows.js';

interface Made {
  id: string;
  rootId: string;
  depth: number;
  born: number;
  createdAt: string;
}

interface Inserted {
  thread: ThreadRow;
  from: number;
  made: Made[];
  counters: CounterRow[];
}

/**
 * Inserts those of the replies that can be: new id, open thread, published parent in the same thread that is not too
 * deep. Null: none could. A parent that stands in the same call is not seen, so the caller has to split there.
 * Throws the driver's 23505 when the same id was inserted elsewhere meanwhile, 23502 when a parent was removed while this waited
 * for the lock, 23503 when it was deleted; nothing is inserted then, and another try sees it.
 */
export async function insertReplies(
  sql: Sql,
  threadId: string,
  replies: readonly NewReply[],
): Promise<Inserted | null> {
  const items = replies.map(({ author, ...reply }) => ({
    ...reply,
    authorId: author.id,
    authorName: author.name,
    authorBadge: author.badge,
  }));
  const [found] = await sql<(ThreadRow & { made: Made[]; counters: CounterRow[] | null })[]>`
    with item as (
      select * from rows from (jsonb_to_recordset(${JSON.stringify(items)}::jsonb) as (id uuid, "parentId" uuid, "authorId" uuid,
        "authorName" text, "authorBadge" text, body text, html text, renderer smallint, answers int, mentions uuid[]))
        with ordinality as i(id, parent_id, author_id, author_name, author_badge, body, html, renderer, answers, mentions, n)
    ), ok as (
      select item.*, p.root_id as parent_root, p.depth as parent_depth, row_number() over (order by item.n) as place
      from item left join lateral (
        -- One parent at a time: joined as tables, the whole thread would be read where most threads are small.
        select r.root_id, r.depth, r.state from replies r
        where r.id = item.parent_id and r.thread_id = ${threadId} limit 1
      ) p on true
      where (item.parent_id is null or (p.state = 'published' and p.depth < ${DEPTH_MAX}))
        and not exists (select 1 from replies r where r.id = item.id)
    ), sum as (
      select count(*)::int as total, (count(*) filter (where parent_id is null))::int as roots from ok
    ), t as (
      update threads set head = head + sum.total, info_seq = head + sum.total, count = count + sum.total,
        roots = threads.roots + sum.roots
      from sum where threads.id = ${threadId} and state = 'open' and sum.total > 0
      returning threads.*, sum.total as total
    ), made as (
      insert into replies (id, thread_id, parent_id, root_id, depth, born, seq, body_seq, author_id, author_name,
        author_badge, body, html, renderer, answers, mentions)
      select ok.id, t.id, ok.parent_id, coalesce(ok.parent_root, ok.id), coalesce(ok.parent_depth + 1, 0),
        t.head - t.total + ok.place, t.head - t.total + ok.place, t.head - t.total + ok.place, ok.author_id,
        ok.author_name, ok.author_badge, ok.body, ok.html, ok.renderer, ok.answers, ok.mentions
      from ok, t
      returning id, root_id, depth, born, created_at
    ), touched as (
      update replies r set replies = r.replies + c.n, children = r.children + c.n,
        -- What is read here is as the lock shows it: no seq is the error of a parent that was removed before we had it.
        seq = case r.state when 'published' then t.head - t.total + c.place end
      from t, (select parent_id, count(*)::int as n, max(place) as place from ok where parent_id is not null
        group by parent_id) c
      where r.id = c.parent_id
      returning r.id, r.seq, r.ups, r.downs, r.replies, r.reactions
    )
    select ${threadColumns(sql)},
      (select json_agg(json_build_object('id', id, 'rootId', root_id, 'depth', depth, 'born', born,
        'createdAt', created_at)) from made) as made,
      (select json_agg(touched) from touched) as counters
    from t`;
  if (!found) return null;
  const { made, counters, ...thread } = found;
  return { thread, made, counters: counters ?? [], from: thread.head - made.length };
}

/** The change that an insertion made, with the rows as they now are. */
export function changeOf(threadId: string, inserted: Inserted, replies: readonly NewReply[]): Change {
  const given = new Map(replies.map((reply) => [reply.id, reply]));
  const rows = inserted.made.map((made) => {
    const reply = given.get(made.id)!;
    return {
      id: made.id,
      threadId,
      parentId: reply.parentId,
      rootId: made.rootId,
      depth: made.depth,
      born: made.born,
      seq: made.born,
      bodySeq: made.born,
      rev: 1,
      authorId: reply.author.id,
      authorName: reply.author.name,
      authorBadge: reply.author.badge,
      html: reply.html,
      state: 'published' as const,
      ups: 0,
      downs: 0,
      rank: 0,
      replies: 0,
      children: 0,
      reactions: null,
      answers: reply.answers ?? null,
      mentions: reply.mentions ?? null,
      createdAt: new Date(made.createdAt),
      editedAt: null,
    };
  });
  rows.sort((a, b) => a.born - b.born);
  const counters = inserted.counters.toSorted((a, b) => a.seq - b.seq);
  return { thread: inserted.thread, from: inserted.from, to: inserted.thread.head, rows, counters };
}
