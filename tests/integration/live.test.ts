// Live delivery to the readers of one node: equal bytes, order, batching, rooms.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { Delta } from '../../shared/views.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { until } from '../support/until.js';
import { connectWire } from '../support/wire.js';

let app: TestApp;
let ana: TestClient;
beforeAll(async () => {
  app = await startTestApp();
  ana = await connectGuest(app.url, 'Ana');
});
afterAll(() => app.end());

async function openThread(key: string = newId()): Promise<{ key: string; thread: string }> {
  return { key, thread: (await ana.snapshot(key)).thread.id };
}

async function write(thread: string, body = 'x', parent: string | null = null): Promise<string> {
  const id = newId();
  await ana.must('reply:create', { thread, id, parent, body });
  return id;
}

const deltasOf = (client: TestClient, thread: string): Delta[] =>
  client.pushed('thread:delta').filter((delta) => delta.thread === thread);

/** Fails where a delta does not begin where the one before ended. */
function mustBeContiguous(deltas: readonly Delta[], from: number): void {
  let at = from;
  for (const delta of deltas) {
    expect(delta.from).toBe(at);
    expect(delta.to).toBeGreaterThan(at);
    at = delta.to;
  }
}

describe('one thread', () => {
  it('[VIEW1] a delta is the same bytes for every reader, whoever they are', async () => {
    const { key, thread } = await openThread();
    const { token } = await ana.must('me:guest', { name: 'Ana' });
    const wires = await Promise.all([
      connectWire(app.url),
      connectWire(app.url, JSON.stringify({ protocol: 1, site: 'demo', token })),
      connectWire(app.url, '{"protocol":1,"site":"demo","widget":"9.9.9"}', { origin: 'http://localhost:3000' }),
    ]);
    for (const wire of wires) await wire.ask(JSON.stringify(['thread:join', { key }]));
    const id = await write(thread, 'Grüße 👋 "quoted" <b>bold</b>');
    await ana.must('reply:vote', { id, value: 1 });
    await write(thread, 'child', id);
    await ana.must('reply:remove', { id });
    const frames = wires.map((wire) => () => wire.frames.filter((frame) => frame.startsWith('42["thread:delta"')));
    await until(() => frames.every((of) => of().join().includes('"to":4')), 'all deltas at all readers');
    expect(frames[1]!()).toEqual(frames[0]!());
    expect(frames[2]!()).toEqual(frames[0]!());
    wires.forEach((wire) => wire.close());
  });

  it('[PUMP2] under load deltas batch by themselves, in order, without a gap', async () => {
    const { key, thread } = await openThread();
    const reader = await connectClient(app.url);
    await reader.join(key);
    const writers = await Promise.all(Array.from({ length: 8 }, (_, n) => connectGuest(app.url, `Writer ${n}`)));
    const from = performance.now();
    await Promise.all(
      writers.map(async (writer) => {
        for (let n = 0; n < 50; n++) await writer.must('reply:create', { thread, id: newId(), body: 'x' });
      }),
    );
    await until(() => deltasOf(reader, thread).at(-1)?.to === 400, 'the last delta');
    const deltas = deltasOf(reader, thread);
    mustBeContiguous(deltas, 0);
    expect(deltas.flatMap(({ replies }) => replies.map(({ seq }) => seq))).toEqual(
      Array.from({ length: 400 }, (_, n) => n + 1),
    );
    // One at once, then at most one in 25 ms.
    expect(deltas.length).toBeLessThanOrEqual(2 + (performance.now() - from) / 24);
    [reader, ...writers].forEach((client) => client.close());
  });

  it('[PUMP2] after a quiet moment the next delta goes out at once, before the writer could count to two', async () => {
    const { key, thread } = await openThread();
    const reader = await connectClient(app.url);
    await reader.join(key);
    const delays: number[] = [];
    for (let n = 1; n <= 10; n++) {
      const from = performance.now();
      await write(thread);
      await until(() => deltasOf(reader, thread).at(-1)?.to === n, 'the delta', { everyMs: 1 });
      delays.push(performance.now() - from);
      const quietSince = performance.now();
      await until(() => performance.now() - quietSince > 40, 'a quiet moment');
    }
    expect(delays.toSorted((a, b) => a - b)[5]).toBeLessThan(25);
    reader.close();
  });

  it.each([[['polling']], [['polling', 'websocket']], [['websocket']]])('is heard over %j', async (transports) => {
    const { key, thread } = await openThread();
    const reader = await connectClient(app.url, {}, { transports });
    await reader.join(key);
    for (let n = 0; n < 10; n++) await write(thread, 'x'.repeat(5_000));
    await until(() => deltasOf(reader, thread).at(-1)?.to === 10, 'the last delta');
    mustBeContiguous(deltasOf(reader, thread), 0);
    expect(await reader.refused('thread:join', { key: 'a'.repeat(1_000_000) })).toMatchObject({ field: 'key' });
    reader.close();
  });

  it('joined twice it is heard once, and left once it is left', async () => {
    const { key, thread } = await openThread();
    const reader = await connectClient(app.url);
    await reader.join(key);
    await reader.join(key);
    await write(thread);
    await until(() => deltasOf(reader, thread).length > 0, 'the delta');
    await reader.must('thread:leave', { thread });
    await reader.must('thread:leave', { thread });
    await write(thread);
    await until(() => deltasOf(ana, thread).at(-1)?.to === 2, 'the delta at those who stayed');
    expect(deltasOf(reader, thread).map(({ to }) => to)).toEqual([1]);
    const { cursor } = await reader.snapshot(key);
    expect(cursor.seq).toBe(2);
    reader.close();
  });

  it('[REQ4] is made by its first join, with the address and title that this one gives', async () => {
    const key = newId();
    const readers = await Promise.all(Array.from({ length: 10 }, () => connectClient(app.url)));
    const [first] = readers;
    const page = { url: 'https://example.com/page#part', title: '  The\n title ' };
    const { thread } = await first!.snapshot(key, page);
    expect(thread).toMatchObject({ key, title: 'The title', count: 0, state: 'open' });
    expect(thread.url).toMatch(/^https:\/\/example\.com\/page/);
    const other = await first!.snapshot(key, { url: 'https://evil.example/', title: 'Other' });
    expect(other.thread).toEqual(thread);
    const fresh = newId();
    const joined = await Promise.all(readers.map((reader) => reader.snapshot(fresh)));
    expect(new Set(joined.map((snapshot) => snapshot.thread.id)).size).toBe(1);
    expect(new Set(joined.map((snapshot) => snapshot.cursor.epoch)).size).toBe(1);
    readers.forEach((reader) => reader.close());
  });

  it('keys are compared exactly', async () => {
    const key = `/${newId()}/Ä`;
    const keys = [key, key.toLowerCase(), `${key}/`, `${key}?`, `${key} `, key.normalize('NFD')];
    const threads = await Promise.all(keys.map(async (each) => (await ana.snapshot(each)).thread));
    expect(threads.map((thread) => thread.key)).toEqual(keys);
    expect(new Set(threads.map(({ id }) => id)).size).toBe(keys.length);
  });
});

