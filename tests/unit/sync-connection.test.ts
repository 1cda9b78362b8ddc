// The real line against a real Socket.IO server, scripted by the test.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { WebSocket } from 'ws';
import { AppError } from '../../shared/errors.js';
import type { HandshakeAuth } from '../../shared/protocol.js';
import { systemClock, type Clock } from '../../widget/state/clock.js';
import { Connections, type Connection } from '../../widget/net/connection.js';
import type { LineEvents } from '../../widget/net/transport.js';
import { SafeStorage } from '../../widget/state/storage.js';
import { until } from '../support/until.js';
import { makeDelta } from '../support/replies.js';

/** As browsers have it (and Node from version 22 on): an error that nobody listens to is only followed by `close`. */
class BrowserSocket extends WebSocket {
  constructor(address: string) {
    super(address);
    this.on('error', () => {});
  }
}
globalThis.WebSocket = BrowserSocket as never;

let http: HttpServer;
let io: Server;
let url: string;
/** What each handshake said of itself, and what it is answered. */
let hellos: HandshakeAuth[];
let refuse: (auth: HandshakeAuth) => AppError | null;
let sockets: Socket[];
let waits: number[];
let wake: () => void;
let connections: Connections;
const releases: (() => void)[] = [];

async function serve(options: Partial<ServerOptions> = {}): Promise<void> {
  http = createServer();
  io = new Server(http, options);
  io.use((socket, next) => {
    const auth = socket.handshake.auth as HandshakeAuth;
    hellos.push(auth);
    const error = refuse(auth);
    next(error ? Object.assign(new Error(error.message), { data: error.toBody() }) : undefined);
  });
  io.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** No jitter, and every wait is noted; none is longer than a tenth of a second. */
const clock: Clock = {
  ...systemClock,
  random: () => 0,
  setTimeout: (callback, ms) => {
    waits.push(ms);
    return systemClock.setTimeout(callback, ms < 10_000 ? Math.min(ms, 100) : ms);
  },
};

beforeEach(async () => {
  hellos = [];
  refuse = () => null;
  sockets = [];
  waits = [];
  wake = () => {};
  connections = new Connections({
    widget: '1.2.3',
    keep: new SafeStorage(() => null),
    clock,
    onWake: (callback) => {
      wake = callback;
      return () => {
        wake = () => {};
      };
    },
  });
  await serve();
});
afterEach(async () => {
  for (const release of releases.splice(0)) release();
  await io.close();
});

const lineTo = (server = url): Connection => connections.line(server, 'site').line;
const hold = (line: Connection): (() => void) => {
  const release = line.hold();
  releases.push(release);
  return release;
};
async function connected(line = lineTo()): Promise<Connection> {
  hold(line);
  await until(() => line.connected && sockets.length > 0, 'the line to be up');
  return line;
}
const heard = <K extends keyof LineEvents>(line: Connection, name: K): LineEvents[K][] => {
  const found: LineEvents[K][] = [];
  line.on(name, (value) => found.push(value));
  return found;
};

describe('the line', () => {
  it('introduces itself by protocol, site, version and token', async () => {
    const { guest } = connections.line(url, 'site');
    await connected();
    expect(hellos).toEqual([{ protocol: 1, site: 'site', widget: '1.2.3' }]);
    expect(guest).toBe(connections.line(url, 'site').guest);
  });

  it('is one for all discussions of a page on a site, closed with the last of them', async () => {
    const line = await connected();
    expect(lineTo()).toBe(line);
    const again = line.hold();
    expect([hellos.length, sockets.length]).toEqual([1, 1]);
    releases.splice(0).forEach((release) => release());
    expect(line.connected).toBe(true);
    again();
    await until(() => !sockets[0]!.connected, 'the server to see it gone');
    expect(line.connected).toBe(false);
  });

  it('can be opened again', async () => {
    const line = await connected();
    releases.splice(0).forEach((release) => release());
    hold(line);
    await until(() => sockets.length === 2 && line.connected, 'the second line');
  });

  it('carries requests and pushes', async () => {
    const line = await connected();
    const deltas = heard(line, 'thread:delta');
    sockets[0]!.on('reply:source', ({ id }, answer) => answer({ ok: true, data: { body: `of ${id}` } }));
    expect(await line.request('reply:source', { id: 'r1' })).toEqual({ ok: true, data: { body: 'of r1' } });
    sockets[0]!.emit('thread:delta', makeDelta(1, 2));
    await until(() => deltas.length === 1, 'the delta');
    expect(deltas).toEqual([makeDelta(1, 2)]);
  });

  it('answers null where there is no line, and where it is lost before the answer', async () => {
    const line = lineTo();
    expect(await line.request('reply:source', { id: 'r1' })).toBeNull();
    await connected();
    const asked = line.request('reply:source', { id: 'r1' });
    sockets[0]!.disconnect(true);
    expect(await asked).toBeNull();
  });

  it('falls back to polling where WebSockets do not get through', async () => {
    await io.close();
    await serve({ transports: ['polling'] });
    await connected();
    expect(sockets[0]!.conn.transport.name).toBe('polling');
  });

  it('carries requests, pushes and refusals by polling as well', async () => {
    await io.close();
    await serve({ transports: ['polling'] });
    refuse = () => (hellos.length < 2 ? new AppError('overloaded', { retryAfterMs: 1 }) : null);
    const line = await connected();
    const deltas = heard(line, 'thread:delta');
    sockets[0]!.on('reply:source', ({ id }, answer) => answer({ ok: true, data: { body: `of ${id}` } }));
    expect(await line.request('reply:source', { id: 'r1' })).toEqual({ ok: true, data: { body: 'of r1' } });
    sockets[0]!.emit('thread:delta', makeDelta(1, 2));
    await until(() => deltas.length === 1, 'the delta');
    const downs = heard(line, 'down');
    sockets[0]!.disconnect(true);
    await until(() => downs.length === 1 && sockets.length === 2 && line.connected, 'the line to be back');
  });

  it('does not poll where a WebSocket got through before', async () => {
    const line = await connected();
    const failures = heard(line, 'failed');
    await io.close();
    await until(() => failures.length >= 2, 'two failed attempts');
    const port = Number(new URL(url).port);
    const asked: string[] = [];
    http = createServer((request, answer) => {
      asked.push(request.url!);
      answer.end();
    });
    http.on('upgrade', (request, socket) => {
      asked.push(request.url!);
      socket.destroy();
    });
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
    await until(() => asked.length >= 3, 'three more attempts');
    expect(asked.every((address) => address.includes('transport=websocket'))).toBe(true);
    releases.splice(0).forEach((release) => release());
    await new Promise((resolve) => http.close(resolve));
  });

  it('takes what is not the protocol for a lost line', async () => {
    await io.close();
    const { WebSocketServer } = await import('ws');
    const stranger = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    stranger.on('connection', (socket) => socket.send('42<html>'));
    await new Promise((resolve) => stranger.once('listening', resolve));
    url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const line = lineTo();
    const failures = heard(line, 'failed');
    hold(line);
    await until(() => failures.length >= 1, 'the attempt to fail');
    expect(line.connected).toBe(false);
    releases.splice(0).forEach((release) => release());
    for (const socket of stranger.clients) socket.terminate();
    await new Promise((resolve) => stranger.close(resolve));
  });

  it('is lost when the server breaks its promise to ping', async () => {
    await io.close();
    await serve({ pingInterval: 60, pingTimeout: 40 });
    const line = await connected();
    const downs = heard(line, 'down');
    expect(downs).toEqual([]);
    // The server's process hangs: the line stays open and nothing comes.
    sockets[0]!.conn.removeAllListeners();
    const engine = sockets[0]!.conn as unknown as { pingIntervalTimer: NodeJS.Timeout };
    clearTimeout(engine.pingIntervalTimer);
    await until(() => downs.length === 1, 'the silence to be noticed');
  });

  it('finds a server that is mounted below a path', async () => {
    await io.close();
    await serve({ path: '/talk/socket.io/' });
    await connected(lineTo(`${url}/talk`));
  });

  it('tells the server once that the last discussion of a page has left a thread', async () => {
    const line = await connected();
    const left: string[] = [];
    sockets[0]!.on('thread:leave', ({ thread }, answer) => {
      left.push(thread);
      answer({ ok: true, data: {} });
    });
    const [one, two] = [line.enter('t'), line.enter('t')];
    one();
    expect(await line.request('thread:leave', { thread: 'other' })).toMatchObject({ ok: true });
    two();
    await until(() => left.length === 2, 'the second word');
    expect(left).toEqual(['other', 't']);
  });
});

describe('a lost line', () => {
  it('comes back by itself', async () => {
    const line = await connected();
    const [downs, ups] = [heard(line, 'down'), heard(line, 'up')];
    sockets[0]!.disconnect(true);
    await until(() => ups.length === 1, 'the line to be back');
    expect([downs.length, sockets.length]).toEqual([1, 2]);
  });

  it('is said to be failing while there is no server, and waits longer and longer', async () => {
    const line = await connected();
    const failures = heard(line, 'failed');
    await io.close();
    await until(() => failures.length >= 2, 'two failed attempts');
    expect(line.connected).toBe(false);
  });

  it('comes back at once when the browser wakes', async () => {
    refuse = () => new AppError('overloaded', { retryAfterMs: 20_000 });
    const line = lineTo();
    const failures = heard(line, 'failed');
    hold(line);
    await until(() => failures.length === 1, 'the first attempt to fail');
    refuse = () => null;
    wake();
    await until(() => line.connected, 'the line to be up');
  });

  it('waits as long as the server asked for', async () => {
    refuse = () => (hellos.length < 2 ? new AppError('overloaded', { retryAfterMs: 4_321 }) : null);
    await connected();
    expect(waits).toContain(4_321);
  });

  it('after `server:drain` comes back when the server said, and not before', async () => {
    const line = await connected();
    sockets[0]!.emit('server:drain', { reconnectInMs: 5_432 });
    await until(() => waits.includes(5_432), 'the word of the server');
    sockets[0]!.disconnect(true);
    await until(() => !line.connected, 'the line to be lost');
    const planned = waits.length;
    await until(() => sockets.length === 2, 'the line to be back');
    expect(waits.slice(planned).filter((ms) => ms < 10_000)).toEqual([]);
  });

  it('is not sought any more when nobody wants it', async () => {
    const line = await connected();
    const downs = heard(line, 'down');
    line.on('down', () => releases.splice(0).forEach((release) => release()));
    sockets[0]!.disconnect(true);
    await until(() => downs.length === 1, 'the line to be lost');
    wake();
    line.restart();
    expect([line.connected, hellos.length]).toEqual([false, 1]);
  });
});

describe('a refused handshake', () => {
  it.each(['site_unknown', 'origin_refused', 'protocol_unsupported'] as const)('by %s is final', async (code) => {
    refuse = () => new AppError(code);
    const line = lineTo();
    const refusals = heard(line, 'refused');
    hold(line);
    await until(() => refusals.length === 1, 'the refusal');
    wake();
    expect([line.refusal?.code, refusals[0]?.code, hellos.length]).toEqual([code, code, 1]);
  });

  it('stays final while other lines are heard many times', async () => {
    await io.close();
    await serve({ pingInterval: 30, pingTimeout: 20 });
    refuse = ({ site }) => (site === 'site' ? new AppError('origin_refused') : null);
    const line = lineTo();
    const [refusals, failures] = [heard(line, 'refused'), heard(line, 'failed')];
    hold(line);
    await until(() => refusals.length === 1, 'the refusal');
    await connected(connections.line(url, 'other').line);
    let beats = 0;
    sockets[0]!.conn.on('heartbeat', () => beats++);
    await until(() => beats === 5, 'five heartbeats of the other line');
    expect([failures, hellos.filter(({ site }) => site === 'site').length]).toEqual([[], 1]);
  });

  it('is tried again by a discussion that begins anew', async () => {
    refuse = () => new AppError('origin_refused');
    const line = lineTo();
    const refusals = heard(line, 'refused');
    hold(line);
    await until(() => refusals.length === 1, 'the refusal');
    releases.splice(0).forEach((release) => release());
    refuse = () => null;
    await connected(line);
    expect(line.refusal).toBeNull();
  });

  it('because of a token lets go of the token, and keeps the name', async () => {
    const { guest } = connections.line(url, 'site');
    const line = await connected();
    guest.setName('Ana');
    sockets[0]!.on('me:guest', ({ name }, answer) =>
      answer({ ok: true, data: { token: 'old', me: { id: 'a', name, badge: 'guest' } } }),
    );
    expect(await guest.speak()).toMatchObject({ ok: true });
    refuse = ({ token }) => (token === undefined ? null : new AppError('token_invalid'));
    sockets[0]!.disconnect(true);
    await until(() => line.connected && sockets.length === 2, 'the line to be back');
    expect(hellos.map(({ token }) => token)).toEqual([undefined, 'old', undefined]);
    expect([line.token, guest.name]).toEqual([null, 'Ana']);
  });
});
