// Who has not said who they are: what a line may hold until it was let in, what opening one costs its address, and what any
// connection may ask for at once.
import { connect as dial, type Socket } from 'node:net';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { useHealth } from '../../server/http/health.js';
import { FLOOD } from '../../server/socket/decoder.js';
import { boundMessages, unfinishedOf, type Line } from '../../server/socket/engine.js';
import { HELLO_MS } from '../../server/socket/strangers.js';
import { SCHEMAS } from '../../server/socket/schemas.js';
import type { ClientSocket } from '../../server/socket/session.js';
import type { ErrorBody } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import * as limits from '../../shared/limits.js';
import { clientFrame } from '../bench/wire/frames.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient } from '../support/client.js';
import { send } from '../support/http.js';
import { until } from '../support/until.js';
import { AUTH, connectWire, openWire, type Wire } from '../support/wire.js';

const { HELLO_BYTES_MAX, MESSAGE_BYTES_MAX } = limits;
const MEGABYTE = 1_000_000;

let app: TestApp;
/** With the limits on, behind a proxy. */
let limited: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  limited = await startTestApp({ config: { rateLimits: true, trustProxy: ['127.0.0.1'] } });
});
afterAll(async () => {
  await app.end();
  await limited.end();
});

const POLL = '/socket.io/?EIO=4&transport=polling';
const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

/** Each character as six: the longest way to write it. */
const escaped = (length: number): string => '\\u0061'.repeat(length);

/** Opens a polling line that has said nothing. */
async function openPoll(url: string): Promise<string> {
  const { text } = await send(url, POLL);
  return (JSON.parse(text.slice(1)) as { sid: string }).sid;
}

const post = (url: string, sid: string, body: string) =>
  send(url, `${POLL}&sid=${sid}`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });

