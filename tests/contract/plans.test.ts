// What the hot statements cost in a thread of 100,000 replies: each reads the few rows that it answers with, through an
// index, whether PostgreSQL plans for the parameters or for all of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import {
  CATCH_UP_ROWS_MAX,
  LOCATE_NEIGHBOURS,
  NEWS_COUNT_MAX,
  NEWS_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
} from '../../shared/limits.js';
import type { Sort } from '../../shared/views.js';
import { PostgresStore } from '../../server/store/postgres.js';
import type { PageCursor } from '../../server/store/store.js';
import { rank } from '../../server/threads/rank.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { explainedPool, nodesOf, type Explained, type PlanNode } from '../support/explained.js';
import { makeLargeThread, type LargeThread } from '../support/large-thread.js';

const TOTAL = 100_000;
const ROOTS = 30_000;
/** PostgreSQL may go over to a generic plan after the fifth run. */
const RUNS = 10;
const SORTS: readonly Sort[] = ['oldest', 'newest', 'best'];

let database: TestDatabase;
let large: LargeThread;
let aRoot: string;

beforeAll(async () => {
  database = await createTestDatabase();
  large = await makeLargeThread(database.sql, { total: TOTAL, roots: ROOTS });
  for (let n = 0; n < 20; n++) await makeLargeThread(database.sql, { total: 50, roots: 20 });
  await database.sql`analyze`;
  const [row] = await database.sql<[{ id: string }]>`select md5(${large.id} || 1)::uuid as id`;
  aRoot = row.id;
}, 60_000);
afterAll(() => database.drop());

/** Where the page `number` of the roots begins, the pages being of the usual size. */
async function startOfPage(sort: Sort, number: number): Promise<PageCursor> {
  const served = (number - 1) * PAGE_DEFAULT;
  const orders = { oldest: 'born', newest: 'born desc', best: '-rank, born' };
  const [last] = await database.sql.unsafe<[{ born: number; rank: number }]>(
    `select born::float8 as born, rank from replies where thread_id = '${large.id}' and parent_id is null
     order by ${orders[sort]} offset ${served - 1} limit 1`,
  );
  return { sort, last, served, total: ROOTS, moved: sort === 'best' ? TOTAL : null };
}

