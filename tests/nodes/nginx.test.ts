// Needs: nginx
// Two nodes behind nginx as docs/nginx.conf has it: live lines, polling, addresses, and the storm on a first page.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { Snapshot } from '../../shared/views.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startNginx, type Nginx } from '../support/services/nginx.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let one: TestApp;
let two: TestApp;
let nginx: Nginx;
beforeAll(async () => {
  database = await createTestDatabase();
  const config = { trustProxy: ['127.0.0.1'] };
  [one, two] = await Promise.all([startTestApp({ database, config }), startTestApp({ database, config })]);
  nginx = await startNginx([one.port, two.port]);
});
afterAll(async () => {
  await nginx.end();
  await Promise.all([one.end(), two.end()]);
  await database.drop();
});

describe('live', () => {
  it('[PROC3] WebSockets go to the node with fewer lines, and hear each other', async () => {
    const readers = await Promise.all(Array.from({ length: 8 }, () => connectClient(nginx.url)));
    const key = newId();
    const { thread } = await readers[0]!.snapshot(key);
    for (const reader of readers.slice(1)) await reader.join(key);
    const beat = () => readers[0]!.pushed('thread:beat').at(-1)?.readers;
    await until(() => beat() === 8, 'all to be counted over both nodes');
    const ana = await connectGuest(nginx.url, 'Ana');
    const id = newId();
    await ana.must('reply:create', { thread: thread.id, id, body: 'x' });
    await until(() => readers.every((reader) => reader.pushed('thread:delta').length === 1), 'all to hear of it');
    [...readers, ana].forEach((client) => client.close());
    const lines = () => nginx.answered().filter(({ status }) => status === 101);
    await until(() => lines().length === 9, 'the lines to be logged');
    for (const { port } of [one, two]) {
      expect(lines().filter(({ node }) => node === `127.0.0.1:${port}`).length).toBeGreaterThanOrEqual(4);
    }
  });

  it('polling stays with one node, without a sticky cookie', async () => {
    const polling = { transports: ['polling'] };
    const clients = await Promise.all(
      Array.from({ length: 4 }, (_, n) => connectGuest(nginx.url, `Poller ${n}`, {}, polling)),
    );
    const key = newId();
    const { thread } = await clients[0]!.snapshot(key);
    for (const client of clients.slice(1)) await client.join(key);
    for (const client of clients) await client.must('reply:create', { thread: thread.id, id: newId(), body: 'x' });
    const heard = (n: number): number => clients[n]!.pushed('thread:delta').at(-1)?.to ?? 0;
    await until(() => clients.every((_, n) => heard(n) === 4), 'all to have heard all');
    clients.forEach((client) => client.close());
  });

  it('polling becomes a WebSocket on the same node where that is allowed', async () => {
    const client = await connectClient(nginx.url, {}, { transports: ['polling', 'websocket'] });
    await until(() => client.socket.io.engine.transport.name === 'websocket', 'the line to be upgraded');
    await client.snapshot(newId());
    client.close();
  });
});

