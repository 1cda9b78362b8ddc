// Needs: redis
// The bus over Redis under the contract of every bus, on each kind of server, and what only this one has to survive.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { RedisBus } from '../../server/bus/redis.js';
import { createLog } from '../../server/log.js';
import { startRedis, startRedisCluster, type RedisCluster, type RedisServer } from '../support/services/redis.js';
import { until } from '../support/until.js';
import { busContract, startNode } from './bus.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.end());

function redisBus(url: string, logged: string[] = []): RedisBus {
  const log = createLog({ level: 'info', pretty: false, to: { write: (text) => void logged.push(text) } });
  return new RedisBus({ url, log });
}

const lineOf = (url: () => string, logged?: string[]) => ({ node: () => redisBus(url(), logged), end: async () => {} });
const gaps = (heard: readonly { kind: string }[]) => heard.filter(({ kind }) => kind === 'gap').length;
/** One thread for each of the channels. */
const everyChannel = () => Array.from({ length: 16 }, (_, n) => newId().slice(0, -1) + n.toString(16));

/** What docs/scaling.md tells owners to give an account. */
const RIGHTS = ['resetchannels', '&afterword:*', '+@connection', '+ssubscribe', '+spublish'];

busContract('over Redis', async () => lineOf(() => redis.url));

