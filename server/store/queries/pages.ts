// Reads pages of siblings with their first descendants, one statement a page. Each list is the top of an index
// (keyset, never an offset), so that a page costs the same in a thread of a hundred replies and of a million.
import type postgres from 'postgres';

import { FIRST_CHILDREN } from '../../../shared/limits.js';
import type { Sort } from '../../../shared/views.js';
import type { PageQuery, PageRows, ReplyRow, RowPlace, ThreadRow } from '../store.js';
import { replyColumns, replyOf, threadColumns, type ReplyRecord, type Sql } from './rows.js';

const orderBy = (sql: Sql, sort: Sort) =>
  sort === 'oldest' ? sql`r.born` : sort === 'newest' ? sql`r.born desc` : sql`-r.rank, r.born`;

/**
 * The same for one list of siblings, spelt as its index is: PostgreSQL does not take `parent_id is null` for a constant,
 * and without the column in front it would sort all roots of the thread for each page.
 */
export const listOrder = (sql: Sql, sort: Sort) =>
  sort === 'newest' ? sql`r.parent_id desc, r.born desc` : sql`r.parent_id, ${orderBy(sql, sort)}`;

function behind(sql: Sql, { sort, after }: PageQuery) {
  const last = after?.last;
  if (!last) return sql``;
  if (sort === 'oldest') return sql`and r.born > ${last.born}`;
  if (sort === 'newest') return sql`and r.born < ${last.born}`;
  return sql`and (-r.rank, r.born) > (${-last.rank}, ${last.born})`;
}

/** Rows with another rank that one page looks at, at most. */
const MOVED_SCAN_MAX = 100;

/**
 * What has moved to before the cursor of a best-first list since its rows were served, as CTEs: `back`, as many as a page
 * holds, and `seen`, how far that look has come. Null where nothing moves: in the other orders, and on a first page.
 */
function moved(sql: Sql, threadId: string, { parentId, after, limit }: PageQuery) {
  if (!after?.last || after.moved === null) return null;
  const { born, rank } = after.last;
  return sql`scan as materialized (
      select r.id, r.rank_seq, (-r.rank, r.born) <= (${-rank}, ${born}) as is_back from replies r
      where r.thread_id = ${threadId} and ${listOf(sql, parentId)} and r.rank_seq > ${after.moved}
      order by r.parent_id, r.rank_seq limit ${MOVED_SCAN_MAX}),
    back as materialized (select id, rank_seq from scan where is_back order by rank_seq limit ${limit}),
    seen as materialized (select case
        when (select count(*) from scan where is_back) > ${limit} then (select max(rank_seq) from back)
        when (select count(*) from scan) = ${MOVED_SCAN_MAX} then (select max(rank_seq) from scan)
        else t.head end as seq
      from threads t where t.id = ${threadId})`;
}

const listOf = (sql: Sql, parentId: string | null) =>
  parentId === null ? sql`r.parent_id is null` : sql`r.parent_id = ${parentId}`;

/** The rows of a page as CTEs `l0` (the siblings, one more than asked for) to `l3` and the select over them. */
function levels(sql: Sql, threadId: string, query: PageQuery) {
  const { parentId, sort, limit } = query;
  const list = sql`select r.* from replies r where r.thread_id = ${threadId} and ${listOf(sql, parentId)}
    ${behind(sql, query)} order by ${listOrder(sql, sort)} limit ${limit + 1}`;
  const before = moved(sql, threadId, query);
  if (!before) return levelsBelow(sql, threadId, sort, sql`l0 as materialized (${list})`);
  const first = sql`${before}, list as materialized (${list}), l0 as materialized (
    select r.* from back join replies r on r.id = back.id
    union all (select r.* from list r order by ${orderBy(sql, sort)} limit ${limit + 1} - (select count(*) from back)))`;
  return levelsBelow(sql, threadId, sort, first);
}

/** Below the rows of the CTE `l0`, which is `first`: their first descendants. */
function levelsBelow(sql: Sql, threadId: string, sort: Sort, first: postgres.PendingQuery<postgres.Row[]>) {
  const order = listOrder(sql, sort);
  const [k1, k2, k3] = FIRST_CHILDREN as [number, number, number];
  const next = (from: string, to: string, k: number) => sql`${sql(to)} as materialized (select c.* from ${sql(from)} p
    cross join lateral (select r.* from replies r where r.thread_id = ${threadId} and r.parent_id = p.id
    order by ${order} limit ${k}) c where p.children > 0)`;
  return sql`${first}, ${next('l0', 'l1', k1)}, ${next('l1', 'l2', k2)}, ${next('l2', 'l3', k3)},
    r as (select 0 as level, l0.* from l0 union all select 1, l1.* from l1 union all select 2, l2.* from l2
      union all select 3, l3.* from l3)`;
}

