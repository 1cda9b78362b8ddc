// Needs: pgbouncer, redis
// A pooler in transaction mode between the nodes and PostgreSQL (docs/pgbouncer.ini).
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { checkTimeouts } from '../../server/doctor/pooler.js';
import { connectGuest } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { examine } from '../support/doctor.js';
import { startReader } from '../support/faithful-reader.js';
import { makeNodes, type Nodes } from '../support/nodes.js';
import { copyProgram, type Program } from '../support/server-process.js';
import { startPooler, type Pooler } from '../support/services/pgbouncer.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';
import { startWriter } from '../support/stubborn-writer.js';
import { until } from '../support/until.js';

let program: Program;
let redis: RedisServer;
let database: TestDatabase;
let pooler: Pooler;
let nodes: Nodes;
beforeAll(async () => {
  [program, redis] = await Promise.all([copyProgram(), startRedis()]);
}, 30_000);
afterAll(async () => {
  await redis.end();
  program.remove();
});
beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  // Far fewer than the two nodes have connections.
  pooler = await startPooler(database.url, { size: 3 });
  nodes = makeNodes({ DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: database.url });
});
afterEach(async () => {
  await nodes.end();
  await pooler.end();
  await database.drop();
});

/** The server's sessions of this name that do not go through the pooler or to this test. */
async function sessions(name: string): Promise<number> {
  const [row] = await database.sql<[{ n: number }]>`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and application_name = ${name} and pid <> pg_backend_pid()`;
  return row.n;
}

describe.each(['PostgreSQL', 'Redis'])('behind a pooler, with hints through %s', (bus) => {
  it('[PROC3] a database is migrated, written on one node and read on the other: everything one does with replies', async () => {
    const env = bus === 'Redis' ? { REDIS_URL: redis.url } : {};
    const [one, two] = await Promise.all([nodes.start(program, env).ready, nodes.start(program, env).ready]);
    const key = newId();
    const reader = startReader(two, key);
    await until(() => reader.held(), 'the reader to have joined');
    const ana = await connectGuest(one, 'Ana');
    const { thread } = await ana.snapshot(key);
    const [root, child] = [newId(), newId()];
    await ana.must('reply:create', { thread: thread.id, id: root, body: 'first' });
    await ana.must('reply:create', { thread: thread.id, id: child, parent: root, body: 'second' });
    await ana.must('reply:edit', { id: root, body: 'edited', base: 1 });
    await ana.must('reply:vote', { id: root, value: 1 });
    await ana.must('reply:report', { id: child, reason: 'spam' });
    await ana.must('reply:remove', { id: child });
    await until(() => reader.held()!.cursor.seq === 5, 'the other node to show all of it', { withinMs: 1_500 });
    const rows = reader.held()!.rows;
    expect(rows.get(root)).toMatchObject({ rev: 2, score: 1, replies: 0 });
    expect(rows.get(child)).toMatchObject({ state: 'removed' });
    const page = await fetch(`${two}/api/v1/sites/demo/thread?key=${key}`);
    expect(await page.json()).toMatchObject({ cursor: { seq: 5 }, thread: { count: 1 } });
    expect((await sessions('afterword-bus')) > 0).toBe(bus === 'PostgreSQL');
    reader.close();
    ana.close();
  });
});

it('[SEQ3] many writers share few sessions; the pooler is killed meanwhile, and nothing acknowledged is lost', async () => {
  const [one, two] = await Promise.all([nodes.start(program).ready, nodes.start(program).ready]);
  const key = newId();
  const reader = startReader(two, key);
  const writers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      startWriter({ url: n % 2 === 0 ? one : two, key, name: `Writer ${n}`, lanes: 2 }),
    ),
  );
  const count = (): number => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  await until(() => count() > 200, 'writing to go on');
  expect(await sessions('afterword')).toBeLessThanOrEqual(3);
  await pooler.restart();
  const goal = count() + 200;
  await until(() => count() > goal, 'writing to go on after the pooler was killed', { withinMs: 15_000 });
  await Promise.all(writers.map((writer) => writer.finish()));
  expect(writers.flatMap(({ refused }) => refused)).toEqual([]);
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  const stored = await database.sql<{ id: string }[]>`select r.id from replies r
    join threads t on t.id = r.thread_id where t.key = ${key}`;
  const ids = new Set(stored.map(({ id }) => id));
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  expect(ids.size).toBe(new Set(acknowledged).size);
  await until(() => reader.held()?.cursor.seq === stored.length, 'the reader to be level');
  expect(await inconsistencies(database.sql)).toEqual([]);
  writers.forEach((writer) => writer.close());
  reader.close();
}, 40_000);

it('a pooler that was taken for the database itself is told, with what to do', async () => {
  const node = nodes.start(program, { DATABASE_DIRECT_URL: '' });
  expect(await node.exited).toEqual({ code: 1, signal: null });
  expect(node.errors()).toContain('is a pooler');
  expect(node.errors()).toContain('DATABASE_DIRECT_URL');
  expect(node.errors()).not.toContain('    at ');
});

it('a pooler without timeouts is told', async () => {
  const bare = await startPooler(database.url, { timeouts: false });
  const node = nodes.start(program, { DATABASE_URL: bare.url });
  await node.ready;
  expect(node.errors()).toContain('The pooler sets no statement_timeout');
  const other = nodes.start(program);
  await other.ready;
  expect(other.errors()).not.toContain('statement_timeout');
  await bare.end();
});