describe('several threads on one line', () => {
  it('each has its own deltas and beats', async () => {
    const opened = await Promise.all([openThread(), openThread(), openThread()]);
    const reader = await connectClient(app.url);
    for (const { key } of opened) await reader.join(key);
    for (const { thread } of opened) await write(thread);
    for (const { thread } of opened) {
      await until(() => deltasOf(reader, thread).length === 1, 'its delta');
      await until(
        () => reader.pushed('thread:beat').filter((beat) => beat.thread === thread && beat.head === 1).length >= 1,
        'its beat',
        { withinMs: 8_000 },
      );
    }
    reader.close();
  });

  it('there is a bound, and one that is left makes room', async () => {
    const reader = await connectClient(app.url);
    const first = await reader.snapshot(newId());
    for (let n = 1; n < 64; n++) await reader.join(newId());
    expect(await reader.refused('thread:join', { key: newId() })).toMatchObject({ code: 'invalid', field: 'key' });
    expect((await reader.join(first.thread.key)).you.me).toBeNull();
    await reader.must('thread:leave', { thread: first.thread.id });
    await reader.join(newId());
    reader.close();
  });

  it('a line that ends leaves all of them', async () => {
    const { key, thread } = await openThread();
    const reader = await connectClient(app.url);
    await reader.join(key);
    const readers = (): number | undefined =>
      ana
        .pushed('thread:beat')
        .filter((beat) => beat.thread === thread)
        .at(-1)?.readers;
    await until(() => readers() === 2, 'both to be counted');
    reader.close();
    await until(() => readers() === 1, 'one to be left');
  });
});
