// The proxy that stands between processes in the fault suite: that each of its faults is what it says.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { Random } from '../sim/random.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

let echo: Server;
let proxy: TcpProxy;
/** The far ends of the lines, as the server sees them. */
let far: Socket[];
let near: Socket[];
beforeEach(async () => {
  far = [];
  near = [];
  echo = createServer((socket) => {
    far.push(socket);
    socket.on('error', () => {}).pipe(socket);
  });
  await new Promise<void>((resolve) => {
    echo.listen(0, '127.0.0.1', resolve);
  });
  const { port } = echo.address() as AddressInfo;
  proxy = await TcpProxy.open({ port }, { random: new Random(7) });
});
afterEach(async () => {
  [...near, ...far].forEach((socket) => socket.destroy());
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

interface Ended extends Socket {
  heard: string;
  /** How it ended. */
  ending: string;
}

async function dial(): Promise<Ended> {
  const socket = Object.assign(connect(proxy.port, '127.0.0.1'), { heard: '', ending: '' });
  near.push(socket);
  socket.on('data', (chunk: Buffer) => (socket.heard += chunk.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => (socket.ending = error.code ?? 'error'));
  socket.on('end', () => (socket.ending ||= 'FIN'));
  await once(socket, 'connect');
  return socket as Ended;
}

/** Time that the echo of a text takes. */
async function trip(socket: Ended, text: string): Promise<number> {
  const from = performance.now();
  socket.heard = '';
  socket.write(text);
  await until(() => socket.heard === text, `the echo of ${text}`);
  return performance.now() - from;
}

it('passes bytes, and the end of the stream, both ways', async () => {
  const socket = await dial();
  await trip(socket, 'hello');
  socket.end();
  await until(() => socket.ending === 'FIN', 'the end to come back');
  await until(() => proxy.connections === 0, 'the line to be forgotten');
});

it('delays each way, with jitter, and keeps the order within a connection', async () => {
  const socket = await dial();
  proxy.delay(30, 40);
  expect(await trip(socket, 'a')).toBeGreaterThanOrEqual(59);
  socket.heard = '';
  const letters = Array.from('abcdefghijklmnop');
  for (const letter of letters) socket.write(letter);
  await until(() => socket.heard.length === letters.length, 'all of it');
  expect(socket.heard).toBe(letters.join(''));
});

it('reorders between connections: some are slower than others', async () => {
  const sockets = await Promise.all(Array.from({ length: 6 }, dial));
  for (const socket of sockets) await trip(socket, 'x');
  proxy.delay(0, 0, 200);
  const took = await Promise.all(sockets.map((socket) => trip(socket, 'z')));
  expect(Math.max(...took) - Math.min(...took)).toBeGreaterThan(50);
});

it('lets a direction drip, and pushes back on who sends', async () => {
  const socket = await dial();
  await trip(socket, 'x');
  socket.heard = '';
  proxy.drip(50_000, 'down');
  socket.write('y'.repeat(10_000));
  const from = performance.now();
  await until(() => socket.heard.length === 10_000, 'all of it');
  expect(performance.now() - from).toBeGreaterThan(150);
  // What does not fit on the way stays with its sender.
  far[0]!.unpipe();
  far[0]!.write(Buffer.alloc(64 * 1024 * 1024));
  await until(() => far[0]!.writableLength > 32 * 1024 * 1024, 'the sender to keep it');
});

it('stalls one direction until it is healed, and nothing is lost', async () => {
  const socket = await dial();
  await trip(socket, 'x');
  socket.heard = '';
  proxy.stall('down');
  const arrived = once(far[0]!, 'data');
  socket.write('late');
  await arrived;
  const other = await dial();
  other.write('later');
  await until(() => far.length === 2, 'the other to be through');
  expect(socket.heard + other.heard).toBe('');
  await proxy.heal();
  await until(() => socket.heard === 'late' && other.heard === 'later', 'both to arrive');
});

it('loses a connection for good without a word, and lets new ones through', async () => {
  const socket = await dial();
  await trip(socket, 'x');
  proxy.lose();
  socket.write('gone');
  await trip(await dial(), 'y');
  await proxy.heal();
  await trip(await dial(), 'z');
  expect([socket.heard, socket.ending, far[0]!.destroyed]).toEqual(['x', '', false]);
  socket.destroy();
  await trip(await dial(), 'z');
  expect(far[0]!.destroyed).toBe(false);
});

it('cuts what is idle, and nothing else', async () => {
  proxy.idle(100);
  const [idle, busy] = [await dial(), await dial()];
  for (let n = 0; n < 8; n++) {
    await trip(busy, 'x');
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  expect([idle.destroyed, busy.destroyed]).toEqual([true, false]);
});

it('accepts and swallows: half-open', async () => {
  proxy.swallow();
  const socket = await dial();
  socket.write('gone');
  await proxy.heal();
  await trip(await dial(), 'y');
  expect([socket.heard, socket.ending, far.length]).toEqual(['', '', 1]);
});

it('cuts in order and hard', async () => {
  const [inOrder, hard] = [await dial(), await dial()];
  for (const socket of [inOrder, hard]) await trip(socket, 'x');
  proxy.cut('fin');
  await until(() => inOrder.ending !== '' && hard.ending !== '', 'both to be told');
  expect([inOrder.ending, hard.ending]).toEqual(['FIN', 'FIN']);
  const third = await dial();
  await trip(third, 'x');
  proxy.cut('rst');
  await until(() => third.ending !== '', 'it to be told');
  expect(third.ending).toBe('ECONNRESET');
});

it('refuses, hangs up, and is back on the same port', async () => {
  const { port } = proxy;
  await proxy.refuse();
  await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.heal();
  expect(proxy.port).toBe(port);
  await trip(await dial(), 'x');
  proxy.hangUp();
  const hung = await dial();
  await until(() => hung.closed, 'it to be hung up on');
  await proxy.heal();
  await trip(await dial(), 'y');
});
