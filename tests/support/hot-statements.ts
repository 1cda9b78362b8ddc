// The statements of the store that readers and writers run all the time, each with what it may cost in a thread and in a
// database of any size. The plans' test and the benchmark of sizes hold the product to the same bounds.
import { newId } from '../../shared/ids.js';
import {
  CATCH_UP_ROWS_MAX,
  COUNT_KEYS_MAX,
  LOCATE_NEIGHBOURS,
  NEWS_COUNT_MAX,
  NEWS_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
} from '../../shared/limits.js';
import type { Sort } from '../../shared/views.js';
import type { Sql } from '../../server/database/connect.js';
import type { PageCursor, Store } from '../../server/store/store.js';
import { rank } from '../../server/threads/rank.js';
import type { Bound } from './explained.js';

export const SORTS: readonly Sort[] = ['oldest', 'newest', 'best'];
const HEADS = 200;
/** 20 rows with 4 children each and one more to see whether there is another page, in several nodes. */
const PAGE: Bound = { rows: 400, blocks: 800 };

/** A thread, and what there is to ask about it. */
export interface Subject {
  id: string;
  siteId: string;
  author: string;
  head: number;
  roots: number;
  /** The root with most answers. */
  aRoot: string;
  /** Where a page far down begins, and the first row of it. */
  far: Record<Sort, { number: number; cursor: PageCursor; id: string }>;
  /** Other threads of the database, as many as there are up to 200. */
  others: { id: string; key: string }[];
}

export interface HotStatement {
  /** With the id of the rule that bounds it. */
  name: string;
  bound: Bound;
  /** Runs it once; resolves to how much it found. */
  run(store: Store, subject: Subject): Promise<number>;
  /** Less would mean that nothing was measured. */
  least: number;
}

export async function subjectOf(sql: Sql, id: string): Promise<Subject> {
  const [thread] = await sql<[{ siteId: string; head: number; roots: number }]>`
    select site_id as "siteId", head::float8 as head, roots from threads where id = ${id}`;
  const [top] = await sql<[{ id: string; author: string }]>`
    select id, author_id as author from replies where thread_id = ${id} and parent_id is null
    order by children desc, born limit 1`;
  const others = await sql<{ id: string; key: string }[]>`
    select id, key from threads where id <> ${id} order by id limit ${HEADS}`;
  // Page 1,000 of a large thread, the middle one of a smaller one.
  const number = Math.max(2, Math.min(1_000, Math.floor(thread.roots / PAGE_DEFAULT / 2)));
  const far = Object.fromEntries(
    await Promise.all(SORTS.map(async (sort) => [sort, { number, ...(await startOf(sql, id, sort, number, thread)) }])),
  ) as Subject['far'];
  return { ...thread, id, author: top.author, aRoot: top.id, far, others: [...others] };
}

async function startOf(
  sql: Sql,
  id: string,
  sort: Sort,
  number: number,
  { roots, head }: { roots: number; head: number },
) {
  const served = (number - 1) * PAGE_DEFAULT;
  const orders = { oldest: 'born', newest: 'born desc', best: '-rank, born' };
  const [last, next] = await sql.unsafe<{ id: string; born: number; rank: number }[]>(
    `select id, born::float8 as born, rank from replies where thread_id = '${id}' and parent_id is null
     order by ${orders[sort]} offset ${served - 1} limit 2`,
  );
  const place = { born: last!.born, rank: last!.rank };
  const cursor: PageCursor = { sort, last: place, served, total: roots, moved: sort === 'best' ? head : null };
  return { cursor, id: next!.id };
}

