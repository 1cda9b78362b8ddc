// HTTP requests: every route with parameters that are sound, damaged or noise, and Engine.IO's polling.
import fc from 'fast-check';

import { frameInputs } from './frames.js';
import { text } from './hostile.js';

export interface HttpInput {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** Stands for the session that the run has opened. */
export const SESSION = 'SESSION';

const ROUTES = [
  '/',
  '/plain',
  '/healthz',
  '/readyz',
  '/metrics',
  '/favicon.ico',
  '/favicon.svg',
  '/afterword.js',
  '/widget/reader.js',
  '/widget/1/reader.js',
  '/assets/none.js',
  '/api/v1/sites/demo/thread',
  '/api/v1/sites/demo/thread.html',
  '/api/v1/sites/demo/counts',
  '/api/v1/sites/none/thread',
  '/socket.io/',
  '/socket.io/socket.io.js',
];

const escaped = (whole: string): string => encodeURIComponent(whole.toWellFormed());
const value = fc.oneof(
  fc.constantFrom('fuzz', 'other', 'oldest', 'best', '0', '1', '20', '50', '51', '-1', '1e9', 'en', 'ar', 'off', 'h2'),
  text.map(escaped),
  fc.constantFrom('%', '%zz', '%00', '%ff%fe', '%ed%a0%80', '%2e%2e%2f', '[]', '{}', '+'),
);
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('key', 'title', 'sort', 'limit', 'lang', 'heading', 'styles', 'url') },
  fc.constantFrom('key[]', 'key[a]', '__proto__', 'constructor', ''),
  text.map(escaped),
);
const query = fc
  .array(fc.tuple(name, value), { maxLength: 6 })
  .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));

const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ROUTES) },
  fc.tuple(fc.constantFrom(...ROUTES), text).map(([route, more]) => `${route}/${escaped(more)}`),
  fc.constantFrom(
    '//',
    '/..',
    '/widget/../../package.json',
    '/widget/..%2f..%2fpackage.json',
    '/widget/%2e%2e/main.js',
    '/assets/..%5c..%5cx',
    '/api/v1/sites/%00/thread',
    '/api/v1/sites/demo%2fthread',
    '/api/v1/sites//thread',
    '/%',
    '/%c0%ae%c0%ae/',
    `/${'a/'.repeat(3_000)}`,
    '/.env',
    '/wp-login.php',
  ),
);

const header = fc.oneof(
  fc.constantFrom<[string, string]>(
    ['accept', 'text/html'],
    ['accept', '*/*;q=0'],
    ['accept-encoding', 'br'],
    ['accept-encoding', 'gzip;q=0, identity;q=0'],
    ['accept-encoding', 'x'.repeat(3_000)],
    ['accept-language', `${'de,'.repeat(500)}*`],
    ['if-none-match', '*'],
    ['if-none-match', '"a", W/"b", "'],
    ['if-modified-since', 'never'],
    ['range', 'bytes=0-0,-1,5-2'],
    ['range', `bytes=${'0-,'.repeat(1_000)}`],
    ['origin', 'null'],
    ['origin', 'https://elsewhere.example'],
    ['origin', 'x'],
    ['referer', 'javascript:1'],
    ['x-forwarded-for', '::ffff:1.2.3.4, x, ,'],
    ['x-forwarded-host', 'evil.example'],
    ['x-request-id', 'a\tb'],
    ['traceparent', '00-ffffffffffffffffffffffffffffffff-0000000000000000-ff'],
    ['content-type', 'application/json'],
    ['content-type', 'text/plain;charset=x'],
    ['content-encoding', 'br'],
    ['cookie', '__proto__=1;;;='],
    ['access-control-request-method', 'DELETE'],
    ['access-control-request-headers', 'x'.repeat(2_000)],
  ),
  fc
    .tuple(fc.constantFrom('user-agent', 'referer', 'origin', 'if-none-match', 'authorization'), text)
    .map(([key, whole]): [string, string] => [key, whole.replace(/[^\x20-\x7e]/g, '?').slice(0, 2_000)]),
);

const methods = fc.oneof(
  { weight: 8, arbitrary: fc.constant('GET') },
  fc.constantFrom('HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'),
);

export const httpInputs: fc.Arbitrary<HttpInput> = fc
  .record({
    method: methods,
    path,
    query,
    headers: fc.array(header, { maxLength: 4 }),
    body: fc.oneof(fc.constant(''), text),
  })
  .map(({ method, path: to, query: asked, headers, body }) => ({
    method,
    path: to.startsWith('/socket.io') ? `${to}?x=1` : asked ? `${to}?${asked}` : to,
    headers: Object.fromEntries(headers),
    ...(body && method !== 'GET' && method !== 'HEAD' ? { body: body.toWellFormed() } : {}),
  }));

const sid = fc.oneof(
  { weight: 4, arbitrary: fc.constant(SESSION) },
  fc.constantFrom('', 'none', 'AAAAAAAAAAAAAAAAAAAA'),
);
const packets = fc
  .array(
    fc.oneof(
      frameInputs.map(({ text: whole, base64 }) => whole ?? `b${base64}`),
      fc.constantFrom('b', 'b!!!', 'bAAAA', '\x1e', '40{"protocol":1,"site":"demo"}'),
    ),
    { maxLength: 12 },
  )
  .map((all) => all.join('\x1e').toWellFormed());

export const pollingInputs: fc.Arbitrary<HttpInput> = fc
  .record({
    method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'OPTIONS', 'PUT', 'DELETE'),
    eio: fc.constantFrom('4', '4', '4', '3', '', 'x', '4&EIO=3'),
    transport: fc.constantFrom(
      'polling',
      'polling',
      'polling',
      'websocket',
      'flashsocket',
      '',
      'polling&transport=websocket',
    ),
    sid,
    more: fc.constantFrom('', '', '&b64=1', '&j=0', '&t=x&t=y', '&__proto__=1'),
    type: fc.constantFrom(
      'text/plain;charset=UTF-8',
      'application/octet-stream',
      'application/x-www-form-urlencoded',
      '',
    ),
    body: packets,
  })
  .map(({ method, eio, transport, sid: session, more, type, body }) => ({
    method,
    path: `/socket.io/?EIO=${eio}&transport=${transport}${session && `&sid=${session}`}${more}`,
    headers: type ? { 'content-type': type } : {},
    ...(method === 'GET' || method === 'OPTIONS' ? {} : { body }),
  }));
