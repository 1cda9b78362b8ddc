// The HTTP interface of the contract's section 8: the first page, counts, health, problems.
import { connect as dial } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { send, type HttpAnswer } from '../support/http.js';

let app: TestApp;
let ana: TestClient;
let thread: string;
beforeAll(async () => {
  app = await startTestApp();
  await app.database.sql`insert into sites (id, name, origins) values ('blog', 'Blog', '{https://blog.example.com}')`;
  ana = await connectGuest(app.url, 'Ana');
  thread = (await ana.snapshot('http')).thread.id;
  for (let n = 0; n < 30; n++) await write(`number ${n}`);
});
afterAll(() => app.end());

async function write(body: string, parent: string | null = null): Promise<string> {
  const id = newId();
  await ana.must('reply:create', { thread, id, parent, body });
  return id;
}

const get = (path: string, headers: Record<string, string> = {}) => send(app.url, path, { headers });
const THREAD = '/api/v1/sites/demo/thread?key=http';

/** A refusal in the form of RFC 9457; its members. */
function problem(answer: HttpAnswer): Record<string, unknown> {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers['cache-control']).toBe('no-store');
  const body = JSON.parse(answer.text) as Record<string, unknown>;
  expect(body).toMatchObject({ type: 'about:blank', status: answer.status, code: expect.any(String) });
  expect(body).toMatchObject({ title: expect.any(String), detail: expect.any(String) });
  return body;
}