describe('over a Redis cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.end());

  busContract('over a Redis cluster', async () => lineOf(() => cluster.url));

  it('[PUMP3] the channels are spread over the nodes, and whatever node one is told of is enough', async () => {
    const one = await startNode(lineOf(() => cluster.nodes[1]!.url));
    const two = await startNode(lineOf(() => cluster.nodes[2]!.url));
    const threads = everyChannel();
    threads.forEach((thread) => one.bus.publish({ kind: 'head', thread, head: 1 }));
    await until(() => threads.every((thread) => two.heads(thread).length > 0), 'all of them to arrive');
    for (const node of cluster.nodes) {
      const channels = await node.ask<string[]>('PUBSUB', 'SHARDCHANNELS', 'afterword:*');
      expect(channels.length).toBeGreaterThan(0);
      expect(channels.length).toBeLessThan(16);
    }
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it('an account with the rights that docs/scaling.md names is enough', async () => {
    const rights = [...RIGHTS, '+cluster|slots', '+cluster|keyslot'];
    for (const node of cluster.nodes) await node.ask('ACL', 'SETUSER', 'talk', 'on', '>hunter2', ...rights);
    const line = lineOf(() => cluster.url.replace('//', '//talk:hunter2@'));
    const [one, two] = [await startNode(line), await startNode(line)];
    const threads = everyChannel();
    threads.forEach((thread) => one.bus.publish({ kind: 'head', thread, head: 1 }));
    await until(() => threads.every((thread) => two.heads(thread).length > 0), 'all of them to arrive');
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it('[PUMP3] follows a channel that moves to another node', async () => {
    const one = await startNode(lineOf(() => cluster.url));
    const two = await startNode(lineOf(() => cluster.url));
    const thread = everyChannel()[5]!;
    const slot = String(await cluster.nodes[0]!.ask<number>('CLUSTER', 'KEYSLOT', 'afterword:0:5'));
    const ids = await Promise.all(cluster.nodes.map((node) => node.ask<string>('CLUSTER', 'MYID')));
    const ranges = await cluster.nodes[0]!.ask<[number, number, [string, number, string]][]>('CLUSTER', 'SLOTS');
    const from = ids.indexOf(ranges.find(([first, last]) => first <= Number(slot) && Number(slot) <= last)![2][2]);
    const to = (from + 1) % 3;
    await cluster.nodes[to]!.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from]!);
    await cluster.nodes[from]!.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to]!);
    for (const n of [to, from, (to + 1) % 3]) await cluster.nodes[n]!.ask('CLUSTER', 'SETSLOT', slot, 'NODE', ids[to]!);
    await until(() => gaps(one.heard) > 1 && gaps(two.heard) > 1, 'both to open their lines anew');
    await until(() => {
      one.bus.publish({ kind: 'head', thread, head: 1 });
      return two.heads(thread).length > 0;
    }, 'hints over the channel again');
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it('[PUMP3] a node of the cluster that is killed and comes back is found again', async () => {
    const logged: string[] = [];
    const one = await startNode(lineOf(() => cluster.url, logged));
    const two = await startNode(lineOf(() => cluster.url));
    await cluster.nodes[2]!.kill();
    await until(() => logged.some((text) => text.includes('Redis can not be used')), 'the loss to be logged');
    await cluster.nodes[2]!.start();
    await until(() => gaps(one.heard) > 1 && gaps(two.heard) > 1, 'both to be back', { withinMs: 10_000 });
    const threads = everyChannel();
    threads.forEach((thread) => one.bus.publish({ kind: 'head', thread, head: 2 }));
    await until(() => threads.every((thread) => two.heads(thread).length > 0), 'hints over every channel');
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });
});

describe('over a Redis that is older than sharded channels', () => {
  let old: RedisServer;
  beforeAll(async () => {
    old = await startRedis({ config: ['--rename-command', 'SSUBSCRIBE', '', '--rename-command', 'SPUBLISH', ''] });
  });
  afterAll(() => old.end());
  busContract('over an older Redis', async () => lineOf(() => old.url));

  it('an account with the rights that docs/scaling.md names is enough', async () => {
    await old.ask('ACL', 'SETUSER', 'talk', 'on', '>hunter2', ...RIGHTS.slice(0, 3), '+subscribe', '+publish');
    const line = lineOf(() => old.url.replace('//', '//talk:hunter2@'));
    const [one, two] = [await startNode(line), await startNode(line)];
    const thread = newId();
    one.bus.publish({ kind: 'head', thread, head: 1 });
    await until(() => two.heads(thread).length > 0, 'the hint to arrive');
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });
});

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
      const begun = performance.now();
      for (let head = 1; head <= 20_000; head++) one.bus.publish({ kind: 'head', thread: newId(), head });
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

describe('a Redis with accounts', () => {
  let closed: RedisServer;
  const admin = { username: 'admin', password: 'admin-hunter2' };
  beforeAll(async () => {
    closed = await startRedis({
      admin,
      config: `--user default off --user admin on >${admin.password} ~* &* +@all --user talk on >hunter2:?#secret`
        .split(' ')
        .concat(RIGHTS),
    });
  });
  afterAll(() => closed.end());

  const addressOf = (user: string, password: string) =>
    closed.url.replace('//', `//${user}:${encodeURIComponent(password)}@`);

  it('takes the few rights that it needs, and no more', async () => {
    const [one, two] = [
      await startNode(lineOf(() => addressOf('talk', 'hunter2:?#secret'))),
      await startNode(lineOf(() => addressOf('talk', 'hunter2:?#secret'))),
    ];
    const threads = everyChannel();
    threads.forEach((thread) => one.bus.publish({ kind: 'head', thread, head: 1 }));
    await until(() => threads.every((thread) => two.heads(thread).length > 0), 'all of them to arrive');
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it.each(['+ssubscribe', '+spublish'])('says once that a right is missing (%s)', async (right) => {
    const user = `less${RIGHTS.indexOf(right)}`;
    const rights = RIGHTS.filter((one) => one !== right);
    await closed.ask('ACL', 'SETUSER', user, 'on', '>hunter2', ...rights);
    const logged: string[] = [];
    const one = await startNode(lineOf(() => addressOf(user, 'hunter2'), logged));
    const attempts = async (): Promise<number> => {
      const log = await closed.ask<{ count: number; username: string; object: string }[]>('ACL', 'LOG');
      const entry = log.find(({ username, object }) => username === user && object === right.slice(1));
      return Number(entry?.count ?? 0);
    };
    await until(async () => (await attempts()) > 3, 'it to have tried several times');
    one.bus.publish({ kind: 'head', thread: newId(), head: 1 });
    await one.bus.stop();
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('NOPERM');
    expect(one.heard).toEqual([]);
  });

  it('says that it is refused, without the password', async () => {
    const logged: string[] = [];
    const one = await startNode(lineOf(() => addressOf('talk', 'wrong-hunter3'), logged));
    await until(() => logged.length > 0, 'it to say so');
    expect(logged[0]).toContain('WRONGPASS');
    expect(logged.join('')).not.toMatch(/hunter/);
    await one.bus.stop();
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
