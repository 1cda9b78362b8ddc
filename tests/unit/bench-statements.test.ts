// What a client asks of a database, counted from its bytes.
import { expect, it } from 'vitest';

import { StatementCounter } from '../bench/wire/statements.js';

function message(type: string, payload: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + Buffer.byteLength(payload));
  return Buffer.concat([Buffer.from(type), length, Buffer.from(payload)]);
}

const START = message('', '\0\x03\0\0user\0me\0\0');
const SESSION = Buffer.concat([
  START,
  message('p', 'secret\0'),
  message('Q', 'begin\0'),
  // Payloads may hold anything, the letters of other messages among them.
  message('P', 'a name\0select EEQQ\0\0\0'),
  message('B', 'EEEE'),
  message('E', '\0\0\0\0\0'),
  message('S', ''),
  message('B', 'Q'),
  message('E', '\0\0\0\0\0'),
  message('S', ''),
  message('X', ''),
]);

it('counts what is executed, prepared or not, and nothing else', () => {
  const counter = new StatementCounter();
  counter.push(SESSION);
  expect(counter.count).toBe(3);
});

it('counts the same however the bytes arrive', () => {
  for (let size = 1; size < 20; size++) {
    const counter = new StatementCounter();
    for (let at = 0; at < SESSION.length; at += size) counter.push(SESSION.subarray(at, at + size));
    expect(counter.count).toBe(3);
  }
});