function read(plan: PlanNode): number {
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

function rowsOf(node: PlanNode): number {
  return (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
}

/** No scan of a whole table, no node that handles more rows than the answer can have, few pages. */
function mustBeCheap(plan: PlanNode, { rows, blocks }: { rows: number; blocks: number }): void {
  const nodes = nodesOf(plan);
  const scanned = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
  expect(scanned, 'tables that were read as a whole').not.toContain('replies');
  const widest = nodes.toSorted((a, b) => rowsOf(b) - rowsOf(a))[0]!;
  expect(rowsOf(widest), `rows of ${widest['Node Type']} ${widest['Index Name'] ?? ''}`).toBeLessThanOrEqual(rows);
  expect(read(plan), 'buffers').toBeLessThanOrEqual(blocks);
}

describe.each([
  { plans: 'generic plans', generic: true },
  { plans: 'the plans that ten runs lead to', generic: false },
])('with $plans', ({ generic }) => {
  let pool: Explained;
  let store: PostgresStore;
  beforeAll(async () => {
    pool = await explainedPool(database.url, { generic });
    store = new PostgresStore(pool);
  });
  afterAll(() => pool.close());

  async function plansOf(run: () => Promise<unknown>): Promise<PlanNode[]> {
    pool.takePlans();
    for (let n = 0; n < RUNS; n++) await run();
    const plans = pool.takePlans();
    expect(plans.length).toBeGreaterThanOrEqual(RUNS);
    return plans;
  }

  // 20 rows with 4 children each and one more to see whether there is another page, in several nodes.
  const page = { rows: 400, blocks: 800 };

  it.each(SORTS)('the first page, %s first, reads its own rows only', async (sort) => {
    const plans = await plansOf(() => store.firstPage(large.id, sort, PAGE_DEFAULT));
    for (const plan of plans) mustBeCheap(plan, page);
  });

  it.each([null, 'a root'])(
    '[VIEW6] looking for what has moved costs no more than the largest look (%s)',
    async (list) => {
      const parentId = list && aRoot;
      const query = { parentId, sort: 'best' as const, limit: PAGE_DEFAULT };
      const [last] = await database.sql<[{ born: number; rank: number }]>`
      select born::float8 as born, rank from replies where thread_id = ${large.id} and parent_id is null
      order by -rank, born offset 10000 limit 1`;
      const after = { sort: 'best' as const, last, served: 10_000, total: ROOTS, moved: ROOTS / 2 };
      const plans = await plansOf(() => store.page(large.id, { ...query, after }));
      for (const plan of plans) mustBeCheap(plan, { rows: 400, blocks: 1_000 });
    },
  );

  it.each(SORTS)('page 1,000, %s first, costs what the first one costs', async (sort) => {
    const after = await startOfPage(sort, 1_000);
    const plans = await plansOf(async () => {
      const { rows } = await store.page(large.id, { parentId: null, sort, after, limit: PAGE_DEFAULT });
      expect(rows.filter((row) => row.parentId === null)).toHaveLength(PAGE_DEFAULT);
    });
    for (const plan of plans) mustBeCheap(plan, page);
  });

  it.each(SORTS)("a branch's page, %s first, reads its own rows only", async (sort) => {
    const query = { parentId: aRoot, sort, after: null, limit: PAGE_MAX };
    for (const plan of await plansOf(() => store.page(large.id, query))) mustBeCheap(plan, page);
  });

  it.each(SORTS)('[VIEW8] a permalink, %s first, costs what is near it and no more', async (sort) => {
    const { rows } = await store.page(large.id, {
      parentId: null,
      sort,
      after: await startOfPage(sort, 500),
      limit: 1,
    });
    const plans = await plansOf(async () => {
      expect(await store.locate(large.id, rows[0]!.id, sort, LOCATE_NEIGHBOURS)).not.toBeNull();
    });
    // What is behind it is counted up to 1,000.
    for (const plan of plans) mustBeCheap(plan, { rows: 1_000, blocks: 1_200 });
  });

  it('[VIEW9] what is new since a visit costs no more than the largest look', async () => {
    const plans = await plansOf(async () => {
      const { count } = await store.news(large.id, 0, null, { max: NEWS_MAX, countMax: NEWS_COUNT_MAX });
      expect(count).toBeGreaterThan(0);
    });
    for (const plan of plans) mustBeCheap(plan, { rows: 5_000, blocks: 800 });
  });

  it('[SEQ4] catching up reads what changed and nothing else', async () => {
    const plans = await plansOf(async () => {
      const read = await store.changes(large.id, TOTAL - 200, CATCH_UP_ROWS_MAX);
      expect(read?.change?.rows.length).toBeGreaterThanOrEqual(200);
    });
    for (const plan of plans) mustBeCheap(plan, { rows: 250, blocks: 80 });
  });

  it('[SEQ4] being too far behind costs no more than the largest catch-up', async () => {
    const plans = await plansOf(async () => {
      expect((await store.changes(large.id, 0, CATCH_UP_ROWS_MAX))?.change).toBeNull();
    });
    for (const plan of plans) mustBeCheap(plan, { rows: CATCH_UP_ROWS_MAX + 1, blocks: 120 });
  });

  it('[SEQ1] a write touches the rows that it changes', async () => {
    const author = { id: large.author, siteId: 'demo', name: 'Ana', badge: 'guest' as const };
    const plans = await plansOf(async () => {
      const reply = { id: newId(), parentId: aRoot, author, body: 'x', html: '<p>x</p>', renderer: 1 };
      await store.createReplies(large.id, [reply]);
      const done = await store.editReply(reply.id, 1, { body: 'y', html: '<p>y</p>', renderer: 1 });
      expect(done?.is).toBe('written');
      await store.choose(reply.id, [{ authorId: large.author, value: 1 }], rank);
      await store.votes(large.author, [reply.id, aRoot]);
      await store.choose(reply.id, [{ authorId: large.author, value: 0 }], rank);
    });
    // The few threads there are may be read as a whole.
    for (const plan of plans) mustBeCheap(plan, { rows: 30, blocks: 200 });
  });

  it('[SEQ1] a reaction, a removal and coming back touch the rows that they change', async () => {
    const author = { id: large.author, siteId: 'demo', name: 'Ana', badge: 'guest' as const };
    const thread = await store.openThread({
      id: newId(),
      epoch: newId(),
      siteId: 'demo',
      key: newId(),
      url: null,
      title: null,
    });
    const text = { body: 'x', html: '<p>x</p>', renderer: 1 };
    const plans = await plansOf(async () => {
      const reply = { id: newId(), parentId: null, author, ...text };
      await store.createReplies(thread.id, [reply]);
      expect((await store.choose(reply.id, [{ authorId: large.author, emoji: '👍', on: true }], rank))?.is).toBe(
        'written',
      );
      await store.reactions(large.author, [reply.id, aRoot]);
      await store.removeReply(reply.id, 60);
      await store.removedText(reply.id);
      expect((await store.restoreReply(reply.id, text))?.is).toBe('written');
      await store.revisions(reply.id, 10);
      await store.removeReply(reply.id, 0);
      await store.eraseRemoved(10);
    });
    for (const plan of plans) mustBeCheap(plan, { rows: 30, blocks: 200 });
  });
});
