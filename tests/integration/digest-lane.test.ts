// Readers who only count what is new, beside one who reads.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.end());

const seqOf = (client: TestClient): number => client.pushed('thread:delta').at(-1)?.to ?? 0;

it('[PUMP10] [CUR9] hears how many came and what became of older ones, and none of the new texts', async () => {
  const key = newId();
  const writer = await connectGuest(app.url, 'Ana');
  const { thread } = await writer.snapshot(key);
  expect((await writer.join(key)).rules?.digest).toBe(true);
  const create = async (body: string, parent: string | null = null): Promise<string> => {
    const id = newId();
    await writer.must('reply:create', { thread: thread.id, id, body, parent });
    return id;
  };
  const old = await create('Old');
  const counts = await connectClient(app.url);
  const { cursor } = await counts.snapshot(key, { lane: 'digest' });
  await Promise.all(['One', 'Two', 'Three'].map((body) => create(body)));
  await create('An answer', old);
  await writer.must('reply:edit', { id: old, body: 'Old, edited', base: 1 });
  const head = cursor.seq + 5;
  await until(() => seqOf(counts) === head && seqOf(writer) === head, 'both to be told');

  const deltas = counts.pushed('thread:delta');
  expect(deltas.flatMap(({ replies }) => replies.map(({ html }) => html))).toEqual([
    expect.stringContaining('Old, edited'),
  ]);
  const births = (list: string): number[] => deltas.flatMap(({ left }) => left?.[list] ?? []);
  const answered = births(old);
  expect([births('').length, answered.length]).toEqual([3, 1]);
  const all = [...births(''), ...answered].toSorted((a, b) => a - b);
  const told = writer.pushed('thread:delta').flatMap(({ replies }) => replies.map(({ born }) => born));
  expect(all).toEqual(told.filter((born) => born > cursor.seq).toSorted((a, b) => a - b));
  expect(deltas.at(-1)?.info?.count ?? deltas.findLast(({ info }) => info)?.info?.count).toBe(5);
  // Ranges follow each other: the cursor is exact.
  expect(deltas.slice(1).map(({ from }) => from)).toEqual(deltas.slice(0, -1).map(({ to }) => to));

  // Back in the live lane there is nothing to catch up with.
  const back = await counts.join(key, { cursor: { ...cursor, seq: head } });
  expect(back).toMatchObject({ mode: 'delta', delta: { from: head, to: head, replies: [] } });
  await create('At once');
  await until(() => seqOf(counts) === head + 1, 'the live lane', { withinMs: 1_000 });
  expect(counts.pushed('thread:delta').at(-1)?.replies).toHaveLength(1);
  writer.close();
  counts.close();
});

it('[PUMP10] [SEQ6] is told to join again where the thread began anew', async () => {
  const key = newId();
  const counts = await connectClient(app.url);
  const { thread } = await counts.snapshot(key, { lane: 'digest' });
  await app.database.sql`update threads set epoch = ${newId()} where id = ${thread.id}`;
  await until(() => counts.pushed('thread:stale').length > 0, 'it to be told', { withinMs: 8_000 });
  counts.close();
});

it('[PUMP10] an unknown lane is refused', async () => {
  const client = await connectClient(app.url);
  expect(await client.refused('thread:join', { key: newId(), lane: 'fast' })).toMatchObject({
    code: 'invalid',
    field: 'lane',
  });
  client.close();
});