/** A WebSocket that says nothing by itself, but answers pings. */
async function openSocket(url: string, query = '', headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket${query}`, {
    headers,
  });
  socket.on('message', (data: Buffer) => data.toString() === '2' && socket.send('3'));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  socket.on('error', () => {});
  return socket;
}

const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => void socket.once('close', resolve));

/** The next frame that begins so. */
const heard = (socket: WebSocket, beginning: string): Promise<string> =>
  new Promise((resolve) => {
    socket.on('message', (data: Buffer) => data.toString().startsWith(beginning) && resolve(data.toString()));
  });

/** The head of a text frame of this length, masked with zeros. */
function frameHead(length: number): Buffer {
  const head = Buffer.alloc(14);
  head.set([0x81, 0xff]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

const tcpOf = (socket: WebSocket): Socket => (socket as unknown as { _socket: Socket })._socket;

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

/** Requests on connections of their own, so many on each, as cheap as can be: the answers, each with its head. */
async function ask(app: TestApp, requests: readonly string[], onEach = 1): Promise<string[]> {
  const asked = Array.from({ length: Math.ceil(requests.length / onEach) }, (_, n) => {
    const mine = requests.slice(n * onEach, (n + 1) * onEach);
    return new Promise<string[]>((resolve) => {
      let got = '';
      const socket = dial(app.port, '127.0.0.1', () => socket.write(mine.join('')));
      const told = (): string[] => got.split(/(?=HTTP\/1\.1 \d{3} )/);
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1');
        if (told().length === mine.length) socket.destroy();
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(told()));
    });
  });
  return (await Promise.all(asked)).flat();
}

describe('[REQ10] opening lines', () => {
  it('without a word is charged to the address, and refused with the time; others are served, and it is again later', async () => {
    const head = (address: string, query: string): string =>
      `GET /socket.io/?EIO=4&transport=${query} HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost:1\r\nx-forwarded-for: ${address}\r\n`;
    const upgrade =
      'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    const poll = `${head('192.0.2.1', 'polling')}\r\n`;
    const known = await openPoll(limited.url);
    const isRefused = (answer: string): boolean => answer.startsWith('HTTP/1.1 429 ');
    const refused: string[] = [];
    let isOver = false;
    // More than flows back (150 a second), however slow the machine is.
    const flood = Array.from({ length: 10 }, async () => {
      while (!isOver) {
        const answers = await ask(limited, Array<string>(25).fill(poll), 25);
        refused.push(...answers.filter((answer) => !answer.startsWith('HTTP/1.1 200 ')));
      }
    });
    try {
      await until(() => refused.length > 100, 'polling lines to be refused', { withinMs: 20_000 });
      // A WebSocket, also one that a polling line asks for.
      for (const query of ['websocket', `websocket&sid=${known}`]) {
        const asks = Array<string>(20).fill(head('192.0.2.1', query) + upgrade);
        const areSome = async (): Promise<boolean> => {
          const found = (await ask(limited, asks)).filter(isRefused);
          refused.push(...found);
          return found.length > 0;
        };
        await until(areSome, `${query} to be refused`, { withinMs: 20_000 });
      }
      expect((await ask(limited, [`${head('192.0.2.2', 'polling')}\r\n`]))[0]).toMatch(/^HTTP\/1\.1 200 /);
    } finally {
      isOver = true;
      await Promise.all(flood);
    }
    for (const answer of refused) {
      expect(answer).toMatch(/^HTTP\/1\.1 429 /);
      expect(answer).toMatch(/^content-type: application\/problem\+json\r$/im);
      expect(answer).toMatch(/^retry-after: [1-9]\d*\r$/im);
      const { code, retry, retryAfterMs } = JSON.parse(answer.split('\r\n\r\n')[1]!) as ErrorBody;
      expect({ code, retry }).toEqual({ code: 'rate_limited', retry: 'later' });
      expect(retryAfterMs).toBeGreaterThan(0);
    }
    // A page of another origin can read it.
    expect(refused[0]).toMatch(/^access-control-allow-origin: http:\/\/localhost:1\r$/im);
    await until(async () => (await ask(limited, [poll]))[0]!.startsWith('HTTP/1.1 200'), 'it to be served again');
  }, 60_000);

  it('a thousand readers behind one address who come back at once are let in, or told when in words', async () => {
    const wires: Wire[] = [];
    for (let n = 0; n < 10; n++) {
      wires.push(
        ...(await Promise.all(Array.from({ length: 100 }, () => openWire(limited.url, AUTH, from('192.0.2.4'))))),
      );
    }
    await until(() => wires.every(({ frames }) => frames.some((frame) => /^4[04]/.test(frame))), 'all to be answered', {
      withinMs: 15_000,
    });
    for (const { frames } of wires) {
      const refusal = frames.find((frame) => frame.startsWith('44'));
      if (refusal) expect(JSON.parse(refusal.slice(2))).toMatchObject({ data: { code: 'rate_limited' } });
    }
    for (const wire of wires) wire.close();
  }, 60_000);
});

describe('[LIM4] a line that floods', () => {
  const flood = (count: number): string[] => Array.from({ length: count }, (_, id) => `42${id}["x"]`);

  it('is answered for a long time, and then closed', async () => {
    const wire = await connectWire(limited.url, AUTH, from('192.0.2.5'));
    for (const packet of flood(900)) wire.send(packet);
    await wire.next('43899');
    for (const packet of flood(FLOOD.burst + 2_000)) wire.send(packet);
    await wire.closed;
    (await connectClient(limited.url, {}, { headers: from('192.0.2.5') })).close();
  }, 60_000);

  it('in one polling request is closed before it is read to its end', async () => {
    const sid = await openPoll(limited.url);
    expect((await post(limited.url, sid, `40${AUTH}`)).status).toBe(200);
    await send(limited.url, `${POLL}&sid=${sid}`);
    const began = performance.now();
    await post(limited.url, sid, flood(18_000).join('\x1e')).catch(() => null);
    expect((await send(limited.url, '/healthz')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(6_000);
    // With the next poll it is told that it is closed.
    expect((await send(limited.url, `${POLL}&sid=${sid}`)).text.endsWith('1')).toBe(true);
    expect((await post(limited.url, sid, '3')).status).toBe(400);
  });

  it('is served where the limits are off', async () => {
    const wire = await connectWire(app.url);
    for (const packet of flood(FLOOD.burst + 2_000)) wire.send(packet);
    await wire.next(`43${FLOOD.burst + 1_999}`);
    wire.close();
  });
});

describe('[LIM4] a connection', () => {
  /** Sends these bytes; what came back when the other side ended, or answered all. */
  const converse = (bytes: string, isDone: (got: string) => boolean = () => false): Promise<string> =>
    new Promise((resolve) => {
      let got = '';
      const socket = dial(app.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1');
        if (isDone(got)) socket.destroy();
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(got));
    });
  const answersIn = (got: string): number => got.split('HTTP/1.1 200').length - 1;
  const request = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n';

  it('may send some requests before it is answered, and is cut where it sends hundreds', async () => {
    expect(answersIn(await converse(request.repeat(20), (got) => answersIn(got) === 20))).toBe(20);
    expect(answersIn(await converse(request.repeat(400), (got) => answersIn(got) === 400))).toBeLessThan(400);
    const sequel = dial(app.port, '127.0.0.1');
    let got = '';
    sequel.on('data', (chunk) => (got += chunk.toString('latin1')));
    for (let n = 1; n <= 100; n++) {
      sequel.write(request);
      await until(() => answersIn(got) === n, `answer ${n}`);
    }
    sequel.destroy();
  });

  it('that asks for another protocol elsewhere is refused and gone, whether its other half is closed or not', async () => {
    const headers = 'host: localhost\r\nconnection: upgrade\r\nupgrade: websocket';
    const socket = dial({ port: app.port, host: '127.0.0.1', allowHalfOpen: true });
    let got = '';
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('error', () => {});
    const gone = new Promise((resolve) => void socket.once('close', resolve));
    socket.write(`GET /elsewhere HTTP/1.1\r\n${headers}\r\n\r\n`);
    await new Promise((resolve) => void socket.once('end', resolve));
    expect(got).toMatch(/^HTTP\/1\.1 404 .*"code":"not_found"/s);
    // To a connection that is gone nothing can be written for long.
    const again = setInterval(() => socket.write('x'), 50);
    await gone;
    clearInterval(again);
  });
});

it('however many ask whether the server can serve, the database is asked once at a time', async () => {
  let [asked, underWay] = [0, 0];
  const ping = async (): Promise<void> => {
    asked += 1;
    expect(++underWay).toBe(1);
    await app.database.sql`select pg_sleep(0.05)`;
    underWay -= 1;
  };
  const http = Fastify();
  useHealth(http, { ping, draining: () => false });
  const answers = await Promise.all(Array.from({ length: 200 }, () => http.inject('/readyz')));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array<number>(200).fill(200));
  expect(asked).toBeLessThan(20);
  await http.close();
});
