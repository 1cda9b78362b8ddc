// Reads pages of siblings with their first descendants, one statement a page. Each list is the top of an index
// (keyset, never an offset), so that a page costs the same in a thread of a hundred replies and of a million.
import type postgres from 'postgres';

import { FIRST_CHILDREN } from '../../../shared/limits.js';
import type { Sort } from '../../../shared/views.js';
import type { PageQuery, PageRows, ReplyRow, ThreadRow } from '../store.js';
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

/** The rows of a page as CTEs `l0` (the siblings, one more than asked for) to `l3` and the select over them. */
function levels(sql: Sql, threadId: string, query: PageQuery) {
  const parent = query.parentId === null ? sql`r.parent_id is null` : sql`r.parent_id = ${query.parentId}`;
  const first = sql`l0 as materialized (select r.* from replies r where r.thread_id = ${threadId} and ${parent}
    ${behind(sql, query)} order by ${listOrder(sql, query.sort)} limit ${query.limit + 1})`;
  return levelsBelow(sql, threadId, query.sort, first);
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

/** The rows of one statement: `listTotal` counts the list that the page is of. */
interface Found {
  rows: readonly Levelled[];
  listTotal: number;
}

/** See `Store.page`. */
export async function readPage(sql: Sql, threadId: string, query: PageQuery): Promise<PageRows> {
  const records = await sql<(Levelled & { listTotal: number })[]>`
    with ${levels(sql, threadId, query)}
    select r.level, ${replyColumns(sql)}, ${
      query.parentId === null
        ? sql`(select t.roots from threads t where t.id = ${threadId})`
        : sql`(select q.children from replies q where q.id = ${query.parentId})`
    } as "listTotal"
    from r order by r.level, ${orderBy(sql, query.sort)}`;
  const rows = records.map(({ listTotal: _, ...row }) => row);
  return pageOf({ rows, listTotal: records[0]?.listTotal ?? 0 }, query);
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
  return { thread, page: pageOf({ rows, listTotal: thread.roots }, query) };
}

/** Takes the row that was read to see whether there are more, and what hangs on it, out again. */
function pageOf({ rows: found, listTotal }: Found, query: PageQuery): PageRows {
  const siblings = found.filter((row) => row.level === 0);
  const extra = siblings.length > query.limit ? siblings.at(-1)!.id : null;
  const rows: ReplyRow[] = [];
  const dropped = new Set(extra === null ? [] : [extra]);
  for (const { level: _, ...row } of found) {
    const isOut = row.id === extra || (row.parentId !== null && dropped.has(row.parentId));
    if (isOut) dropped.add(row.id);
    else rows.push(replyOf(row));
  }
  const last = rows.findLast((row) => row.parentId === query.parentId);
  if (extra === null || !last) return { rows, next: null };
  // The newest-first list grows at its front: what is left behind this page is told by its size when it was begun.
  const total = query.sort === 'newest' && query.after ? query.after.total : listTotal;
  const served = (query.after?.served ?? 0) + Math.min(siblings.length, query.limit);
  return { rows, next: { sort: query.sort, last: { born: last.born, rank: last.rank }, served, total } };
}
