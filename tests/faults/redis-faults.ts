// What happens to Redis itself. It carries hints alone, so nothing may be lost by any of this, and nobody may wait for it.
import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../sim/random.js';
import type { RedisServer, RedisSession } from '../support/services/redis.js';
import { between, type Fault } from './fault.js';

const ofRedis = (run: (redis: RedisServer, random: Random) => Promise<unknown>): Fault => ({
  lacks: ({ redis }) => (redis ? null : 'there is no Redis'),
  run: async ({ redis }, random) => void (await run(redis!.server, random)),
});

/** All but this one. */
async function killClients({ ask }: RedisSession): Promise<void> {
  for (const type of ['normal', 'pubsub']) await ask('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
}

/** Sets it for a while, during which everybody has to come back. */
async function limit(redis: RedisServer, random: Random, setting: [string, string, string]): Promise<void> {
  const [name, low, usual] = setting;
  const session = await redis.attach();
  await session.ask('CONFIG', 'SET', name, low);
  await killClients(session);
  await pause(between(random, 1_000, 3_000));
  await session.ask('CONFIG', 'SET', name, usual);
  session.close();
}

export const REDIS_FAULTS: Record<string, Fault> = {
  'Redis: SIGKILL': ofRedis(async (redis, random) => {
    await redis.kill();
    await pause(random.below(1_000));
    await redis.start();
  }),
  'Redis: restarted in order': ofRedis(async (redis) => {
    await redis.kill('SIGTERM');
    await redis.start();
  }),
  'Redis: SIGSTOP for a while': ofRedis(async (redis, random) => {
    redis.signal('SIGSTOP');
    await pause(between(random, 500, 7_000));
    redis.signal('SIGCONT');
  }),
  'Redis: its clients are killed': ofRedis(async (redis) => {
    const session = await redis.attach();
    await killClients(session);
    session.close();
  }),
  'Redis: is emptied': ofRedis((redis) => redis.ask('FLUSHALL')),
  'Redis: no memory left': ofRedis((redis, random) => limit(redis, random, ['maxmemory', '1', '0'])),
  'Redis: no connections left': ofRedis((redis, random) => limit(redis, random, ['maxclients', '1', '10000'])),
};
