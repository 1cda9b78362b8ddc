// The real line against a real Socket.IO server.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../shared/errors.js';
import { heard, LineDesk, useBrowserSocket } from '../support/line-desk.js';
import { makeDelta } from '../support/replies.js';
import { until } from '../support/until.js';

let desk: LineDesk;
beforeEach(async () => {
  desk = new LineDesk();
  await desk.serve();
});
afterEach(() => desk.end());

useBrowserSocket();

describe('the line', () => {
  it('introduces itself by protocol, site, version and token', async () => {
    const { guest } = desk.connections.line(desk.url, 'site');
    await desk.connected();
    expect(desk.hellos).toEqual([{ protocol: 1, site: 'site', widget: '1.2.3' }]);
    expect(guest).toBe(desk.connections.line(desk.url, 'site').guest);
  });

  it('is one for all discussions of a page on a site, closed with the last of them', async () => {
    const line = await desk.connected();
    expect(desk.lineTo()).toBe(line);
    const again = line.hold();
    expect([desk.hellos.length, desk.sockets.length]).toEqual([1, 1]);
    desk.release();
    expect(line.connected).toBe(true);
    again();
    await until(() => !desk.sockets[0]!.connected, 'the server to see it gone');
    expect(line.connected).toBe(false);
  });

  it('can be opened again', async () => {
    const line = await desk.connected();
    desk.release();
    desk.hold(line);
    await until(() => desk.sockets.length === 2 && line.connected, 'the second line');
  });

  it('carries requests and pushes', async () => {
    const line = await desk.connected();
    const deltas = heard(line, 'thread:delta');
    desk.sockets[0]!.on('reply:source', ({ id }, answer) => answer({ ok: true, data: { body: `of ${id}` } }));
    expect(await line.request('reply:source', { id: 'r1' })).toEqual({ ok: true, data: { body: 'of r1' } });
    desk.sockets[0]!.emit('thread:delta', makeDelta(1, 2));
    await until(() => deltas.length === 1, 'the delta');
    expect(deltas).toEqual([makeDelta(1, 2)]);
  });

  it('answers null where there is no line, and where it is lost before the answer', async () => {
    const line = desk.lineTo();
    expect(await line.request('reply:source', { id: 'r1' })).toBeNull();
    await desk.connected();
    const asked = line.request('reply:source', { id: 'r1' });
    desk.sockets[0]!.disconnect(true);
    expect(await asked).toBeNull();
  });

  it('falls back to polling where WebSockets do not get through', async () => {
    await desk.serve({ transports: ['polling'] });
    await desk.connected();
    expect(desk.sockets[0]!.conn.transport.name).toBe('polling');
  });

  it('carries requests, pushes and refusals by polling as well', async () => {
    await desk.serve({ transports: ['polling'] });
    desk.refuse = () => (desk.hellos.length < 2 ? new AppError('overloaded', { retryAfterMs: 1 }) : null);
    const line = await desk.connected();
    const deltas = heard(line, 'thread:delta');
    desk.sockets[0]!.on('reply:source', ({ id }, answer) => answer({ ok: true, data: { body: `of ${id}` } }));
    expect(await line.request('reply:source', { id: 'r1' })).toEqual({ ok: true, data: { body: 'of r1' } });
    desk.sockets[0]!.emit('thread:delta', makeDelta(1, 2));
    await until(() => deltas.length === 1, 'the delta');
    const downs = heard(line, 'down');
    desk.sockets[0]!.disconnect(true);
    await until(() => downs.length === 1 && desk.sockets.length === 2 && line.connected, 'the line to be back');
  });

  it('does not poll where a WebSocket got through before', async () => {
    const line = await desk.connected();
    const failures = heard(line, 'failed');
    await desk.io.close();
    await until(() => failures.length >= 2, 'two failed attempts');
    const port = Number(new URL(desk.url).port);
    const asked: string[] = [];
    const http = createServer((request, answer) => {
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
    desk.release();
    await new Promise((resolve) => http.close(resolve));
  });

  it('takes what is not the protocol for a lost line', async () => {
    await desk.io.close();
    const { WebSocketServer } = await import('ws');
    const stranger = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    stranger.on('connection', (socket) => socket.send('42<html>'));
    await new Promise((resolve) => stranger.once('listening', resolve));
    desk.url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const line = desk.lineTo();
    const failures = heard(line, 'failed');
    desk.hold(line);
    await until(() => failures.length >= 1, 'the attempt to fail');
    expect(line.connected).toBe(false);
    desk.release();
    for (const socket of stranger.clients) socket.terminate();
    await new Promise((resolve) => stranger.close(resolve));
  });

  it('is lost when the server breaks its promise to ping', async () => {
    await desk.serve({ pingInterval: 60, pingTimeout: 40 });
    const line = await desk.connected();
    const downs = heard(line, 'down');
    expect(downs).toEqual([]);
    // The server's process hangs: the line stays open and nothing comes.
    desk.sockets[0]!.conn.removeAllListeners();
    const engine = desk.sockets[0]!.conn as unknown as { pingIntervalTimer: NodeJS.Timeout };
    clearTimeout(engine.pingIntervalTimer);
    await until(() => downs.length === 1, 'the silence to be noticed');
  });

  it('finds a server that is mounted below a path', async () => {
    await desk.serve({ path: '/talk/socket.io/' });
    await desk.connected(desk.lineTo(`${desk.url}/talk`));
  });

  it('does not leave a thread that another discussion is just joining', async () => {
    const line = await desk.connected();
    const left: string[] = [];
    let answered = (): void => {};
    const asked = new Promise<void>((resolve) => {
      desk.sockets[0]!.on('thread:join', (_, answer) => {
        answered = () => answer({ ok: true, data: {} });
        resolve();
      });
    });
    desk.sockets[0]!.on('thread:leave', ({ thread }, answer) => {
      left.push(thread);
      answer({ ok: true, data: {} });
    });
    const leave = line.enter('t');
    const joined = line.request('thread:join', { key: 't' }).then(() => line.enter('t'));
    await asked;
    leave();
    answered();
    const leaveToo = await joined;
    line.enter('other')();
    await until(() => left.length === 1, 'a word that comes later');
    expect(left).toEqual(['other']);
    leaveToo();
    await until(() => left.length === 2, 'the thread to be left');
    expect(left).toEqual(['other', 't']);
  });

  it('tells the server once that the last discussion of a page has left a thread', async () => {
    const line = await desk.connected();
    const left: string[] = [];
    desk.sockets[0]!.on('thread:leave', ({ thread }, answer) => {
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
