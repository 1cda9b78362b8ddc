// What a message may hold, before its line was let in and after, and in how many parts it may come.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { boundMessages, unfinishedOf, type Line } from '../../server/socket/engine.js';
import { HELLO_MS } from '../../server/socket/strangers.js';
import { SCHEMAS } from '../../server/socket/schemas.js';
import type { ClientSocket } from '../../server/socket/session.js';
import { newId } from '../../shared/ids.js';
import * as limits from '../../shared/limits.js';
import { clientFrame } from '../bench/wire/frames.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient } from '../support/client.js';
import { send } from '../support/http.js';
import { closed, heard, openPoll, openSocket, POLL, post, tcpOf } from '../support/strangers.js';
import { until } from '../support/until.js';
import { AUTH, connectWire, openWire } from '../support/wire.js';

const { HELLO_BYTES_MAX, MESSAGE_BYTES_MAX } = limits;
const MEGABYTE = 1_000_000;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.end());

/** Each character as six: the longest way to write it. */
const escaped = (length: number): string => '\\u0061'.repeat(length);

/** The head of a text frame of this length, masked with zeros. */
function frameHead(length: number): Buffer {
  const head = Buffer.alloc(14);
  head.set([0x81, 0xff]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

describe('[LIM3] until a line was let in', () => {
  it('a message of more than a handshake needs closes it before it is there', async () => {
    const socket = await openSocket(app.url);
    tcpOf(socket).write(frameHead(HELLO_BYTES_MAX + 1));
    expect(await closed(socket)).toBe(1009);
  });

  it('the largest handshake that is legal is understood, however it is written', async () => {
    const auth = `{"protocol":1,"site":"${escaped(limits.SITE_MAX)}","widget":"${escaped(64)}","token":"${escaped(limits.TOKEN_MAX)}"}`;
    expect(auth.length).toBeGreaterThan(12_000);
    const wire = await openWire(app.url, auth);
    expect(await wire.next('44')).toMatchObject({ data: { code: 'site_unknown' } });
    // It was not let in, so nothing has changed.
    wire.send(`40{"protocol":1,"site":"${'a'.repeat(HELLO_BYTES_MAX)}"}`);
    expect(await wire.closed).toBe(1009);
  });

  it('then a megabyte is answered', async () => {
    const wire = await connectWire(app.url);
    const answer = await wire.ask(`["thread:join",{"key":"${'a'.repeat(MEGABYTE)}"}]`);
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid', field: 'key' } });
    wire.send(`42["thread:join",{"key":"${'a'.repeat(MESSAGE_BYTES_MAX)}"}]`);
    expect(await wire.closed).toBe(1009);
  });

  it('polling is bounded alike', async () => {
    const sid = await openPoll(app.url);
    expect((await post(app.url, sid, `40{"x":"${'a'.repeat(HELLO_BYTES_MAX)}"}`)).status).toBe(413);
    const other = await openPoll(app.url);
    expect((await post(app.url, other, `40${AUTH}`)).status).toBe(200);
    expect((await send(app.url, `${POLL}&sid=${other}`)).text).toMatch(/^40/);
    expect((await post(app.url, other, `420["thread:join",{"key":"${'a'.repeat(1_000_000)}"}]`)).status).toBe(200);
    expect((await send(app.url, `${POLL}&sid=${other}`)).text).toContain('"field":"key"');
    expect((await post(app.url, other, 'a'.repeat(MESSAGE_BYTES_MAX + 1))).status).toBe(413);
    // Clients are told.
    expect((await send(app.url, POLL)).text).toContain(`"maxPayload":${MESSAGE_BYTES_MAX}`);
  });

  it('so is the WebSocket that a polling line asks for, before and after', async () => {
    const sid = await openPoll(app.url);
    const early = await openSocket(app.url, `&sid=${sid}`);
    early.send('2probe');
    await new Promise((resolve) => void early.once('message', resolve));
    tcpOf(early).write(Buffer.concat([clientFrame('5'), frameHead(HELLO_BYTES_MAX + 1)]));
    expect(await closed(early)).toBe(1009);

    const late = await connectClient(app.url, {}, { transports: ['polling', 'websocket'] });
    await until(() => late.socket.io.engine.transport.name === 'websocket', 'the upgrade');
    expect(await late.refused('thread:join', { key: 'a'.repeat(MEGABYTE) })).toMatchObject({ field: 'key' });
    late.close();
  });

  it('binary data are refused, and later have the bound of a message, all of its parts together', async () => {
    const early = await openSocket(app.url);
    const began = performance.now();
    early.send('452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    await closed(early);
    // Not because its time was over.
    expect(performance.now() - began).toBeLessThan(HELLO_MS - 2_000);
    const wire = await connectWire(app.url);
    wire.send(`453-${JSON.stringify(['x', ...[0, 1, 2].map((num) => ({ _placeholder: true, num }))])}`);
    for (let n = 0; n < 3; n++) wire.send(Buffer.alloc(MEGABYTE));
    await wire.closed;
    expect(wire.frames.filter((frame) => frame.startsWith('43'))).toEqual([]);
  });

  it('a line whose WebSocket is not as it is known keeps the bound that all have', () => {
    const receiver = { _maxPayload: 777 };
    const lineOf = (socket: object): Line => ({ transport: { name: 'websocket', socket } }) as unknown as Line;
    boundMessages(lineOf({ _receiver: receiver }), false);
    expect(receiver._maxPayload).toBe(777);
    boundMessages(lineOf({}), false);
    const unfinished = (socket: object): number => unfinishedOf({ conn: lineOf(socket) } as unknown as ClientSocket);
    expect(unfinished({ _receiver: { _bufferedBytes: 10, _messageLength: 20 } })).toBe(30);
    for (const other of [{}, { _receiver: null }, { _receiver: { _bufferedBytes: 10 } }]) {
      expect(unfinished(other)).toBe(0);
    }
  });
});

it('[LIM4] messages that are not complete hold 64 MiB in all: the largest lose their line, a small one is read', async () => {
  const wires = await Promise.all(Array.from({ length: 50 }, () => openSocket(app.url)));
  const small = await openSocket(app.url);
  const all = [...wires, small];
  const letIn = all.map((wire) => heard(wire, '40'));
  for (const wire of all) wire.send(`40${AUTH}`);
  await Promise.all(letIn);
  const isOpen = (wire: WebSocket): boolean => wire.readyState === WebSocket.OPEN;
  const join = `420["thread:join",{"key":"unfinished","title":"${'a'.repeat(50_000)}"}]`;
  tcpOf(small).write(Buffer.concat([frameHead(join.length), Buffer.from(join.slice(0, -10))]));
  for (const wire of wires) {
    tcpOf(wire).write(Buffer.concat([frameHead(MESSAGE_BYTES_MAX), Buffer.alloc(MESSAGE_BYTES_MAX - 10)]));
  }
  await until(() => !wires.every(isOpen), 'some to be cut', { withinMs: 15_000 });
  const answered = heard(small, '430');
  tcpOf(small).write(join.slice(-10));
  expect(await answered).toContain('"field":"title"');
  // Those that were cut make room for others.
  expect(wires.filter(isOpen).length).toBeGreaterThan(0);
  for (const wire of all) wire.terminate();
}, 60_000);

/** Of each request, every text at its longest and every character written as six. */
const LARGEST: Record<keyof typeof SCHEMAS, object> = {
  'thread:join': {
    key: 'a'.repeat(limits.KEY_MAX),
    url: 'a'.repeat(limits.URL_MAX),
    title: 'a'.repeat(limits.TITLE_MAX),
    sort: 'oldest',
    limit: 50,
    cursor: { epoch: 'a'.repeat(64), seq: Number.MAX_SAFE_INTEGER },
    lane: 'digest',
  },
  'thread:leave': { thread: newId() },
  'thread:page': { thread: newId(), parent: newId(), sort: 'oldest', after: 'a'.repeat(limits.AFTER_MAX), limit: 50 },
  'thread:locate': { thread: newId(), id: newId(), sort: 'oldest' },
  'thread:news': { thread: newId(), since: { epoch: 'a'.repeat(64), seq: Number.MAX_SAFE_INTEGER } },
  'thread:typing': { thread: newId(), parent: newId() },
  'me:guest': { name: 'a'.repeat(limits.NAME_MAX * 4), email: `${'a'.repeat(60)}@${'b.'.repeat(92)}example` },
  'reply:create': {
    thread: newId(),
    id: newId(),
    parent: newId(),
    body: 'a'.repeat(limits.BODY_MAX),
    answers: 2_147_483_647,
    mentions: Array.from({ length: limits.MENTIONS_MAX }, newId),
  },
  'reply:edit': {
    id: newId(),
    body: 'a'.repeat(limits.BODY_MAX),
    base: Number.MAX_SAFE_INTEGER,
    mentions: Array.from({ length: limits.MENTIONS_MAX }, newId),
  },
  'reply:remove': { id: newId() },
  'reply:restore': { id: newId() },
  'reply:preview': {
    thread: newId(),
    body: 'a'.repeat(limits.BODY_MAX),
    mentions: Array.from({ length: limits.MENTIONS_MAX }, newId),
  },
  'reply:history': { id: newId() },
  'reply:source': { id: newId() },
  'reply:vote': { id: newId(), value: -1 },
  'reply:react': { id: newId(), emoji: 'a'.repeat(limits.EMOJI_MAX), on: false },
  'reply:report': { id: newId(), reason: 'a'.repeat(64), note: 'a'.repeat(limits.NOTE_MAX) },
};

it('the largest legal message has a thirty-fifth of what a message may have', () => {
  for (const [event, payload] of Object.entries(LARGEST) as [keyof typeof SCHEMAS, object][]) {
    expect(SCHEMAS[event].safeParse(payload).error, event).toBeUndefined();
    const text = JSON.stringify([event, payload]).replace(
      /[^"{}[\]:,]/g,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    expect(Buffer.byteLength(text), event).toBeLessThan(MESSAGE_BYTES_MAX / 35);
  }
});

it('[LIM4] a message in very many parts closes its line, one in a few is read', async () => {
  const wire = await openSocket(app.url);
  const part = (first: number, text: string): Buffer => {
    const frame = clientFrame(text);
    frame[0] = first;
    return frame;
  };
  const hello = `40${AUTH}`.split('');
  const parts = hello.map((letter, n) => part(n === 0 ? 0x01 : n === hello.length - 1 ? 0x80 : 0x00, letter));
  const letIn = heard(wire, '40');
  tcpOf(wire).write(Buffer.concat(parts));
  await letIn;
  tcpOf(wire).write(Buffer.concat([part(0x01, 'x'), ...Array.from({ length: 200 }, () => part(0x00, 'x'))]));
  expect(await closed(wire)).toBe(1008);
});
