// Needs: redis, nginx
// Three server processes on one PostgreSQL and one Redis, behind nginx as docs/nginx.conf has it. Sixteen people write, two of them by
// polling, while the nodes are restarted one after the other, one is killed, and Redis is killed: nothing acknowledged is lost, nothing is
// there twice, and every reader ends with what a fresh one reads.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { inconsistencies } from '../support/consistency.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startReader } from '../support/faithful-reader.js';
import { makeNodes, type Nodes } from '../support/nodes.js';
import { readThread } from '../support/read-thread.js';
import { copyProgram, freePort, type Program, type ServerProcess } from '../support/server-process.js';
import { startNginx, type Nginx } from '../support/services/nginx.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';
import { startWriter } from '../support/stubborn-writer.js';
import { until } from '../support/until.js';

const NODES = 3;
const WRITERS = 16;
/** Of them. */
const POLLING = 2;
const READERS = 6;

let program: Program;
let database: TestDatabase;
let redis: RedisServer;
let nginx: Nginx;
let nodes: Nodes;
let ports: number[];
let running: ServerProcess[];

const startNode = (port: number): ServerProcess => nodes.start(program, { PORT: String(port) });

beforeAll(async () => {
  [program, database, redis] = await Promise.all([copyProgram(), createTestDatabase({ max: 3 }), startRedis()]);
  nodes = makeNodes({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    AFTERWORD_TRUST_PROXY: '1',
    AFTERWORD_POOL_SIZE: '4',
    AFTERWORD_DRAIN_SECONDS: '1',
  });
  ports = [];
  for (let n = 0; n < NODES; n++) ports.push(await freePort());
  running = ports.map(startNode);
  await Promise.all(running.map(({ ready }) => ready));
  nginx = await startNginx(ports);
}, 30_000);
afterAll(async () => {
  await nginx.end();
  await nodes.end();
  await redis.end();
  await database.drop();
  program.remove();
});

/** Ends a node by this signal and starts its successor on the same port; resolves when that is ready. */
async function replace(n: number, signal: NodeJS.Signals): Promise<void> {
  const node = running[n]!;
  node.kill(signal);
  const ended = await node.exited;
  if (signal === 'SIGTERM') expect(ended).toEqual({ code: 0, signal: null });
  running[n] = startNode(ports[n]!);
  await running[n].ready;
}

it('[PROC3] [REQ1] a rolling restart, a killed node and a killed Redis: acknowledged and lost 0, doubled 0, all readers alike', async () => {
  const { url } = nginx;
  const key = newId();
  // Half of them read a node directly, so that each node has readers for sure.
  const readers = Array.from({ length: READERS }, (_, n) =>
    startReader(n < NODES ? `http://127.0.0.1:${ports[n]}` : url, key),
  );
  await until(() => readers.every((reader) => reader.held()), 'the readers to have joined');
  const writers = await Promise.all(
    Array.from({ length: WRITERS }, (_, n) =>
      startWriter({ url, key, name: `Writer ${n}`, lanes: 1, transport: n < POLLING ? 'polling' : 'websocket' }),
    ),
  );
  const polling = writers.slice(0, POLLING);
  const count = (): number => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  const goOn = async (what: string): Promise<void> => {
    const goal = count() + 100;
    const each = polling.map(({ acknowledged }) => acknowledged.length);
    await until(() => count() >= goal, `writing to go on ${what}`, { withinMs: 15_000 });
    await until(
      () => polling.every(({ acknowledged }, n) => acknowledged.length > each[n]!),
      `polling to go on ${what}`,
      { withinMs: 15_000 },
    );
  };
  await goOn('at first');
  for (let n = 0; n < NODES; n++) {
    await replace(n, 'SIGTERM');
    await goOn(`after node ${n} was restarted`);
  }
  await redis.kill();
  await goOn('without Redis');
  await replace(1, 'SIGKILL');
  await goOn('after a node was killed');
  await redis.start();
  await goOn('with Redis back');
  await Promise.all(writers.map((writer) => writer.finish()));

  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  const { rows: replies } = await readThread(url, key);
  const stored = new Set(replies.map(({ id }) => id));
  expect(writers.flatMap(({ refused }) => refused)).toEqual([]);
  expect(
    acknowledged.filter((id) => !stored.has(id)),
    'acknowledged and lost',
  ).toEqual([]);
  expect(replies.length, 'doubled').toBe(stored.size);
  expect(new Set(acknowledged).size, 'doubled').toBe(replies.length);
  // One order: the clock's, without a hole.
  expect(replies.map(({ born }) => born)).toEqual(replies.map((_, n) => n + 1));
  await until(
    () => readers.every((reader) => reader.held()?.cursor.seq === replies.length),
    'every reader to be up to date',
    { withinMs: 10_000 },
  );
  for (const reader of readers) {
    const { rows } = reader.held()!;
    expect([...rows.values()].toSorted((a, b) => a.born - b.born)).toEqual(replies.filter(({ id }) => rows.has(id)));
    // Who never was further behind than a delta reaches has all of them.
    if (reader.joins.snapshot === 1) expect(rows.size).toBe(replies.length);
  }
  expect(await inconsistencies(database.sql)).toEqual([]);
  // Two nodes were up all the time, however soon the next one was restarted: nginx found one for each request.
  // But for what was under way on a polling line as its node died, which no other node knows.
  const ofDeadLine = /transport=polling.*&sid=/;
  expect(nginx.answered().filter(({ status, path }) => status >= 500 && !ofDeadLine.test(path))).toEqual([]);

  // Live again over Redis: sooner than the poll would be.
  const late = startReader(`http://127.0.0.1:${ports[0]}`, key);
  await until(() => late.held(), 'a new reader to have joined');
  const writer = await startWriter({ url: `http://127.0.0.1:${ports[2]}`, key, name: 'Late', lanes: 1 });
  await until(() => writer.acknowledged.length > 0, 'one more reply');
  await until(() => late.held()!.rows.has(writer.acknowledged[0]!), 'it to come over Redis', { withinMs: 1_000 });
  await writer.finish();
  [...readers, late, ...writers, writer].forEach((client) => client.close());
}, 90_000);
