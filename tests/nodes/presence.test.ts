// Needs: redis
// Who reads and who writes, over two servers on one database that tell each other by Redis: counted and named on both, for
// readers by WebSocket and by polling, and right again after Redis was away (PROC3).
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { Beat } from '../../shared/protocol.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let redis: RedisServer;
let one: TestApp;
let two: TestApp;
beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
  const config = { redisUrl: redis.url };
  [one, two] = await Promise.all([startTestApp({ database, config }), startTestApp({ database, config })]);
});
afterAll(async () => {
  await Promise.all([one.end(), two.end()]);
  await redis.end();
  await database.drop();
});

const beat = (client: TestClient): Beat | undefined => client.pushed('thread:beat').at(-1);
const counts = (clients: readonly TestClient[], readers: number, withinMs?: number): Promise<void> =>
  until(() => clients.every((client) => beat(client)?.readers === readers), `everybody to count ${readers}`, {
    withinMs: withinMs ?? 5_000,
  });

it.each(['websocket', 'polling'])(
  '[PROC3] a reader by %s is counted and named on the other server',
  async (transport) => {
    const key = newId();
    const near = await connectGuest(one.url, 'Ana');
    const far = await connectGuest(two.url, 'Ben', {}, { transports: [transport] });
    const { thread } = await near.snapshot(key);
    await far.join(key);
    await counts([near, far], 2);

    far.socket.emit('thread:typing', { thread: thread.id });
    await until(() => beat(near)?.typing.includes('Ben'), 'the other server to name who is writing');
    const id = newId();
    await far.must('reply:create', { thread: thread.id, id, body: 'There it is' });
    await until(() => beat(near)?.typing.length === 0, 'nobody to be waited for', { withinMs: 2_000 });
    near.socket.emit('thread:typing', { thread: thread.id });
    await until(() => beat(far)?.typing.includes('Ana'), 'it to be told the other way as well');

    far.close();
    await counts([near], 1);
    near.close();
  },
);

it('[PROC3] who came and went while Redis was away is counted once it is back', async () => {
  const key = newId();
  const [near, far] = await Promise.all([connectGuest(one.url, 'Ana'), connectGuest(two.url, 'Ben')]);
  await near.join(key);
  await far.join(key);
  await counts([near, far], 2);
  await redis.kill();
  const late = await connectGuest(two.url, 'Cem');
  await late.join(key);
  await counts([far, late], 3);
  expect(beat(near)!.readers).toBe(2);
  await redis.start();
  // A server repeats itself.
  await counts([near, far, late], 3, 20_000);
  late.close();
  await counts([near, far], 2);
  [near, far].forEach((client) => client.close());
}, 40_000);