describe('a storm on the first page', () => {
  const pageOf = (key: string) => `${nginx.url}/api/v1/sites/demo/thread?key=${key}`;
  const asked = (key: string) => nginx.answered().filter(({ path }) => path.endsWith(key));
  const fromNodes = (key: string) => asked(key).filter(({ cache }) => !['HIT', 'STALE', 'UPDATING'].includes(cache));

  it('is carried by the cache: a node is asked once, and who has the page gets 304', async () => {
    const key = newId();
    const ana = await connectGuest(one.url, 'Ana');
    const { thread } = await ana.snapshot(key);
    await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'first' });
    const first = await fetch(pageOf(key));
    const tag = first.headers.get('etag')!;
    expect(((await first.json()) as Snapshot).cursor.seq).toBe(1);
    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 400 }, async (_, n) => {
        const answer = await fetch(pageOf(key), n % 2 === 0 ? {} : { headers: { 'if-none-match': tag } });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    const seconds = (performance.now() - begun) / 1_000;
    expect(answers).toEqual(answers.map((_, n) => (n % 2 === 0 ? 200 : 304)));
    await until(() => asked(key).length === 401, 'the log to be written');
    // Once, and once more for each second that it lasts.
    expect(fromNodes(key).length).toBeLessThanOrEqual(1 + Math.ceil(seconds));
    ana.close();
  });

  it('[HTTP5] the page as HTML is kept as well: a node is asked about it once a second, and for each title of it', async () => {
    const key = newId();
    const ana = await connectGuest(one.url, 'Ana');
    const { thread } = await ana.snapshot(key);
    await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'first' });
    const htmlOf = (title: string) => `${nginx.url}/api/v1/sites/demo/thread.html?title=${title}&key=${key}`;
    const first = await fetch(htmlOf('One'));
    expect(first.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await first.text()).toContain('first');
    const tag = first.headers.get('etag')!;
    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const answer = await fetch(htmlOf('One'), n % 2 === 0 ? {} : { headers: { 'if-none-match': tag } });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    const seconds = (performance.now() - begun) / 1_000;
    expect(answers).toEqual(answers.map((_, n) => (n % 2 === 0 ? 200 : 304)));
    expect(await (await fetch(htmlOf('Two'))).text()).toContain('Two');
    await until(() => asked(key).length === 102, 'the log to be written');
    expect(fromNodes(key).length).toBeLessThanOrEqual(2 + Math.ceil(seconds));
    await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'second' });
    await until(async () => (await (await fetch(htmlOf('One'))).text()).includes('second'), 'the new page');
    ana.close();
  });

  it('a page that changes is shown anew within seconds, the old one meanwhile, and no other origin’s', async () => {
    const key = newId();
    const ana = await connectGuest(one.url, 'Ana');
    const { thread } = await ana.snapshot(key);
    const seqOf = async (origin?: string): Promise<number> => {
      const answer = await fetch(pageOf(key), origin ? { headers: { origin } } : {});
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin ?? null);
      return ((await answer.json()) as Snapshot).cursor.seq;
    };
    const origins = [undefined, 'http://localhost:1', 'http://127.0.0.1:2'];
    for (const origin of origins) expect(await seqOf(origin)).toBe(0);
    await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'new' });
    for (const origin of origins) await until(async () => (await seqOf(origin)) === 1, 'the new page');
    const refused = await fetch(pageOf(key), { headers: { origin: 'https://elsewhere.example' } });
    expect(refused.status).toBe(403);
    ana.close();
  });

  it('goes on with the last page while no node answers', async () => {
    const app = await startTestApp({ database });
    const proxy = await startNginx([app.port]);
    onTestFinished(() => proxy.end());
    const page = `${proxy.url}/api/v1/sites/demo/thread?key=${newId()}`;
    const ana = await connectGuest(app.url, 'Ana');
    await ana.snapshot(new URL(page).searchParams.get('key')!);
    ana.close();
    expect((await fetch(page)).status).toBe(200);
    await app.end();
    await until(
      async () => {
        const answer = await fetch(page);
        expect(answer.status).toBe(200);
        return answer.headers.get('x-cache') === 'STALE';
      },
      'the page to be old',
      { everyMs: 100 },
    );
  });
});

it('readers are limited by the address that nginx saw, not by what they say of themselves', async () => {
  const app = await startTestApp({ database, config: { trustProxy: 1, rateLimits: true } });
  onTestFinished(() => app.end());
  const proxy = await startNginx([app.port]);
  onTestFinished(() => proxy.end());
  const ask = (n: number) =>
    fetch(`${proxy.url}/api/v1/sites/demo/counts?key=${newId()}`, {
      headers: { 'x-forwarded-for': `203.0.113.${n}` },
    }).then(({ status }) => status);
  // Each as somebody else, a few times each: only as one are they too many.
  const round = () => Promise.all(Array.from({ length: 250 }, (_, n) => ask(n)));
  await until(async () => (await round()).includes(429), 'the limit to be reached', { withinMs: 15_000 });
});
