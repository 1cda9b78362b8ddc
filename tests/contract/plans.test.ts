// What the hot statements cost in a thread of 100,000 replies, among thousands of threads: each reads the few rows that it
// answers with, through an index, whether PostgreSQL plans for the parameters or for all of them. The benchmark of sizes
// holds them to the same bounds in a million and in ten million.
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';

import { newId } from '../../shared/ids.js';
import { PAGE_DEFAULT } from '../../shared/limits.js';
import { PostgresStore } from '../../server/store/postgres.js';
import { rank } from '../../server/threads/rank.js';
import { makeBigThread } from '../bench/programs/big-thread.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  explainedPool,
  faultsOf,
  nodesOf,
  rowsOf,
  type Bound,
  type Explained,
  type PlanNode,
} from '../support/explained.js';
import { hotStatements, subjectOf, type Subject } from '../support/hot-statements.js';
import { makeLargeThread, type LargeThread } from '../support/large-thread.js';

const TOTAL = 100_000;
const ROOTS = 30_000;
/** Answers of one root. Generic plans take it for a small branch, as most are. */
const GIANT = 20_000;
/** Threads of one reply, authors and votes besides: nothing is small, and most threads are nothing like the large one. */
const OTHERS = 20_000;
/** PostgreSQL may go over to a generic plan after the fifth run. */
const RUNS = 10;

let database: TestDatabase;
let large: LargeThread;
let subject: Subject;

beforeAll(async () => {
  database = await createTestDatabase();
  const { sql } = database;
  large = await makeLargeThread(sql, { total: TOTAL, roots: ROOTS, giant: GIANT });
  for (let n = 0; n < 20; n++) await makeLargeThread(sql, { total: 50, roots: 20 });
  await sql`insert into threads (id, site_id, key, epoch)
    select gen_random_uuid(), 'demo', 'other ' || n, gen_random_uuid() from generate_series(1, ${OTHERS}::int) n`;
  await sql`insert into replies (id, thread_id, root_id, depth, born, seq, body_seq, author_id, author_name, author_badge,
      body, html, renderer)
    select t.id, t.id, t.id, 0, 1, 1, 1, ${large.author}, 'Ana', 'guest', 'x', '<p>x</p>', 1
    from threads t where t.key like 'other %'`;
  await sql`insert into authors (id, site_id, badge, name)
    select md5('author ' || n)::uuid, 'demo', 'guest', 'Ben' from generate_series(1, ${OTHERS}::int) n`;
  await sql`insert into votes (reply_id, author_id, value)
    select md5(${large.id} || n)::uuid, md5('author ' || n)::uuid, 1 from generate_series(1, ${OTHERS}::int) n`;
  await sql`insert into reactions (reply_id, author_id, emoji)
    select md5(${large.id} || n)::uuid, md5('author ' || n)::uuid, '👍' from generate_series(1, ${OTHERS}::int) n`;
  await sql`insert into revisions (reply_id, rev, body)
    select md5(${large.id} || n)::uuid, 1, 'x' from generate_series(1, ${OTHERS}::int) n`;
  await sql`analyze`;
  subject = await subjectOf(sql, large.id);
}, 60_000);
afterAll(() => database.drop());

function mustBeCheap(plans: readonly PlanNode[], bound: Bound): void {
  for (const plan of plans) expect(faultsOf(plan, bound)).toEqual([]);
}

test("a large branch's page is the top of an index also where that index is the higher one", async () => {
  // So many rows that the index by rank has a level more than the one by time.
  const small = await createTestDatabase();
  onTestFinished(() => small.drop());
  await small.sql`insert into sites (id, name, origins) values ('demo', 'Demo', '{}')`;
  const { id } = await makeBigThread(small.sql, 'demo', 20_000);
  await small.sql`vacuum analyze`;
  const { aRoot } = await subjectOf(small.sql, id);
  const pool = await explainedPool(small.url, { generic: true });
  onTestFinished(() => pool.close());
  await new PostgresStore(pool).page(id, { parentId: aRoot, sort: 'best', after: null, limit: PAGE_DEFAULT });
  const widest = Math.max(...pool.takePlans().flatMap(nodesOf).map(rowsOf));
  expect(widest).toBeLessThan(400);
});

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

  it.each(hotStatements())('$name costs what it answers with, not what the thread holds', async (statement) => {
    const plans = await plansOf(async () => {
      expect(await statement.run(store, subject)).toBeGreaterThanOrEqual(statement.least);
    });
    mustBeCheap(plans, statement.bound);
  });

  it.each([null, 'a root'])(
    '[VIEW6] looking for what has moved costs no more than the largest look (%s)',
    async (list) => {
      const parentId = list && subject.aRoot;
      const query = { parentId, sort: 'best' as const, limit: PAGE_DEFAULT };
      const { cursor } = subject.far.best;
      const plans = await plansOf(() => store.page(large.id, { ...query, after: { ...cursor, moved: ROOTS / 2 } }));
      mustBeCheap(plans, { rows: 400, blocks: 1_000 });
    },
  );

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
      await store.reactions(large.author, [reply.id, subject.aRoot]);
      await store.removeReply(reply.id, 60);
      await store.removedText(reply.id);
      expect((await store.restoreReply(reply.id, text))?.is).toBe('written');
      await store.revisions(reply.id, 10);
      await store.removeReply(reply.id, 0);
      await store.eraseRemoved(10);
    });
    mustBeCheap(plans, { rows: 30, blocks: 200 });
  });
});
