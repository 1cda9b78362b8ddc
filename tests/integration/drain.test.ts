// The server goes: readers are told, lines end, nothing holds it up, nothing acknowledged is lost.
import { connect as dial } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startTestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { connectWire } from '../support/wire.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('every reader gets a delay of its own, spread over the configured time, and its line ends', async () => {
  const app = await startTestApp({ database, config: { drainSeconds: 4 } });
  const readers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      connectClient(app.url, {}, { transports: [n % 4 === 0 ? 'polling' : 'websocket'] }),
    ),
  );
  for (const reader of readers) await reader.join('drain');
  await app.end();
  await until(() => readers.every((reader) => !reader.socket.connected), 'all lines to end');
  const delays = readers.map((reader) => reader.pushed('server:drain').map(({ reconnectInMs }) => reconnectInMs));
  for (const told of delays) {
    expect(told).toHaveLength(1);
    expect(told[0]).toBeGreaterThanOrEqual(250);
    expect(told[0]).toBeLessThanOrEqual(4_250);
  }
  expect(new Set(delays.flat()).size).toBeGreaterThan(15);
  await expect(fetch(`${app.url}/healthz`)).rejects.toThrow();
});

it('what was acknowledged while it went is there', async () => {
  const app = await startTestApp({ database });
  const writers = await Promise.all(Array.from({ length: 4 }, (_, n) => connectGuest(app.url, `Writer ${n}`)));
  const { thread } = await writers[0]!.snapshot(newId());
  const acknowledged: string[] = [];
  const writing = writers.map(async (writer) => {
    for (;;) {
      const id = newId();
      if (!writer.socket.connected) return;
      const answer = await writer.ask('reply:create', { thread: thread.id, id, body: 'x' }).catch(() => null);
      if (!answer?.ok) return;
      acknowledged.push(id);
    }
  });
  await until(() => acknowledged.length > 50, 'the writing to be under way');
  await app.end();
  await Promise.all(writing);
  const rows = await database.sql<{ id: string; seq: number }[]>`
    select id, seq::int from replies where thread_id = ${thread.id} order by seq`;
  const stored = new Set(rows.map(({ id }) => id));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, n) => n + 1));
});

it('lines that do not read, half a request and an idle connection do not hold it up', async () => {
  const app = await startTestApp({ database });
  const stuck = await connectWire(app.url);
  await stuck.ask('["thread:join",{"key":"stuck"}]');
  stuck.pause();
  const half = dial(app.port, '127.0.0.1');
  half.on('error', () => {}).write('GET /healthz HTTP/1.1\r\nHost: x');
  const idle = dial(app.port, '127.0.0.1');
  idle.on('error', () => {});
  await fetch(`${app.url}/healthz`);
  const from = performance.now();
  await app.end();
  expect(performance.now() - from).toBeLessThan(4_000);
  stuck.resume();
  await stuck.closed;
});

it('other nodes hear at once that its readers are gone', async () => {
  const [one, two] = [await startTestApp({ database }), await startTestApp({ database })];
  const [far, near] = [await connectClient(one.url), await connectClient(two.url)];
  const key = newId();
  await far.join(key);
  await near.join(key);
  const readers = (): number | undefined => near.pushed('thread:beat').at(-1)?.readers;
  await until(() => readers() === 2, 'both nodes to be counted');
  await one.end();
  await until(() => readers() === 1, 'the other node to be taken off');
  near.close();
  await two.end();
});
