// Needs: redis
// `afterword doctor` and a Redis that answers: whether hints would pass.
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Finding } from '../../server/doctor/finding.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { examine } from '../support/doctor.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';

let database: TestDatabase;
let redis: RedisServer;
beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
});
afterAll(async () => {
  await redis.end();
  await database.drop();
});

async function findingOf(redisUrl: string): Promise<Finding | undefined> {
  const { found } = await examine({ DATABASE_URL: database.url, REDIS_URL: redisUrl });
  return found('Redis')[0];
}

it('[PROC7] says that hints would pass, and where an account may hear but not speak', async () => {
  expect(await findingOf(redis.url)).toMatchObject({ state: 'ok' });
  await redis.ask(
    'ACL',
    'SETUSER',
    'mute',
    'on',
    '>hunter2',
    'resetchannels',
    '&afterword:*',
    '+@connection',
    '+ssubscribe',
  );
  const finding = await findingOf(redis.url.replace('//', '//mute:hunter2@'));
  expect(finding).toMatchObject({ state: 'problem', says: expect.stringContaining('NOPERM') });
  expect(JSON.stringify(finding)).not.toContain('hunter2');
});
