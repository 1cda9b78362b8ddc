// The first page as HTML over HTTP: who may ask, what an answer depends on, how it is cached.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { send, type HttpAnswer } from '../support/http.js';

const STYLES = '#root{color:red}[data-hue="0"]{--_hue:0}';

let dist: string;
let app: TestApp;
let ana: TestClient;
let thread: string;
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'afterword-fragments-'));
  for (const part of ['widget', 'demo/assets']) await mkdir(join(dist, part), { recursive: true });
  await writeFile(join(dist, 'widget/page-abc_12.css'), STYLES);
  app = await startTestApp({ dist });
  ana = await connectGuest(app.url, 'Ana');
  thread = (await ana.snapshot('fragments')).thread.id;
  for (let n = 0; n < 25; n++) await write(`number ${n}`);
});
afterAll(async () => {
  await app.end();
  await rm(dist, { recursive: true, force: true });
});

async function write(body: string): Promise<void> {
  await ana.must('reply:create', { thread, id: newId(), parent: null, body });
}

const get = (query: string, headers: Record<string, string> = {}): Promise<HttpAnswer> =>
  send(app.url, `/api/v1/sites/demo/thread.html?key=fragments&${query}`, { headers });

it('[HTTP5] is the first page as HTML, with the same snapshot inside', async () => {
  const answer = await get('title=Tea+%26+%3Cb%3E&limit=3');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.headers['content-security-policy']).toContain('sandbox');
  expect(answer.text).toContain('<style>#root{color:red}</style>');
  expect(answer.text).toContain('<bdi>Tea &#38; &#60;b&#62;</bdi>');
  expect(answer.text.match(/<article /g)).toHaveLength(3);
  const [, data] = /<script type="application\/json">(.*?)<\/script>/s.exec(answer.text)!;
  const json = await send(app.url, '/api/v1/sites/demo/thread?key=fragments&limit=3');
  expect(JSON.parse(data!)).toEqual(JSON.parse(json.text));
});

it('[HTTP5] is asked for again for nothing, until somebody writes', async () => {
  const first = await get('title=One', { 'accept-encoding': 'br' });
  expect(first.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(first.body).toString()).toBe((await get('title=One')).text);
  const again = { 'accept-encoding': 'br', 'if-none-match': first.headers.etag! };
  expect((await get('title=One', again)).status).toBe(304);
  for (const other of [
    'title=Two',
    'title=One&lang=de',
    'title=One&styles=link',
    'title=One&sort=newest',
    'title=One&limit=5',
  ])
    expect((await get(other, again)).status).toBe(200);
  await write('One more');
  expect((await get('title=One', again)).status).toBe(200);
});

it('[HTTP5] links the styles under a name that changes with them, by the address that it was asked at', async () => {
  const { text } = await get('title=One&styles=link');
  const [, href] = /<link rel="stylesheet" href="([^"]*)">/.exec(text)!;
  expect(href).toBe(`${app.url}/widget/page-abc_12.css`);
  const sheet = await send(app.url, '/widget/page-abc_12.css');
  expect([sheet.status, sheet.text]).toEqual([200, STYLES]);
  expect(sheet.headers['cache-control']).toContain('immutable');
  const hostile = await get('title=One&styles=link', { host: '"><script>' });
  expect(hostile.text).not.toContain('"><script>');
});

it('[HTTP5] is for who asked alone where it holds the address that they gave, and for all where that is set', async () => {
  const poisoned = await get('title=One&styles=link', { host: 'evil.example' });
  expect(poisoned.text).toContain('href="http://evil.example/widget/page-abc_12.css"');
  expect(poisoned.headers['cache-control']).toContain('private');
  expect(poisoned.headers['cache-control']).not.toContain('s-maxage');
  expect(poisoned.headers['cdn-cache-control']).toBe('no-store');
  const again = await get('title=One&styles=link', { host: 'evil.example', 'if-none-match': poisoned.headers.etag! });
  expect([again.status, again.headers['cdn-cache-control']]).toEqual([304, 'no-store']);
  expect((await get('title=One', { host: 'evil.example' })).headers['cache-control']).toContain('s-maxage');

  const set = await startTestApp({ dist, config: { publicUrl: 'https://talk.example' } });
  try {
    const answer = await send(set.url, '/api/v1/sites/demo/thread.html?key=a&title=One&styles=link', {
      headers: { host: 'evil.example' },
    });
    expect(answer.text).toContain('href="https://talk.example/widget/page-abc_12.css"');
    expect(answer.text).not.toContain('evil');
    expect(answer.headers['cache-control']).toContain('s-maxage');
  } finally {
    await set.end();
  }
});

it('[HTTP5] asks for a title, takes no languages or styles that are none, and makes no thread', async () => {
  for (const [query, field] of [
    ['sort=oldest', 'title'],
    ['title=', 'title'],
    ['title=One&styles=none', 'styles'],
    ['title=One&limit=0', 'limit'],
    ['title=One&limit=0x5', 'limit'],
  ]) {
    const answer = await get(query!);
    expect([answer.status, (JSON.parse(answer.text) as { field: string }).field]).toEqual([400, field]);
  }
  const nobody = await send(app.url, '/api/v1/sites/demo/thread.html?key=nobody-was-here&title=One');
  expect(nobody.text).toContain('No replies yet on “<bdi>One</bdi>”');
  expect(await app.store.findThread('demo', 'nobody-was-here')).toBeNull();
  const foreign = await send(app.url, '/api/v1/sites/nobody/thread.html?key=a&title=One');
  expect(foreign.status).toBe(404);
});
