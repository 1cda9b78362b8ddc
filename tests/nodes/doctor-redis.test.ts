// Needs: redis
// `afterword doctor` and a Redis that answers: whether hints would pass.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { doctor } from '../../server/commands/doctor.js';
import type { Finding } from '../../server/doctor/finding.js';
import { migrationsFolder } from '../support/backups.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
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
  const lines: string[] = [];
  const { stdout, stderr } = process;
  const env = { DATABASE_URL: database.url, PORT: '0', REDIS_URL: redisUrl };
  const root = join(migrationsFolder, '..', '..');
  const { signal } = new AbortController();
  const context = { env, root, print: (line: string) => void lines.push(line), tell: () => {}, stdout, stderr, signal };
  await doctor.run(context, { words: [], options: { json: true } });
  const { findings } = JSON.parse(lines.join('\n')) as { findings: Finding[] };
  return findings.find(({ what }) => what === 'Redis');
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