/** The first descendants of one reply, as a page shows them. */
export async function descendants(sql: Sql, threadId: string, id: string, sort: Sort): Promise<ReplyRow[]> {
  const first = sql`l0 as materialized (select r.* from replies r where r.id = ${id})`;
  const rows = await sql<Levelled[]>`with ${levelsBelow(sql, threadId, sort, first)}
    select r.level, ${replyColumns(sql)} from r where r.level > 0 order by r.level, ${orderBy(sql, sort)}`;
  return rows.map(({ level: _, ...row }) => replyOf(row));
}

type Levelled = ReplyRecord & { level: number };

/** What one statement found: `listTotal` counts the list that the page is of, `seen` is how far it looked for what moved. */
interface Found {
  rows: readonly Levelled[];
  listTotal: number;
  head: number;
  seen: number;
}

/** See `Store.page`. */
export async function readPage(sql: Sql, threadId: string, query: PageQuery): Promise<PageRows> {
  const head = sql`(select t.head::float8 from threads t where t.id = ${threadId})`;
  const records = await sql<(Levelled & Omit<Found, 'rows'>)[]>`
    with ${levels(sql, threadId, query)}
    select r.level, ${replyColumns(sql)}, ${
      query.parentId === null
        ? sql`(select t.roots from threads t where t.id = ${threadId})`
        : sql`(select q.children from replies q where q.id = ${query.parentId})`
    } as "listTotal", ${head} as head,
      ${moved(sql, threadId, query) ? sql`(select seq::float8 from seen)` : head} as seen
    from r order by r.level, ${orderBy(sql, query.sort)}`;
  const rows = records.map(({ listTotal: _, head: __, seen: ___, ...row }) => row);
  const { listTotal, head: now, seen } = records[0] ?? { listTotal: 0, head: 0, seen: 0 };
  return pageOf({ rows, listTotal, head: now, seen }, query);
}

/** See `Store.firstPage`. The first row alone carries the thread. */
export async function readFirstPage(
  sql: Sql,
  threadId: string,
  sort: Sort,
  limit: number,
): Promise<{ thread: ThreadRow; page: PageRows } | null> {
  const query: PageQuery = { parentId: null, sort, after: null, limit };
  const order = sql`r.level, ${orderBy(sql, sort)}`;
  const records = await sql<(Levelled & { thread: ThreadRow | null })[]>`
    with ${levels(sql, threadId, query)}
    select case when row_number() over (order by ${order}) = 1
        then (select row_to_json(x) from (select ${threadColumns(sql)}) x) end as thread, r.level, ${replyColumns(sql)}
    from threads t left join r on true where t.id = ${threadId} order by ${order}`;
  const thread = records[0]?.thread;
  if (!thread) return null;
  const rows = records.filter((record) => record.id !== null).map(({ thread: _, ...row }) => row);
  return { thread, page: pageOf({ rows, listTotal: thread.roots, head: thread.head, seen: thread.head }, query) };
}

/** Takes the row that was read to see whether there are more, and what hangs on it, out again. */
function pageOf({ rows: found, listTotal, head, seen }: Found, query: PageQuery): PageRows {
  const { sort, after, limit } = query;
  const siblings = found.filter((row) => row.level === 0);
  const extra = siblings.length > limit ? siblings.pop()!.id : null;
  const rows: ReplyRow[] = [];
  const dropped = new Set(extra === null ? [] : [extra]);
  for (const { level: _, ...row } of found) {
    const isOut = row.id === extra || (row.parentId !== null && dropped.has(row.parentId));
    if (isOut) dropped.add(row.id);
    else rows.push(replyOf(row));
  }
  // What has moved to before the cursor stands first, and leaves it where it is.
  const ahead = siblings.filter((row) => !after?.last || sort !== 'best' || isBehind(row, after.last));
  const last = ahead.at(-1) ?? after?.last;
  if ((extra === null && seen === head) || !last) return { rows, next: null, head };
  // The newest-first list grows at its front: what is left behind this page is told by its size when it was begun.
  const total = sort === 'newest' && after ? after.total : listTotal;
  const served = (after?.served ?? 0) + ahead.length;
  const place = { born: last.born, rank: last.rank };
  return { rows, next: { sort, last: place, served, total, moved: sort === 'best' ? seen : null }, head };
}

/** In the order of the best first. */
const isBehind = (row: RowPlace, last: RowPlace): boolean =>
  row.rank < last.rank || (row.rank === last.rank && row.born > last.born);
