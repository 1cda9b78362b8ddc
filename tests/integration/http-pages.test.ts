// The embed script, its chunks and the demo pages: their headers, and what a Host header can not do to them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestApp, type TestApp } from '../support/app.js';
import { send } from '../support/http.js';

let dist: string;
let app: TestApp;
beforeAll(async () => {
  dist = mkdtempSync(join(tmpdir(), 'afterword-pages-'));
  for (const folder of ['widget', 'demo/assets']) mkdirSync(join(dist, folder), { recursive: true });
  writeFileSync(join(dist, 'widget', 'afterword.js'), 'let loader;'.repeat(200));
  writeFileSync(join(dist, 'widget', 'index-abcd1234.js'), 'let chunk;');
  writeFileSync(join(dist, 'demo', 'index.html'), '<a href="{{publicUrl}}" title="{{other}}">{{unknown}}</a>');
  writeFileSync(join(dist, 'demo', 'plain.html'), '<script src="{{server}}/afterword.js"></script>');
  writeFileSync(join(dist, 'demo', 'favicon.svg'), '<svg/>');
  writeFileSync(join(dist, 'widget', 'reader.js'), 'let newest;');
  writeFileSync(join(dist, 'demo', 'assets', 'main-defg5678.js'), 'let demo;');
  writeFileSync(join(dist, 'secret.txt'), 'secret');
  app = await startTestApp({ dist });
});
afterAll(async () => {
  await app.end();
  rmSync(dist, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => send(app.url, path, { headers });

describe('scripts', () => {
  it('/afterword.js may be loaded by any page, and is looked at again after minutes', async () => {
    const answer = await get('/afterword.js', { origin: 'https://anywhere.example' });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(/^(text|application)\/javascript; charset=utf-8$/i),
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': expect.stringMatching(/^public, max-age=300\b/),
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
    const again = await get('/afterword.js', { 'if-none-match': answer.headers.etag! });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect((await get('/afterword.js', { 'accept-encoding': 'br' })).headers['content-encoding']).toBe('br');
  });

  it('chunks carry their content in their name and are kept for ever', async () => {
    for (const path of ['/widget/index-abcd1234.js', '/assets/main-defg5678.js']) {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await get('/widget/index-abcd1234.js')).headers['access-control-allow-origin']).toBe('*');
  });

  it('what is named without its content is looked at again after minutes', async () => {
    const answer = await get('/widget/reader.js');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toMatch(/^public, max-age=300\b/);
  });

  it('have a second address, for browsers that could not get them under the first', async () => {
    expect(await get('/widget/1700000000000/reader.js')).toMatchObject({ status: 200, text: 'let newest;' });
    expect(await get('/widget/1700000000000/index-abcd1234.js')).toMatchObject({ status: 200, text: 'let chunk;' });
    expect((await get('/widget/elsewhere/reader.js')).status).toBe(404);
  });

  it.each([
    '/widget/..%2fsecret.txt',
    '/widget/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/widget/..%2fdemo%2findex.html',
  ])('%s stays inside', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain('secret');
    expect(answer.text).not.toContain('<a');
  });
});

describe('pages', () => {
  it('come with a strict policy and under both names of this machine', async () => {
    const answer = await get('/', { host: `localhost:${app.port}` });
    const other = `http://127.0.0.1:${app.port}`;
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('private, no-cache');
    expect(answer.text).toBe(`<a href="" title="${other}">{{unknown}}</a>`);
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'self' ${other};`);
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    expect((await get('/', { host: `127.0.0.1:${app.port}` })).text).toContain(`title="http://localhost:${app.port}"`);
  });

  it('/plain loads the script from the other origin', async () => {
    const answer = await get('/plain', { host: `localhost:${app.port}` });
    expect(answer.text).toBe(`<script src="http://127.0.0.1:${app.port}/afterword.js"></script>`);
  });

  it.each([
    'evil.example"><script>alert(1)</script>',
    "evil.example; script-src 'unsafe-inline'",
    'evil.example https://other.example',
    'a@b',
    'a/b',
    "x' *",
    '',
    'localhost:3000, evil.example',
  ])('a Host header can not write into page or policy: %s', async (host) => {
    for (const path of ['/', '/plain']) {
      const answer = await get(path, { host });
      if (answer.status !== 200) continue;
      expect(answer.text).not.toContain('<script>');
      expect(answer.text).toMatch(/http:\/\/(127\.0\.0\.1|localhost)/);
      expect(String(answer.headers['content-security-policy'])).not.toMatch(/evil|unsafe|\*/);
    }
  });

  it('forwarded headers are believed only where a proxy was configured', async () => {
    const forwarded = { 'x-forwarded-host': 'talk.example.com', 'x-forwarded-proto': 'https', host: 'localhost' };
    expect((await get('/', forwarded)).text).toContain('title="http://127.0.0.1"');
    const behind = await startTestApp({ dist, config: { trustProxy: 1 } });
    const answer = await send(behind.url, '/', { headers: forwarded });
    expect(answer.text).toContain('title="https://talk.example.com"');
    await behind.end();
  });

  it('the public address, where there is one, is written into both', async () => {
    const named = await startTestApp({ dist, config: { publicUrl: 'https://talk.example.com' } });
    expect((await send(named.url, '/')).text).toContain('href="https://talk.example.com"');
    const plain = await send(named.url, '/plain');
    expect(plain.text).toBe('<script src="https://talk.example.com/afterword.js"></script>');
    expect(String(plain.headers['content-security-policy'])).toContain("script-src 'self' https://talk.example.com;");
    await named.end();
  });

  it('have their icon', async () => {
    expect((await get('/favicon.svg')).headers['content-type']).toContain('image/svg+xml');
    expect(await get('/favicon.ico')).toMatchObject({ status: 301, headers: { location: '/favicon.svg' } });
  });
});
