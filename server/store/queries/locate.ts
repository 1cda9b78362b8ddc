// Reads one reply with what stands around it, and what is new since a visit. Each list is a bounded walk along an index,
// so that it costs the same in a thread of a hundred replies and of a million.
import { DEPTH_MAX, LOCATE_LEFT_MAX } from '../../../shared/limits.js';
import type { Sort } from '../../../shared/views.js';
import type { LocatedRows, ReplyRow } from '../store.js';
import { descendants, listOrder } from './pages.js';
import { replyColumns, replyOf, type ReplyRecord, type Sql } from './rows.js';

/** Changed rows that are looked at for new ones: votes on old replies stand among them. */
const NEWS_SCAN_MAX = 5_000;

/** See `Store.locate`. One snapshot, so that the lists fit together. */
export async function readLocated(
  pool: Sql,
  threadId: string,
  id: string,
  sort: Sort,
  neighbours: number,
): Promise<LocatedRows | null> {
  return await pool.begin('isolation level repeatable read read only', async (tx) => {
    const sql = tx as unknown as Sql;
    const found = await sql<(ReplyRecord & { total: number; head: number })[]>`
      select ${replyColumns(sql)}, case when r.parent_id is null
          then (select t.roots from threads t where t.id = r.thread_id)
          else (select q.children from replies q where q.id = r.parent_id) end as total,
        (select t.head::float8 from threads t where t.id = r.thread_id) as head
      from replies r where r.id = ${id} and r.thread_id = ${threadId}`;
    if (!found[0]) return null;
    const { total, head, ...record } = found[0];
    const reply = replyOf(record);
    const list = reply.parentId === null ? sql`r.parent_id is null` : sql`r.parent_id = ${reply.parentId}`;
    const where = sql`r.thread_id = ${threadId} and ${list}`;
    const before = await sql<ReplyRecord[]>`select ${replyColumns(sql)} from replies r
      where ${where} ${beyond(sql, sort, reply, -1)} order by ${backwards(sql, sort)} limit ${neighbours}`;
    const after = await sql<ReplyRecord[]>`select ${replyColumns(sql)} from replies r
      where ${where} ${beyond(sql, sort, reply, 1)} order by ${listOrder(sql, sort)} limit ${neighbours}`;
    const last = after.at(-1) ?? reply;
    const [left] = await sql<{ n: number }[]>`select count(*)::int as n from (select 1 from replies r
      where ${where} ${beyond(sql, sort, last, 1)} order by ${listOrder(sql, sort)} limit ${LOCATE_LEFT_MAX}) x`;
    return {
      ancestors: await readAncestors(sql, reply),
      before: before.map(replyOf).toReversed(),
      reply,
      descendants: await descendants(sql, threadId, id, sort),
      after: after.map(replyOf),
      left: left!.n,
      total,
      head,
    };
  });
}

/** Behind (1) or before (-1) this row in the order of its list. */
function beyond(sql: Sql, sort: Sort, { born, rank }: { born: number; rank: number }, way: 1 | -1) {
  if (sort === 'best') {
    return way === 1
      ? sql`and (-r.rank, r.born) > (${-rank}, ${born})`
      : sql`and (-r.rank, r.born) < (${-rank}, ${born})`;
  }
  return (sort === 'oldest') === (way === 1) ? sql`and r.born > ${born}` : sql`and r.born < ${born}`;
}

/** `listOrder` the other way round. */
function backwards(sql: Sql, sort: Sort) {
  if (sort === 'best') return sql`r.parent_id desc, -r.rank desc, r.born desc`;
  return sort === 'oldest' ? sql`r.parent_id desc, r.born desc` : sql`r.parent_id, r.born`;
}

async function readAncestors(sql: Sql, { parentId, depth }: ReplyRow): Promise<ReplyRow[]> {
  if (parentId === null) return [];
  const rows = await sql<ReplyRecord[]>`
    with recursive up as (
      select r.id, r.parent_id, 1 as n from replies r where r.id = ${parentId}
      union all
      select r.id, r.parent_id, up.n + 1 from up join replies r on r.id = up.parent_id where up.n <= ${DEPTH_MAX}
    )
    select ${replyColumns(sql)} from up join replies r on r.id = up.id order by r.depth limit ${depth}`;
  return rows.map(replyOf);
}

/** See `Store.news`. What was born after a seq has changed after it, so the index of the changes finds it. */
export async function readNews(
  sql: Sql,
  threadId: string,
  from: number,
  except: string | null,
  { max, countMax }: { max: number; countMax: number },
): Promise<{ count: number; news: { id: string; root: string }[] }> {
  const rows = await sql<{ id: string; root: string }[]>`
    select id, root_id as root from (
      select r.id, r.root_id, r.born, r.state, r.author_id from replies r
      where r.thread_id = ${threadId} and r.seq > ${from} order by r.seq limit ${NEWS_SCAN_MAX}
    ) r where r.born > ${from} and r.state = 'published' and r.author_id is distinct from ${except}::uuid
    order by r.born limit ${countMax}`;
  return { count: rows.length, news: rows.slice(0, max).map(({ id, root }) => ({ id, root })) };
}