it('[PROC7] the doctor looks at both ways, and whether they lead to the same database', async () => {
  const look = async (DATABASE_URL: string, DATABASE_DIRECT_URL = database.url) =>
    (await examine({ DATABASE_URL, DATABASE_DIRECT_URL })).found('Pooler');
  expect(await look(pooler.url)).toMatchObject([{ state: 'ok' }]);
  const other = await createTestDatabase();
  expect(await look(pooler.url, other.url)).toMatchObject([
    { state: 'problem', says: expect.stringContaining('another database') },
  ]);
  await other.drop();
  const bare = await startPooler(database.url, { timeouts: false });
  expect(await look(bare.url)).toMatchObject([
    { state: 'warning', says: expect.stringContaining('statement_timeout') },
    { state: 'warning', says: expect.stringContaining('transaction_timeout') },
  ]);
  await bare.end();
  expect(await look(bare.url)).toMatchObject([{ state: 'problem', says: expect.stringContaining('ECONNREFUSED') }]);
}, 20_000);

it('[PROC7] the doctor tells where forgotten transactions are not ended behind the pooler, and what mends that', async () => {
  const less = await startPooler(database.url, { transactionTimeout: false });
  const look = async () =>
    (await examine({ DATABASE_URL: less.url, DATABASE_DIRECT_URL: database.url })).found('Pooler');
  const [found, ...more] = await look();
  expect(found).toMatchObject({ state: 'warning', says: expect.stringContaining('No transaction_timeout is set') });
  expect(more).toEqual([]);
  const [remedy] = /alter role [^;]+;/.exec(found!.todo)!;
  await database.sql.unsafe(remedy);
  await less.restart();
  expect(await look()).toMatchObject([{ state: 'ok' }]);
  await less.end();
}, 20_000);

it('[PROC7] the doctor tells where forgotten transactions are ended so late behind the pooler that it is as good as never', async () => {
  const less = await startPooler(database.url, { transactionTimeout: false });
  const look = async () =>
    (await examine({ DATABASE_URL: less.url, DATABASE_DIRECT_URL: database.url })).found('Pooler');
  const name = new URL(database.url).pathname.slice(1);
  for (const [seconds, states] of [
    [61, ['warning']],
    [60, ['ok']],
  ] as const) {
    await database.sql.unsafe(`alter database ${name} set transaction_timeout = '${seconds}s'`);
    await less.restart();
    expect((await look()).map(({ state }) => state)).toEqual(states);
  }
  await database.sql.unsafe(`alter database ${name} set transaction_timeout = '10min'`);
  await less.restart();
  const [found] = await look();
  expect(found!.says).toContain('The transaction_timeout behind it is 600 s: where a connection is lost');
  await database.sql.unsafe(/alter role [^;]+;/.exec(found!.todo)![0]);
  await less.restart();
  expect(await look()).toMatchObject([{ state: 'ok' }]);
  await less.end();
}, 20_000);

describe('[PROC7] the doctor finds a pooler that passes for the database itself', () => {
  const look = async (env: Record<string, string>) => (await examine(env)).found('Pooler');

  it('and changes sessions between transactions, with or without what ends transactions', async () => {
    const tolerant = await startPooler(database.url, { isTolerant: true });
    expect(await look({ DATABASE_URL: tolerant.url })).toMatchObject([
      {
        state: 'problem',
        says: expect.stringContaining('DATABASE_URL leads to a pooler that gives each transaction another'),
        todo: expect.stringContaining('Set DATABASE_DIRECT_URL'),
      },
    ]);
    expect(await look({ DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: tolerant.url })).toMatchObject([
      { state: 'problem', says: expect.stringMatching(/^DATABASE_DIRECT_URL leads to a pooler/) },
    ]);
    await tolerant.end();
    const bare = await startPooler(database.url, { isTolerant: true, timeouts: false });
    expect(await look({ DATABASE_URL: bare.url })).toMatchObject([
      { state: 'problem' },
      { state: 'warning', says: expect.stringContaining('statement_timeout') },
      { state: 'warning', says: expect.stringContaining('No transaction_timeout is set') },
    ]);
    await bare.end();
  });

  it('and keeps sessions, but not what is set for them', async () => {
    const bare = await startPooler(database.url, { mode: 'session', isTolerant: true, timeouts: false });
    expect(await look({ DATABASE_URL: bare.url })).toMatchObject([
      { state: 'warning', says: expect.stringContaining('leaves out what is set for a session') },
      { state: 'warning', says: expect.stringContaining('statement_timeout') },
      { state: 'warning', says: expect.stringContaining('transaction_timeout') },
    ]);
    await bare.end();
  });

  it('and none where none is', async () => {
    expect(await look({ DATABASE_URL: database.url })).toMatchObject([{ state: 'ok' }]);
    expect(await look({ DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: database.url })).toMatchObject([
      { state: 'ok' },
    ]);
  });
});

it('[PROC7] the doctor asks for what the server knows: before PostgreSQL 17 there is no transaction_timeout', () => {
  const before17 = { statement: 5_000, transaction: null, role: 'ana', database: '"my blog"' };
  expect(checkTimeouts({ ...before17, idle: 60_001 })).toMatchObject([
    {
      state: 'warning',
      says: expect.stringContaining('The idle_in_transaction_session_timeout behind it is 60.001 s'),
    },
  ]);
  expect(checkTimeouts({ ...before17, idle: 0 })).toMatchObject([
    {
      state: 'warning',
      todo: expect.stringContaining(
        `alter role ana in database "my blog" set idle_in_transaction_session_timeout = '5s';`,
      ),
    },
  ]);
  expect(checkTimeouts({ ...before17, idle: 5_000 })).toEqual([]);
});
