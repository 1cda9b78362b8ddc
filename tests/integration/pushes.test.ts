// Pushes to many: past the engine where nothing waits before them, through it where something does, and alike either way.
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io as connect, type Socket as Client } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

import { NO_METRICS } from '../../server/metrics/metrics.js';
import { Audience } from '../../server/socket/audience.js';
import { isDirect, jitterPings } from '../../server/socket/engine.js';
import { NoRooms } from '../../server/socket/no-rooms.js';
import { encodePush } from '../../server/socket/push.js';
import type { ClientSocket } from '../../server/socket/session.js';
import { Random } from '../sim/random.js';
import { startTestApp } from '../support/app.js';
import { until } from '../support/until.js';

const ROOM = 'room';

let http: HttpServer;
let io: Server;
let audience: Audience;
let clients: Client[];
/** In the order of `enter`. */
let sockets: ClientSocket[];

beforeEach(async () => {
  http = createServer();
  io = new Server(http, { adapter: NoRooms, perMessageDeflate: false, serveClient: false });
  // By its clock a push to these few is one turn, also on a busy machine: of beats that wait for another it keeps the first alone.
  audience = new Audience(NO_METRICS, () => {}, { now: () => 0 });
  clients = [];
  sockets = [];
  io.on('connection', (raw) => {
    const socket = raw as unknown as ClientSocket;
    socket.data = { direct: isDirect(socket) } as ClientSocket['data'];
    sockets.push(socket);
    audience.enter(ROOM, socket);
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const client of clients) client.disconnect();
  await io.close();
});

interface Reader {
  /** The heads of all beats, in the order in which they came. */
  heard: number[];
  socket: ClientSocket;
}

async function enter(transport: 'websocket' | 'polling', upgrade = false): Promise<Reader> {
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const client = connect(url, {
    transports: upgrade ? [transport, 'websocket'] : [transport],
    forceNew: true,
    upgrade,
  });
  clients.push(client);
  const heard: number[] = [];
  client.on('thread:beat', ({ head }) => heard.push(head));
  const before = sockets.length;
  await until(() => client.connected && sockets.length > before, 'the reader to be there');
  return { heard, socket: sockets.at(-1)! };
}

const beat = (head: number, thread = 'thread') => ({ thread, epoch: '', head, readers: 1, typing: [] });
const push = (head: number, thread?: string): void => audience.push(ROOM, 'thread:beat', beat(head, thread));

/** What the engine was given to send. */
function watchEngine({ conn }: ClientSocket): { packets: number } {
  const seen = { packets: 0 };
  conn.on('packetCreate', () => (seen.packets += 1));
  return seen;
}

describe('[PUMP9] a push to many', () => {
  it('goes past the engine of a reader for whom nothing waits, and through it for one who polls', async () => {
    const direct = await enter('websocket');
    const polling = await enter('polling');
    expect([direct.socket.data.direct, polling.socket.data.direct]).toEqual([true, false]);
    const [past, through] = [watchEngine(direct.socket), watchEngine(polling.socket)];
    for (let head = 0; head < 20; head++) {
      push(head);
      await until(() => direct.heard.length === head + 1 && polling.heard.length === head + 1, 'both to hear it');
    }
    expect(direct.heard).toEqual(Array.from({ length: 20 }, (_, head) => head));
    expect(polling.heard).toEqual(direct.heard);
    expect(past.packets).toBe(0);
    expect(through.packets).toBeGreaterThanOrEqual(20);
  });

  it.each([0, 125 - 100, 300, 70_000])('arrives whole, however long it is (%i characters more)', async (length) => {
    const reader = await enter('websocket');
    const seen: string[] = [];
    clients.at(-1)!.on('thread:beat', ({ thread }) => seen.push(thread));
    const name = `ä${'x'.repeat(length)}€`;
    push(1, name);
    await until(() => seen.length === 1, 'it to arrive');
    expect(seen).toEqual([name]);
    expect(reader.heard).toEqual([1]);
  });

  it('has every length of frame that there is', () => {
    for (const length of [1, 200, 70_000]) {
      const { packet, frame } = encodePush('thread:stale', { thread: 'x'.repeat(length), head: 1 });
      const bytes = Buffer.from(`4${packet}`);
      expect(frame.subarray(frame.length - bytes.length).equals(bytes)).toBe(true);
      expect(frame[0]).toBe(0x81);
    }
  });

  it('keeps its place among what each reader is sent alone, whichever way each goes', async () => {
    const random = new Random(7);
    const readers = [
      await enter('websocket'),
      await enter('polling'),
      await enter('websocket'),
      await enter('websocket'),
    ];
    // As where the engine is not as it is known.
    readers[2]!.socket.data.direct = false;
    const expected: number[] = [];
    for (let head = 0; head < 2_000; head++) {
      expected.push(head);
      if (random.chance(0.4)) for (const { socket } of readers) socket.emit('thread:beat', beat(head));
      else push(head, random.chance(0.05) ? 'x'.repeat(200_000) : undefined);
      if (random.chance(0.02)) await new Promise((resolve) => void setImmediate(resolve));
    }
    await until(() => readers.every(({ heard }) => heard.length === 2_000), 'all to hear everything', {
      withinMs: 15_000,
    });
    for (const { heard } of readers) expect(heard).toEqual(expected);
  });

  it('is written past the engine once a polling reader has a WebSocket', async () => {
    const reader = await enter('polling', true);
    expect(reader.socket.data.direct).toBe(false);
    await until(() => reader.socket.conn.transport.name === 'websocket', 'the upgrade');
    reader.socket.data.direct = isDirect(reader.socket);
    const engine = watchEngine(reader.socket);
    push(1);
    await until(() => reader.heard.length === 1, 'it to arrive');
    expect(engine.packets).toBe(0);
  });

  it('goes through the engine where a part of it is not as it is known', async () => {
    const reader = await enter('websocket');
    const { transport } = reader.socket.conn as unknown as { transport: { socket: { _sender: object | undefined } } };
    const sender = transport.socket._sender;
    transport.socket._sender = undefined;
    expect(isDirect(reader.socket)).toBe(false);
    transport.socket._sender = { ...sender, _state: 'another' };
    expect(isDirect(reader.socket)).toBe(false);
    transport.socket._sender = sender;
    expect(isDirect(reader.socket)).toBe(true);
  });

  it('is not made where nobody hears the room any more', async () => {
    const reader = await enter('websocket');
    audience.leave(ROOM, reader.socket);
    expect(audience.has(ROOM)).toBe(false);
    push(1);
    reader.socket.emit('thread:beat', beat(2));
    await until(() => reader.heard.length > 0, 'what it is sent alone');
    expect(reader.heard).toEqual([2]);
  });
});

it('each connection has an interval of its own for its pings, around 25 seconds', () => {
  const options = { pingInterval: 25_000 };
  jitterPings(options);
  const drawn = Array.from({ length: 500 }, () => options.pingInterval);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(30_000);
  expect(new Set(drawn).size).toBeGreaterThan(400);
});

it('twenty readers who connect are told intervals of their own, by either transport', async () => {
  const app = await startTestApp();
  onTestFinished(() => app.end());
  const url = `${app.url}/socket.io/?EIO=4&transport=`;
  const opening = async (transport: string): Promise<string> => {
    if (transport === 'polling') return (await fetch(url + transport)).text();
    const socket = new WebSocket(url.replace('http', 'ws') + transport);
    const [first] = (await once(socket, 'message')) as [Buffer];
    socket.close();
    return first.toString();
  };
  const told: number[] = [];
  for (let n = 0; n < 20; n++) {
    // `0{"sid":…,"pingInterval":…}`: the first packet of a line.
    const { pingInterval } = JSON.parse((await opening(n % 2 === 0 ? 'polling' : 'websocket')).slice(1)) as {
      pingInterval: number;
    };
    told.push(pingInterval);
  }
  expect(Math.min(...told)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...told)).toBeLessThanOrEqual(30_000);
  // Of ten thousand values: that three of twenty are drawn twice happens once in some hundred thousand runs.
  expect(new Set(told).size).toBeGreaterThan(17);
});