describe('GET /api/v1/sites/{site}/thread', () => {
  it('is the snapshot of a join, without what is personal', async () => {
    for (const sort of ['oldest', 'newest', 'best']) {
      const answer = await get(`${THREAD}&sort=${sort}&limit=7`);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toContain('application/json');
      const {
        mode: _,
        you: __,
        rules: ___,
        ...snapshot
      } = { mode: '', rules: null, ...(await ana.snapshot('http', { sort, limit: 7 })) };
      expect(JSON.parse(answer.text)).toEqual(snapshot);
      expect(snapshot.more!.count).toBe(23);
    }
  });

  it('defaults to twenty of the oldest', async () => {
    expect((await get(THREAD)).text).toBe((await get(`${THREAD}&sort=oldest&limit=20`)).text);
  });

  it('[REQ4] of a thread that nobody has joined is empty, and makes none', async () => {
    const key = `https://example.com/${newId()}?a=1&b=ü`;
    const answer = await get(`/api/v1/sites/demo/thread?key=${encodeURIComponent(key)}`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      cursor: { seq: 0 },
      thread: { key, count: 0 },
      replies: [],
      more: null,
    });
    const [row] = await app.database.sql`select count(*)::int as n from threads where key = ${key}`;
    expect(row).toEqual({ n: 0 });
    expect((await ana.join(key, { cursor: JSON.parse(answer.text).cursor })).mode).toBe('snapshot');
  });

  it('has an entity tag that changes with the thread, the order and the size, and answers 304 to it', async () => {
    const first = await get(THREAD);
    const etag = first.headers.etag!;
    expect(etag).toMatch(/^"[^"]+"$/);
    const same = await get(THREAD, { 'if-none-match': etag });
    expect(same).toMatchObject({ status: 304, text: '' });
    expect(same.headers.etag).toBe(etag);
    expect(same.headers['cache-control']).toBe(first.headers['cache-control']);
    for (const list of [`"x", ${etag}`, `W/${etag}`, `"x",W/${etag} , "y"`, '*']) {
      expect((await get(THREAD, { 'if-none-match': list })).status, list).toBe(304);
    }
    expect((await get(THREAD, { 'if-none-match': '"x"' })).status).toBe(200);
    expect((await get(`${THREAD}&sort=best`)).headers.etag).not.toBe(etag);
    expect((await get(`${THREAD}&limit=5`)).headers.etag).not.toBe(etag);
    await write('one more');
    const changed = await get(THREAD, { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(changed.headers.etag).not.toBe(etag);
  });

  it('[HTTP4] may be kept by a shared cache for a moment, and shown for ten seconds while that asks again, separately for each origin and encoding', async () => {
    const { headers } = await get(THREAD, { 'accept-encoding': 'br', origin: 'http://localhost:1' });
    expect(headers['cache-control']).toMatch(/public.*max-age=0.*s-maxage=1\b/);
    expect(headers['cdn-cache-control']).toBe('public, max-age=1, stale-while-revalidate=10');
    for (const path of [THREAD.replace('thread?', 'thread.html?title=A&'), '/api/v1/sites/demo/counts?key=a']) {
      const other = await get(path);
      expect(other.headers['cache-control'], path).toBe(headers['cache-control']);
      expect(other.headers['cdn-cache-control'], path).toBe(headers['cdn-cache-control']);
    }
    expect(headers.vary?.toLowerCase().split(/, */).toSorted()).toEqual(['accept-encoding', 'origin']);
    expect((await get(THREAD)).headers.vary?.toLowerCase()).toContain('origin');
  });

  it('is compressed for those who take it', async () => {
    const plain = await get(THREAD);
    const brotli = await get(THREAD, { 'accept-encoding': 'gzip, br' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.body).toString()).toBe(plain.text);
    const gzip = await get(THREAD, { 'accept-encoding': 'gzip' });
    expect(gunzipSync(gzip.body).toString()).toBe(plain.text);
    expect(brotli.body.length).toBeLessThan(plain.body.length / 3);
  });

  it.each([
    ['', 'key'],
    ['?', 'key'],
    ['?key=', 'key'],
    ['?key=%20', 'key'],
    ['?key=a%00b', 'key'],
    ['?key=a%0Ab', 'key'],
    ['?key=a&key=b', 'key'],
    [`?key=${'a'.repeat(513)}`, 'key'],
    ['?key=a&limit=0', 'limit'],
    ['?key=a&limit=51', 'limit'],
    ['?key=a&limit=1.5', 'limit'],
    ['?key=a&limit=-1', 'limit'],
    ['?key=a&limit=many', 'limit'],
    ['?key=a&limit=', 'limit'],
    ['?key=a&limit=0x10', 'limit'],
    ['?key=a&limit=0b11', 'limit'],
    ['?key=a&limit=%2010', 'limit'],
    ['?key=a&limit=10%0A', 'limit'],
    ['?key=a&limit=%2B5', 'limit'],
    ['?key=a&limit=+5', 'limit'],
    ['?key=a&limit=1e1', 'limit'],
    ['?key=a&limit=10.0', 'limit'],
    ['?key=a&limit=%D9%A1', 'limit'],
    ['?key=a&limit=5&limit=6', 'limit'],
    ['?key=a&limit=1e999', 'limit'],
    ['?key=a&limit=NaN', 'limit'],
    ['?key=a&sort=worst', 'sort'],
    ['?key=a&sort=', 'sort'],
    ['?key=a&more=1', 'more'],
    ['?key=a&__proto__=1', '__proto__'],
    ['?key=a&constructor=1', 'constructor'],
    ['?key[]=a', 'key'],
  ])('[REQ3] "%s" is invalid, with the field named', async (query, field) => {
    const answer = await get(`/api/v1/sites/demo/thread${query}`);
    expect(answer.status).toBe(400);
    expect(problem(answer)).toMatchObject({ code: 'invalid', field });
  });

  it.each([
    ['nobody', 404, 'site_unknown'],
    ['__proto__', 404, 'site_unknown'],
    ['%E2%98%83', 404, 'site_unknown'],
    ['..%2f..%2fetc', 404, 'site_unknown'],
    ['%00', 400, 'invalid'],
    ['a'.repeat(65), 400, 'invalid'],
    ['a'.repeat(600), 400, 'invalid'],
  ])('[REQ3] the site %.40s is %s %s', async (site, status, code) => {
    const answer = await get(`/api/v1/sites/${site}/thread?key=a`);
    expect(answer.status).toBe(status);
    expect(problem(answer)).toMatchObject({ code });
  });
});

describe('origins', () => {
  it('that the site accepts may read the answer, and no other page', async () => {
    for (const [site, origin] of [
      ['demo', 'http://localhost:5173'],
      ['demo', 'https://127.0.0.1'],
      ['blog', 'https://blog.example.com'],
    ] as const) {
      const answer = await get(`/api/v1/sites/${site}/thread?key=a`, { origin });
      expect(answer.status).toBe(200);
      expect(answer.headers['access-control-allow-origin']).toBe(origin);
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it.each([
    ['demo', 'https://blog.example.com'],
    ['blog', 'https://blog.example.com.evil.example'],
    ['blog', 'null'],
    ['demo', 'null'],
  ])('the site "%s" refuses %s, and lets that page read why', async (site, origin) => {
    for (const route of ['thread', 'counts']) {
      const answer = await get(`/api/v1/sites/${site}/${route}?key=a`, { origin });
      expect(answer.status).toBe(403);
      expect(answer.headers['access-control-allow-origin']).toBe(origin);
      expect(problem(answer)).toMatchObject({ code: 'origin_refused' });
    }
  });

  it('[PROC4] a client without one may read', async () => {
    const answer = await get('/api/v1/sites/blog/thread?key=a');
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('GET /api/v1/sites/{site}/counts', () => {
  const counts = async (query: string) => JSON.parse((await get(`/api/v1/sites/demo/counts${query}`)).text) as unknown;

  it('tells published replies by key; what is not there has none', async () => {
    const key = newId();
    const { thread: other } = await ana.snapshot(key);
    const ids = [newId(), newId(), newId()];
    for (const id of ids) await ana.must('reply:create', { thread: other.id, id, body: 'x' });
    await ana.must('reply:remove', { id: ids[0] });
    expect(await counts(`?key=${key}&key=nothing&key=${key}`)).toEqual({ counts: { [key]: 2, nothing: 0 } });
    expect(await counts('?key=__proto__&key=constructor')).toEqual(
      JSON.parse('{"counts":{"__proto__":0,"constructor":0}}'),
    );
  });

  it('[REQ3] takes a hundred keys and no more, and no broken ones', async () => {
    const keys = (n: number): string => Array.from({ length: n }, (_, i) => `key=${i}`).join('&');
    expect((await get(`/api/v1/sites/demo/counts?${keys(100)}`)).status).toBe(200);
    for (const query of [keys(101), '', 'key=', 'key=a%00', `key=${'a'.repeat(513)}`]) {
      expect(problem(await get(`/api/v1/sites/demo/counts?${query}`))).toMatchObject({ code: 'invalid', status: 400 });
    }
  });
});

describe('health', () => {
  it('/healthz is alive and /readyz able to serve; neither is kept by caches', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toMatchObject({ status: 'ok' });
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });
});

describe('everything else', () => {
  it.each([
    ['GET', '/nothing'],
    ['GET', '/api/v1'],
    ['GET', '/api/v2/sites/demo/thread?key=a'],
    ['GET', '/api/v1/sites/demo/thread/'],
    ['GET', '//'],
    ['GET', '/widget/nothing.js'],
    ['GET', '/widget/..%2f..%2fpackage.json'],
    ['GET', '/widget/..%5c..%5cpackage.json'],
    ['GET', '/widget/%2e%2e/%2e%2e/package.json'],
    ['GET', '/assets/..%2findex.html'],
    ['GET', '/widget/.hidden'],
    ['GET', '/widget/%00'],
    ['POST', '/api/v1/sites/demo/thread?key=a'],
    ['PUT', '/'],
    ['DELETE', '/healthz'],
    ['OPTIONS', '/api/v1/sites/demo/thread?key=a'],
    ['PROPFIND', '/'],
  ])('%s %s is not there, as a problem', async (method, path) => {
    const answer = await send(app.url, path, { method });
    expect([400, 403, 404]).toContain(answer.status);
    expect(['not_found', 'invalid']).toContain(problem(answer)['code']);
    expect(answer.text).not.toContain('dependencies');
  });

  it.each(['/%', '/%E0%A4%A', '/api/v1/sites/%ZZ/thread?key=a', '/widget/%C0%AE'])(
    '[REQ3] the malformed address %s is a problem of the client',
    async (path) => {
      const answer = await get(path);
      expect([400, 404]).toContain(answer.status);
      problem(answer);
    },
  );

  it('[REQ3] a body that is too large, or of a strange kind, is a problem of the client', async () => {
    const headers = { 'content-type': 'application/json' };
    const large = await send(app.url, '/healthz', { method: 'POST', headers, body: 'a'.repeat(100_000) });
    expect(large.status).toBeLessThan(500);
    problem(large);
    const strange = await send(app.url, '/healthz', { method: 'POST', headers: { 'content-type': 'x/y' }, body: '{' });
    expect(strange.status).toBeLessThan(500);
    problem(strange);
  });

  it('HEAD answers as GET does, without the body', async () => {
    const head = await send(app.url, THREAD, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.etag).toBe((await get(THREAD)).headers.etag);
  });

  it.each([
    '\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n`,
    '\x16\x03\x01',
  ])('[REQ3] what is not HTTP is hung up on: %.20j', async (bytes) => {
    const socket = dial(app.port, '127.0.0.1');
    const closed = new Promise((resolve) => {
      socket.on('close', resolve).on('error', () => {});
    });
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk)).end(bytes);
    await closed;
    expect(answer).toMatch(/^($|HTTP\/1\.1 4\d\d )/);
    expect((await get('/healthz')).status).toBe(200);
  });

  it('nothing of all this was an unexpected error', () => {
    expect(app.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
