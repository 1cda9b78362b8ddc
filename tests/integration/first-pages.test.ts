// The first page over HTTP under a crowd: what it costs the database, and that what is kept is never an old one.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { Snapshot } from '../../shared/views.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { proxyDatabase, type ProxiedDatabase } from '../support/database-proxy.js';
import { send, type HttpAnswer } from '../support/http.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let line: ProxiedDatabase;
/** Where pages are asked for, over the watched line. */
let app: TestApp;
let other: TestApp;
let writer: TestClient;
let near: TestClient;
let key: string;
let thread: string;

beforeAll(async () => {
  database = await createTestDatabase();
  line = await proxyDatabase(database);
  [app, other] = await Promise.all([startTestApp({ database: line }), startTestApp({ database })]);
  [near, writer] = await Promise.all([connectGuest(app.url, 'Ana'), connectGuest(other.url, 'Ben')]);
});
afterAll(async () => {
  await Promise.all([app.end(), other.end()]);
  await line.drop();
  await database.drop();
});
beforeEach(async () => {
  key = newId();
  thread = (await writer.snapshot(key)).thread.id;
  for (let n = 0; n < 25; n++) await write(writer);
});

async function write(by: TestClient): Promise<void> {
  await by.must('reply:create', { thread, id: newId(), body: 'Some words of a reply.' });
}

function get(headers: Record<string, string> = {}): Promise<HttpAnswer> {
  return send(app.url, `/api/v1/sites/demo/thread?key=${key}`, { headers });
}

const seqOf = (answer: HttpAnswer): number => (JSON.parse(answer.text) as Snapshot).cursor.seq;

/** Those that were about threads and replies, without the poll of what is live here. */
function statements(): string[] {
  return line.takeStatements().filter((text) => / from (?:threads|replies)\b/.test(text));
}

it('[HTTP4] five hundred readers at once cost a handful of statements, and hardly one more within the second', async () => {
  statements();
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: 500 }, () => get()));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(seqOf(answers[0]!)).toBe(25);
  const asked = statements();
  expect(asked.length).toBeGreaterThan(0);
  // Which thread, how far it is, its page; and how far again where a hint of what was written before comes meanwhile. Where the
  // machine is slow the head is asked for once more in each second that it takes.
  const seconds = (performance.now() - began) / 1_000;
  expect(asked.length).toBeLessThanOrEqual(6 + Math.floor(seconds));

  const { etag } = answers[0]!.headers;
  const again = await Promise.all(Array.from({ length: 200 }, () => get({ 'if-none-match': etag! })));
  expect(again.every(({ status, text }) => status === 304 && text === '')).toBe(true);
  // Where the machine was slow, the second is over in between: then one asks once more, for the head alone.
  expect(statements().filter((text) => !text.startsWith('select id, epoch, head'))).toEqual([]);
});

it('[HTTP4] a page is compressed once for each encoding, and has a tag of its own in each', async () => {
  const [plain, gzip, brotli] = await Promise.all([
    get(),
    get({ 'accept-encoding': 'gzip' }),
    get({ 'accept-encoding': 'gzip, deflate, br' }),
  ]);
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect([gzip.headers['content-encoding'], brotli.headers['content-encoding']]).toEqual(['gzip', 'br']);
  expect(new Set([plain, gzip, brotli].map(({ headers }) => headers.etag)).size).toBe(3);
  for (const [answer, encoding] of [
    [gzip, 'gzip'],
    [brotli, 'br'],
  ] as const) {
    const same = await get({ 'accept-encoding': encoding, 'if-none-match': answer.headers.etag! });
    expect([same.status, same.headers.etag]).toEqual([304, answer.headers.etag]);
  }
  // Bytes that are not what this client can read are sent anew.
  expect((await get({ 'if-none-match': brotli.headers.etag! })).status).toBe(200);
});

it('[HTTP4] what was acknowledged here is in the next page, whether somebody reads live or not', async () => {
  for (let n = 1; n <= 5; n++) {
    await write(near);
    expect(seqOf(await get())).toBe(25 + n);
  }
  await near.join(key);
  for (let n = 6; n <= 10; n++) {
    await write(near);
    expect(seqOf(await get())).toBe(25 + n);
  }
  await near.must('thread:leave', { thread });
});

it('[HTTP4] what another node wrote is in the page as soon as its hint is here, and a second later without one', async () => {
  expect(seqOf(await get())).toBe(25);
  await write(writer);
  await until(async () => seqOf(await get()) === 26, 'the hint', { withinMs: 900 });

  // Written past every node: nobody hints.
  await database.sql`update threads set head = head + 1, info_seq = head + 1 where id = ${thread}`;
  await until(async () => seqOf(await get()) === 27, 'the second to be over', { withinMs: 2_000 });
});

it('[HTTP4] is answered from memory while the database is away', async () => {
  const before = await get();
  await line.cut();
  try {
    const meanwhile = await get();
    expect([meanwhile.status, meanwhile.text]).toEqual([200, before.text]);
    const unknown = await send(app.url, `/api/v1/sites/demo/thread?key=${newId()}`);
    expect(unknown.status).toBe(503);
  } finally {
    await line.restore();
  }
  await write(writer);
  await until(async () => seqOf(await get()) === 26, 'it to be asked again', { withinMs: 5_000 });
});
