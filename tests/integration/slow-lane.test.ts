// Readers who save data, beside one who doesn't.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.end());

const withinMs = { withinMs: 12_000 };

it.concurrent('[PUMP7] [CUR8] the slow lane hears in one delta what the live lane hears in many, and beats that fit it', async () => {
  const key = newId();
  const writer = await connectGuest(app.url, 'Ana');
  const { thread, cursor } = await writer.snapshot(key);
  const slow = await connectClient(app.url);
  await slow.join(key, { lane: 'slow' });
  const ids = Array.from({ length: 5 }, () => newId());
  for (const id of ids) await writer.must('reply:create', { thread: thread.id, id, body: 'One of five', parent: null });
  await until(() => writer.pushed('thread:delta').at(-1)?.to === cursor.seq + 5, 'all five in the live lane');

  await until(() => slow.pushed('thread:delta').length > 0, 'the slow lane to be told', withinMs);
  const [delta, ...more] = slow.pushed('thread:delta');
  expect([delta!.from, delta!.to, more]).toEqual([cursor.seq, cursor.seq + 5, []]);
  expect(new Set(delta!.replies.map(({ id }) => id))).toEqual(new Set(ids));
  await until(() => slow.pushed('thread:beat').length > 0, 'a beat', withinMs);
  expect(slow.pushed('thread:beat')[0]).toMatchObject({ head: cursor.seq + 5, readers: 2 });

  // In the live lane again, the next change comes at once, and once.
  await slow.join(key);
  const told = slow.pushed('thread:delta').length;
  await writer.must('reply:create', { thread: thread.id, id: newId(), body: 'At once', parent: null });
  await until(() => slow.pushed('thread:delta').length > told, 'the live lane', { withinMs: 1_000 });
  await slow.must('thread:leave', { thread: thread.id });
  writer.close();
  slow.close();
});

it.concurrent('[SEQ6] [PUMP7] the slow lane is told once that the thread began anew', async () => {
  const key = newId();
  const live = await connectClient(app.url);
  const slow = await connectClient(app.url);
  const { thread } = await live.snapshot(key);
  await slow.join(key, { lane: 'slow' });
  await app.database.sql`update threads set epoch = ${newId()} where id = ${thread.id}`;
  await until(() => live.pushed('thread:stale').length > 0, 'the live lane to be told', withinMs);
  await until(() => slow.pushed('thread:stale').length > 0, 'the slow lane to be told', withinMs);
  const beats = slow.pushed('thread:beat').length;
  await until(() => slow.pushed('thread:beat').length > beats, 'its next turn', withinMs);
  expect([live, slow].map((reader) => reader.pushed('thread:stale').length)).toEqual([1, 1]);
  live.close();
  slow.close();
});