/** A fresh list: what it writes is told from what another one writes. */
export function hotStatements(): HotStatement[] {
  const mine = { id: '', rev: 0, value: 0 as 0 | 1 };
  return [
    ...SORTS.map((sort): HotStatement => ({
      name: `the first page, ${sort} first`,
      bound: PAGE,
      least: PAGE_DEFAULT,
      run: async (store, { id }) => (await store.firstPage(id, sort, PAGE_DEFAULT))!.page.rows.length,
    })),
    ...SORTS.map((sort): HotStatement => ({
      name: `page 1,000, ${sort} first`,
      bound: PAGE,
      least: PAGE_DEFAULT,
      run: async (store, { id, far }) => {
        const { rows } = await store.page(id, { parentId: null, sort, after: far[sort].cursor, limit: PAGE_DEFAULT });
        return rows.filter((row) => row.parentId === null).length;
      },
    })),
    ...SORTS.map((sort): HotStatement => ({
      name: `a page of a branch, ${sort} first`,
      bound: PAGE,
      least: 2,
      run: async (store, { id, aRoot }) =>
        (await store.page(id, { parentId: aRoot, sort, after: null, limit: PAGE_MAX })).rows.length,
    })),
    ...SORTS.map((sort): HotStatement => ({
      name: `[VIEW8] a permalink, ${sort} first`,
      // What is behind it is counted up to 1,000.
      bound: { rows: 1_000, blocks: 1_200 },
      least: 1,
      run: async (store, { id, far }) =>
        Number((await store.locate(id, far[sort].id, sort, LOCATE_NEIGHBOURS)) !== null),
    })),
    {
      name: '[VIEW9] what is new since a visit',
      bound: { rows: 5_000, blocks: 800 },
      least: 1,
      run: async (store, { id }) => (await store.news(id, 0, null, { max: NEWS_MAX, countMax: NEWS_COUNT_MAX })).count,
    },
    {
      name: '[SEQ4] catching up with 200 changes',
      bound: { rows: CATCH_UP_ROWS_MAX, blocks: 120 },
      least: 100,
      run: async (store, { id, head }) => {
        const change = (await store.changes(id, head - 200, CATCH_UP_ROWS_MAX))?.change;
        return (change?.rows.length ?? 0) + (change?.counters.length ?? 0);
      },
    },
    {
      name: '[SEQ4] being too far behind',
      bound: { rows: CATCH_UP_ROWS_MAX + 1, blocks: 120 },
      least: 1,
      run: async (store, { id }) => Number((await store.changes(id, 0, CATCH_UP_ROWS_MAX))?.change === null),
    },
    {
      name: '[PUMP3] the heads of 200 threads',
      bound: { rows: HEADS, blocks: 5 * HEADS },
      least: 1,
      run: async (store, { others }) => (await store.heads(others.map(({ id }) => id))).length,
    },
    {
      name: 'the counts of 100 threads',
      bound: { rows: COUNT_KEYS_MAX, blocks: 6 * COUNT_KEYS_MAX },
      least: 1,
      run: async (store, { siteId, others }) =>
        (
          await store.counts(
            siteId,
            others.slice(0, COUNT_KEYS_MAX).map(({ key }) => key),
          )
        ).size,
    },
    {
      name: 'a thread by its key',
      bound: { rows: 1, blocks: 8 },
      least: 1,
      run: async (store, { siteId, others }) => Number((await store.findThread(siteId, others[0]!.key)) !== null),
    },
    {
      name: '[SEQ1] a reply',
      bound: { rows: 10, blocks: 200 },
      least: 1,
      run: async (store, { id, siteId, author, aRoot }) => {
        const writer = { id: author, siteId, name: 'Ana', badge: 'guest' as const };
        Object.assign(mine, { id: newId(), rev: 1, value: 0 });
        const reply = { id: mine.id, parentId: aRoot, author: writer, body: 'x', html: '<p>x</p>', renderer: 1 };
        return (await store.createReplies(id, [reply])).change?.rows.length ?? 0;
      },
    },
    {
      name: '[SEQ1] an edit',
      bound: { rows: 10, blocks: 120 },
      least: 1,
      run: async (store) => {
        const done = await store.editReply(mine.id, mine.rev++, { body: 'y', html: '<p>y</p>', renderer: 1 });
        return Number(done?.is === 'written');
      },
    },
    {
      name: '[SEQ1] a vote',
      bound: { rows: 10, blocks: 120 },
      least: 1,
      run: async (store, { author }) => {
        mine.value = mine.value === 0 ? 1 : 0;
        return Number((await store.choose(mine.id, [{ authorId: author, value: mine.value }], rank))?.is === 'written');
      },
    },
    {
      name: 'own votes on a page',
      bound: { rows: 50, blocks: 200 },
      least: 0,
      run: async (store, { author, aRoot }) => (await store.votes(author, [mine.id, aRoot])).size,
    },
  ];
}
