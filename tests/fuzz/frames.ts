// Bytes for lines that are open: text and binary messages of Engine.IO and Socket.IO, frames of the WebSocket itself, and
// HTTP as it should not be written. An input is base64 where it isn't text.
import fc from 'fast-check';

import { EVENTS, RESERVED } from './events.js';
import { NIL_ID } from '../../shared/ids.js';
import { anything, text } from './hostile.js';

/** One message on an open line. */
export interface Frame {
  text?: string;
  base64?: string;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength, size: 'max' });
const event = fc.constantFrom<unknown>(...EVENTS, ...RESERVED);

/** Sound messages of which most of what follows is a damaged copy. */
const request = fc.constantFrom(...EVENTS);
const sound = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(request, anything).map((parts) => `42${JSON.stringify(parts)}`) },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(), request, anything).map(([id, ...parts]) => `42${id}${JSON.stringify(parts)}`),
  },
  fc.tuple(event, anything).map((parts) => `42${JSON.stringify(parts)}`),
  fc.tuple(fc.constantFrom('0', '1', '2', '3', '4', '5', '6'), text).map(([type, rest]) => `4${type}${rest}`),
  fc.tuple(fc.nat(20), anything).map(([count, value]) => `45${count}-${JSON.stringify(['reply:create', value])}`),
  fc.constantFrom(
    '2',
    '3',
    '5',
    '6',
    '1',
    '0{}',
    '2probe',
    '40',
    '40{}',
    '40/admin,{"protocol":1}',
    '41',
    '41/,',
    '42',
    '420',
    '42[]',
    '42[null]',
    '42[{}]',
    '42[1]',
    '4299999999999999999999["thread:leave",{}]',
    '42-1["thread:leave",{}]',
    '43[]',
    '430[{"ok":true}]',
    '44{"message":"x"}',
    '451-["reply:create",{"_placeholder":true,"num":0}]',
    '459999999-["x"]',
    '45-1-["x"]',
    '461-0[{"_placeholder":true,"num":7}]',
    `42/${'n'.repeat(5_000)},["x"]`,
    `42${'['.repeat(20_000)}`,
    `42["thread:leave",{"thread":"${NIL_ID}"}`,
    '',
  ),
);

const damaged = fc.tuple(sound, fc.nat(), fc.nat(), text).map(([whole, at, length, other]) => {
  const from = at % (whole.length + 1);
  return whole.slice(0, from) + other.slice(0, 40) + whole.slice(from + (length % 5));
});

export const frameInputs: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 6, arbitrary: sound.map((whole) => ({ text: whole })) },
  { weight: 4, arbitrary: damaged.map((whole) => ({ text: whole })) },
  { weight: 1, arbitrary: text.map((whole) => ({ text: whole })) },
  { weight: 1, arbitrary: bytes(300).map((whole) => ({ base64: base64(whole) })) },
);

/** Masked as a client's must be, or not; with lengths that are right, or not. */
const websocketFrame = fc
  .record({
    first: fc.oneof(fc.constantFrom(0x81, 0x82, 0x88, 0x89, 0x8a, 0x01, 0x80, 0x00, 0xc1, 0x83, 0xff), fc.nat(255)),
    isMasked: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
    payload: fc.oneof(
      sound.map((whole) => Buffer.from(whole)),
      bytes(200).map((whole) => Buffer.from(whole)),
      fc.constantFrom(
        Buffer.from([0x03, 0xe8]),
        Buffer.from([0x00]),
        Buffer.from([0xff, 0xff, 0x80]),
        Buffer.alloc(126),
      ),
    ),
    claimed: fc.oneof(
      { weight: 6, arbitrary: fc.constant(null) },
      fc.constantFrom(0, 1, 125, 65_535, 2 ** 31, 2 ** 40),
    ),
    rest: bytes(8),
  })
  .map(({ first, isMasked, payload, claimed, rest }) => {
    const length = claimed ?? payload.length;
    const head =
      length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : [127, ...eightBytes(length)];
    head[0]! |= isMasked ? 0x80 : 0;
    // A mask of zeros leaves the payload as it is.
    return Buffer.concat([
      Buffer.from([first, ...head]),
      Buffer.alloc(isMasked ? 4 : 0),
      payload,
      rest.length > 7 ? rest : Buffer.alloc(0),
    ]);
  });

function eightBytes(length: number): number[] {
  const written = Buffer.alloc(8);
  written.writeBigUInt64BE(BigInt(length));
  return [...written];
}

/** What follows the upgrade on one connection. */
export const websocketInputs: fc.Arbitrary<string> = fc
  .array(websocketFrame, { minLength: 1, maxLength: 5 })
  .map((frames) => base64(Buffer.concat(frames)));

const line = fc.oneof(
  fc.constantFrom('GET /healthz HTTP/1.1', 'GET /api/v1/sites/demo/thread?key=fuzz HTTP/1.1', 'GET /readyz HTTP/1.1'),
  fc.constantFrom(
    'GET / HTTP/1.1',
    'GET /healthz HTTP/1.1',
    'GET /api/v1/sites/demo/thread?key=fuzz HTTP/1.1',
    'POST /socket.io/?EIO=4&transport=polling HTTP/1.1',
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    'GET / HTTP/1.0',
    'GET / HTTP/9.9',
    'GET http://elsewhere.example/ HTTP/1.1',
    'CONNECT elsewhere.example:80 HTTP/1.1',
    'PRI * HTTP/2.0',
    'OPTIONS * HTTP/1.1',
    'get / http/1.1',
    `GET /${'a'.repeat(20_000)} HTTP/1.1`,
    'GET',
    '\x16\x03\x01\x02\x00\x01\x00',
  ),
  text.map((path) => `GET /${path} HTTP/1.1`),
);

const known = fc.constantFrom(
  'host: localhost',
  'host: a',
  'connection: upgrade',
  'connection: close',
  'upgrade: websocket',
  'upgrade: h2c',
  'sec-websocket-version: 13',
  'sec-websocket-version: 7',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-key: x',
  'sec-websocket-extensions: permessage-deflate; server_max_window_bits=99',
  'sec-websocket-protocol: \x7f',
  'content-length: 5',
  'content-length: -1',
  'content-length: 99999999999999',
  'content-length: 5, 6',
  'transfer-encoding: chunked',
  'transfer-encoding: chunked, identity',
  'transfer-encoding : chunked',
  'expect: 100-continue',
  'expect: x',
  'origin: null',
  'x-forwarded-for: \t, ,',
  'traceparent: 00-0-0-0',
  ' folded: header',
  'no colon',
  `x: ${'y'.repeat(20_000)}`,
  'cookie: io=x; io=y',
);
const noise = fc.tuple(text, text).map(([name, value]) => `${name}: ${value}`);
const headers = fc
  .tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.array(fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: noise }), { maxLength: 2 }),
  )
  .map(([dice, others]) => (dice > 0 ? ['host: localhost', ...others] : others));

/** All that one connection sends. */
export const rawInputs: fc.Arbitrary<string> = fc
  .tuple(
    line,
    headers,
    fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r'),
    // What follows a request that needs no body is another one, and spoils the answer to both.
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('') },
      text,
      fc.constantFrom('5\r\nhello\r\n0\r\n\r\n', 'ffffffffff\r\nx', '-1\r\n'),
    ),
  )
  .chain(([first, headers, end, body]) =>
    fc
      .oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: bytes(120) })
      .map((noise) => base64(noise ?? Buffer.from([first, ...headers, '', body].join(end), 'latin1'))),
  );
