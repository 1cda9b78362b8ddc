// What a first start leaves, what a cut-off one is finished to, and how the sample goes (PROC2).
import { afterEach, beforeEach, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { removeSample } from '../../server/sites/first-start.js';
import { SAMPLE_THREAD, startTestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const { key, title, replies: SAMPLE } = SAMPLE_THREAD;

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

it('[PROC2] the sample stands under the article, nested, from the days before, and only once', async () => {
  for (let start = 0; start < 2; start++) {
    const app = await startTestApp({ database });
    const reader = await connectClient(app.url);
    const { thread, replies, cursor } = await reader.snapshot(key);
    expect(thread).toMatchObject({ title, count: SAMPLE.length, state: 'open' });
    expect(cursor.seq).toBe(SAMPLE.length);
    expect(replies.map(({ id }) => id).toSorted()).toEqual(SAMPLE.map(({ id }) => id).toSorted());
    expect(replies.some(({ depth }) => depth > 0)).toBe(true);
    for (const { id, minutesAgo } of SAMPLE) {
      const age = Date.now() - Date.parse(replies.find((reply) => reply.id === id)!.createdAt);
      expect(Math.abs(age / 60_000 - minutesAgo)).toBeLessThan(2);
    }
    reader.close();
    await app.end();
  }
  expect(await inconsistencies(database.sql)).toEqual([]);
});

it('[PROC2] a first start that was cut off is finished by the next one', async () => {
  await (await startTestApp({ database })).end();
  await database.sql`delete from settings where name = 'first start'`;
  const last = SAMPLE.at(-1)!;
  await database.sql`delete from replies where id = ${last.id}`;
  await database.sql`update replies set replies = replies - 1, children = children - 1 where id = ${last.parent}`;
  await database.sql`update threads set count = count - 1, roots = roots - ${last.parent ? 0 : 1} where key = ${key}`;
  const app = await startTestApp({ database });
  const reader = await connectClient(app.url);
  expect((await reader.snapshot(key)).thread.count).toBe(SAMPLE.length);
  expect(await inconsistencies(database.sql)).toEqual([]);
  reader.close();
  await app.end();
});

it('the sample can be removed: what was answered leaves a tombstone, the rest vanishes, readers start over', async () => {
  const app = await startTestApp({ database });
  const ana = await connectGuest(app.url, 'Ana');
  const before = await ana.snapshot(key);
  const answered = SAMPLE.find(({ parent }) => parent !== null)!;
  const [answer, root] = [newId(), newId()];
  const { id: thread } = before.thread;
  await ana.must('reply:create', { thread, id: answer, parent: answered.id, body: 'My answer' });
  await ana.must('reply:create', { thread, id: root, body: 'My own' });
  await ana.must('reply:vote', { id: SAMPLE[0]!.id, value: 1 });
  await ana.must('reply:report', { id: SAMPLE[1]!.id, reason: 'spam' });

  expect(await removeSample(database.db, SAMPLE_THREAD)).toBe(SAMPLE.length);
  expect(await removeSample(database.db, SAMPLE_THREAD)).toBe(0);
  expect(await inconsistencies(database.sql)).toEqual([]);
  await until(() => ana.pushed('thread:stale').some((stale) => stale.thread === thread), 'readers to be told');
  const after = await ana.snapshot(key, { cursor: before.cursor });
  expect(after.cursor.epoch).not.toBe(before.cursor.epoch);
  expect(after.thread.count).toBe(2);
  const published = after.replies.filter(({ state }) => state === 'published').map(({ id }) => id);
  expect(published.toSorted()).toEqual([answer, root].toSorted());
  const tombstones = after.replies.filter(({ state }) => state === 'removed');
  expect(tombstones.map(({ id }) => id)).toContain(answered.id);
  for (const { html, author } of tombstones)
    expect({ html, author }).toEqual({ html: '', author: { id: '', name: '' } });
  await ana.must('reply:create', { thread, id: newId(), parent: answer, body: 'And on' });
  await app.end();

  const again = await startTestApp({ database });
  const reader = await connectClient(again.url);
  expect((await reader.snapshot(key)).thread.count).toBe(3);
  expect(await inconsistencies(database.sql)).toEqual([]);
  reader.close();
  ana.close();
  await again.end();
});
