// Needs: redis
// The bus over Redis under the contract of every bus, and what only this one has to survive.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { type Metrics, NO_METRICS } from '../../server/metrics/metrics.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';
import { until } from '../support/until.js';
import { busContract, startNode } from './bus.js';
import { gaps, lineOf } from './redis-line.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.end());

busContract('over Redis', async () => lineOf(() => redis.url));

describe('the bus over Redis', () => {
  it('[PUMP3] is back by itself after Redis was killed, says so once, and what was said meanwhile arrives', async () => {
    const logged: string[] = [];
    const one = await startNode(lineOf(() => redis.url, logged));
    const two = await startNode(lineOf(() => redis.url));
    expect(gaps(one.heard)).toBe(1);
    const thread = newId();
    await redis.kill();
    await until(() => logged.length > 0, 'the loss to be logged');
    one.bus.publish({ kind: 'head', thread, head: 5 });
    // Until it has tried in vain a few times.
    const attempts = await countAttempts(redis.port, 4);
    await redis.start();
    await until(() => gaps(one.heard) === 2 && gaps(two.heard) === 2, 'both to be back');
    one.bus.publish({ kind: 'head', thread, head: 6 });
    await until(() => two.heads(thread).includes(6), 'hints to arrive again');
    expect(attempts).toBe(4);
    const told = logged.map((text) => JSON.parse(text) as { msg: string; reason?: string });
    // Gone, refused, hung up on: each once, in whichever order and however often they came.
    const reasons = told.flatMap(({ msg, reason }) => (msg.startsWith('Redis can not be used') ? [reason] : []));
    expect(new Set(reasons).size).toBe(reasons.length);
    expect(told.at(-1)?.msg).toBe('Redis is back');
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it('[PUMP3] starts without Redis, and joins in when it comes', async () => {
    await redis.kill();
    const logged: string[] = [];
    const one = await startNode(lineOf(() => redis.url, logged));
    expect(one.heard).toEqual([]);
    await until(() => logged.length === 1, 'it to say so');
    await redis.start();
    await until(() => gaps(one.heard) === 1, 'it to join in');
    await one.bus.stop();
  });

  it.each(['normal', 'pubsub'])('[PUMP3] is back after its connections were ended by the server (%s)', async (type) => {
    const one = await startNode(lineOf(() => redis.url));
    const two = await startNode(lineOf(() => redis.url));
    await redis.ask('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    await until(() => gaps(one.heard) === 2 && gaps(two.heard) === 2, 'both to be back');
    const thread = newId();
    one.bus.publish({ kind: 'head', thread, head: 3 });
    await until(() => two.heads(thread).length > 0, 'the hint to arrive over the new line');
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it('[PUMP3] never waits for a Redis that swallows everything, and finds that out', async () => {
    const logged: string[] = [];
    const one = await startNode(lineOf(() => redis.url, logged));
    const two = await startNode(lineOf(() => redis.url));
    redis.signal('SIGSTOP');
    try {
      // Made before: they take longer than what is timed.
      const threads = Array.from({ length: 20_000 }, newId);
      const begun = performance.now();
      for (const thread of threads) one.bus.publish({ kind: 'head', thread, head: 1 });
      expect(performance.now() - begun).toBeLessThan(2_000);
      await until(() => logged.some((text) => text.includes('no answer')), 'it to find out', { withinMs: 12_000 });
    } finally {
      redis.signal('SIGCONT');
    }
    await until(() => gaps(one.heard) > 1, 'it to be back');
    const thread = newId();
    one.bus.publish({ kind: 'head', thread, head: 3 });
    await until(() => two.heads(thread).length > 0, 'the hint to arrive');
    // More than ten thousand were never kept: the oldest are forgotten.
    expect(two.heard.length).toBeLessThan(12_000);
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it('hints wait until Redis has acknowledged them, and not only until it was asked to pass them on', async () => {
    const counted = { sent: 0, heard: 0, lost: 0 };
    const metrics: Metrics = { ...NO_METRICS, hints: (what, count) => void (counted[what] += count) };
    const { bus, heard } = await startNode(lineOf(() => redis.url, [], metrics));
    const thread = newId();
    let head = 0;
    const moreWait = (): boolean => {
      // What is said of a thread while the line is busy takes the place of what was said before.
      bus.publish({ kind: 'head', thread, head: ++head });
      return bus.waiting > 1;
    };
    const stop = async (): Promise<void> => {
      redis.signal('SIGSTOP');
      await until(moreWait, 'one hint to be under way and another to be said');
      expect(bus.waiting).toBe(2);
    };
    await stop();
    const before = counted.sent;
    redis.signal('SIGCONT');
    await until(() => bus.waiting === 0, 'both to be acknowledged');
    expect(counted).toMatchObject({ sent: before + 2, lost: 0 });
    await stop();
    try {
      await until(() => counted.lost === 1, 'the first to be given up', { withinMs: 12_000 });
      expect(bus.waiting).toBe(1);
    } finally {
      redis.signal('SIGCONT');
    }
    await until(() => bus.waiting === 0, 'the second to be acknowledged over the next line');
    expect(gaps(heard)).toBe(2);
    await bus.stop();
  });

  it('is not disturbed by what others say on its channels', async () => {
    const logged: string[] = [];
    const node = await startNode(lineOf(() => redis.url, logged));
    for (const text of [
      '',
      'not json',
      '[]',
      '{"node":"x","hints":[{"kind":"head","thread":"y","head":1}]}',
      '\u0000',
    ]) {
      await redis.ask('SPUBLISH', 'afterword:0:0', text);
    }
    await until(() => logged.length === 5, 'each to be logged');
    const thread = newId();
    const payload = JSON.stringify({ node: 'x', hints: [{ kind: 'head', thread, head: 1 }] });
    await redis.ask('SPUBLISH', 'afterword:0:f', payload);
    await until(() => node.heads(thread).length > 0, 'a good hint to be heard');
    await node.bus.stop();
  });

  it('installations that share a server by the number of the database do not hear each other', async () => {
    const [one, two] = [await startNode(lineOf(() => redis.url)), await startNode(lineOf(() => redis.url))];
    const other = await startNode(lineOf(() => `${redis.url}/3`));
    const thread = newId();
    one.bus.publish({ kind: 'head', thread, head: 1 });
    await until(() => two.heads(thread).length > 0, 'the hint to arrive');
    other.bus.publish({ kind: 'head', thread, head: 2 });
    await other.bus.stop();
    expect(other.heads(thread)).toEqual([]);
    expect(two.heads(thread)).toEqual([1]);
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });
});

it('[PUMP3] a Redis that accepts and says nothing is given up and dialled again', async () => {
  const held: Socket[] = [];
  const silent = createServer((socket) => held.push(socket.on('error', () => {}).resume()));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const logged: string[] = [];
  const { port } = silent.address() as AddressInfo;
  const one = await startNode(lineOf(() => `redis://127.0.0.1:${port}`, logged));
  await until(() => held.length > 1, 'it to dial again', { withinMs: 12_000 });
  await until(() => held[0]!.destroyed, 'the first to be hung up on');
  expect(logged.length).toBeGreaterThan(0);
  await one.bus.stop();
  for (const socket of held) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

/** Counts who dials a port at which nobody is, until there were so many; then leaves the port free again. */
async function countAttempts(port: number, wanted: number): Promise<number> {
  let attempts = 0;
  const server = createServer((socket: Socket) => {
    attempts += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  await until(() => attempts >= wanted, 'it to try several times');
  await new Promise((resolve) => server.close(resolve));
  return Math.min(attempts, wanted);
}
