// Beats: who reads, who is writing, how far the thread is, and how often that is told.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { BEAT_EVERY_MS, BEAT_MIN_GAP_MS, TYPING_NAMES_MAX } from '../../shared/limits.js';
import type { Beat } from '../../shared/protocol.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.end());

const lastBeat = (client: TestClient, thread: string): Beat | undefined =>
  client.pushed('thread:beat').findLast((beat) => beat.thread === thread);

async function openThread(): Promise<{ key: string; thread: string; epoch: string; reader: TestClient }> {
  const key = newId();
  const reader = await connectClient(app.url);
  const { thread, cursor } = await reader.snapshot(key);
  return { key, thread: thread.id, epoch: cursor.epoch, reader };
}

it.concurrent('a beat tells how many have the thread open; one person with two lines counts twice', async () => {
  const { key, thread, epoch, reader } = await openThread();
  const others = await Promise.all([connectClient(app.url), connectClient(app.url)]);
  for (const other of others) await other.join(key);
  await until(() => lastBeat(reader, thread)?.readers === 3, 'all to be counted');
  expect(lastBeat(reader, thread)).toEqual({ thread, epoch, head: 0, readers: 3, typing: [] });
  await others[0]!.must('thread:leave', { thread });
  await until(() => lastBeat(reader, thread)?.readers === 2, 'the one that left to be taken off');
  others[1]!.close();
  await until(() => lastBeat(reader, thread)?.readers === 1, 'the line that ended to be taken off');
  expect(lastBeat(others[0]!, thread)?.readers).toBe(3);
  [reader, ...others].forEach((client) => client.close());
});

it.concurrent('[CUR4] a beat tells the head, at least every five seconds and at most once a second', async () => {
  const { key, thread, reader } = await openThread();
  const writer = await connectGuest(app.url, 'Ana');
  await writer.join(key);
  const times: number[] = [];
  reader.socket.on('thread:beat', (beat: Beat) => {
    if (beat.thread === thread) times.push(performance.now());
  });
  await writer.must('reply:create', { thread, id: newId(), body: 'x' });
  // Comings and goings all the time: each would be worth a beat.
  const from = performance.now();
  while (times.length < 4) {
    const visitor = await connectClient(app.url);
    await visitor.join(key);
    visitor.close();
    if (performance.now() - from > 10_000) throw new Error('too few beats');
  }
  for (let n = 1; n < times.length; n++) expect(times[n]! - times[n - 1]!).toBeGreaterThan(BEAT_MIN_GAP_MS * 0.8);
  expect(lastBeat(reader, thread)).toMatchObject({ head: 1 });

  const calm = times.length;
  await until(() => times.length >= calm + 2, 'beats without any change', { withinMs: 2 * BEAT_EVERY_MS + 2_000 });
  expect(times.at(-1)! - times.at(-2)!).toBeLessThan(BEAT_EVERY_MS * 1.2);
  [reader, writer].forEach((client) => client.close());
}, 40_000);

it.concurrent('who is writing is named until the reply is there', async () => {
  const { key, thread, reader } = await openThread();
  const [ana, ben] = await Promise.all([connectGuest(app.url, 'Ana'), connectGuest(app.url, 'Ben')]);
  for (const writer of [ana, ben]) await writer.join(key);
  ana.socket.emit('thread:typing', { thread });
  ben.socket.emit('thread:typing', { thread, parent: null });
  await until(() => lastBeat(reader, thread)?.typing.length === 2, 'both to be named');
  expect(lastBeat(reader, thread)!.typing.toSorted()).toEqual(['Ana', 'Ben']);
  await ana.must('reply:create', { thread, id: newId(), body: 'there' });
  await until(() => lastBeat(reader, thread)?.typing.length === 1, 'one to be named no more');
  expect(lastBeat(reader, thread)).toMatchObject({ typing: ['Ben'], head: 1 });
  // Ben says nothing more.
  await until(() => lastBeat(reader, thread)?.typing.length === 0, 'silence to be noticed', { withinMs: 9_000 });
  [reader, ana, ben].forEach((client) => client.close());
});

it.concurrent('no more than a few names are told, and none without a name or from outside', async () => {
  const { key, thread, reader } = await openThread();
  const writers = await Promise.all(Array.from({ length: 9 }, (_, n) => connectGuest(app.url, `Writer ${n}`)));
  for (const writer of writers.slice(1)) await writer.join(key);
  for (const writer of writers) writer.socket.emit('thread:typing', { thread });
  reader.socket.emit('thread:typing', { thread });
  await until(() => (lastBeat(reader, thread)?.typing.length ?? 0) > 0, 'names to be told');
  const { typing } = lastBeat(reader, thread)!;
  expect(typing).toHaveLength(TYPING_NAMES_MAX);
  expect(typing).not.toContain('Writer 0');
  [reader, ...writers].forEach((client) => client.close());
});
