// Needs: redis
// The bus over other kinds of Redis: a cluster, and a server that is older than sharded channels.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startRedis, startRedisCluster, type RedisCluster, type RedisServer } from '../support/services/redis.js';
import { until } from '../support/until.js';
import { busContract, startNode } from './bus.js';
import { everyChannel, gaps, lineOf, reaches, RIGHTS } from './redis-line.js';

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
    await reaches(one, two);
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
    await reaches(one, two);
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
    await reaches(one, two);
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
