// The real line against a real Socket.IO server that goes away, or says no.
import { setTimeout as pause } from 'node:timers/promises';
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

describe('a lost line', () => {
  it('comes back by itself', async () => {
    const line = await desk.connected();
    const [downs, ups] = [heard(line, 'down'), heard(line, 'up')];
    desk.sockets[0]!.disconnect(true);
    await until(() => ups.length === 1, 'the line to be back');
    expect([downs.length, desk.sockets.length]).toEqual([1, 2]);
  });

  it('is said to be failing while there is no server, and waits longer and longer', async () => {
    const line = await desk.connected();
    const failures = heard(line, 'failed');
    await desk.io.close();
    await until(() => failures.length >= 2, 'two failed attempts');
    expect(line.connected).toBe(false);
  });

  it('comes back at once when the browser wakes', async () => {
    desk.refuse = () => new AppError('overloaded', { retryAfterMs: 20_000 });
    const line = desk.lineTo();
    const failures = heard(line, 'failed');
    desk.hold(line);
    await until(() => failures.length === 1, 'the first attempt to fail');
    desk.refuse = () => null;
    desk.wake();
    await until(() => line.connected, 'the line to be up');
  });

  it('is given up when the browser wakes and nothing is heard on it, and kept where something is', async () => {
    const line = await desk.connected();
    desk.wake();
    const deltas = heard(line, 'thread:delta');
    desk.sockets[0]!.emit('thread:delta', makeDelta(1, 2));
    await until(() => deltas.length === 1, 'a push');
    await pause(300);
    expect([desk.sockets.length, line.connected]).toEqual([1, true]);
    desk.wake();
    await until(() => desk.sockets.length === 2 && line.connected, 'another line');
  });

  it('waits as long as the server asked for', async () => {
    desk.refuse = () => (desk.hellos.length < 2 ? new AppError('overloaded', { retryAfterMs: 4_321 }) : null);
    await desk.connected();
    expect(desk.waits).toContain(4_321);
  });

  it('after `server:drain` comes back when the server said, and not before', async () => {
    const line = await desk.connected();
    desk.sockets[0]!.emit('server:drain', { reconnectInMs: 5_432 });
    await until(() => desk.waits.includes(5_432), 'the word of the server');
    desk.sockets[0]!.disconnect(true);
    await until(() => !line.connected, 'the line to be lost');
    const planned = desk.waits.length;
    await until(() => desk.sockets.length === 2, 'the line to be back');
    expect(desk.waits.slice(planned).filter((ms) => ms < 10_000)).toEqual([]);
  });

  it('is not sought any more when nobody wants it', async () => {
    const line = await desk.connected();
    const downs = heard(line, 'down');
    line.on('down', () => desk.release());
    desk.sockets[0]!.disconnect(true);
    await until(() => downs.length === 1, 'the line to be lost');
    desk.wake();
    line.restart();
    expect([line.connected, desk.hellos.length]).toEqual([false, 1]);
  });
});

describe('a refused handshake', () => {
  it.each(['site_unknown', 'origin_refused', 'protocol_unsupported'] as const)('by %s is final', async (code) => {
    desk.refuse = () => new AppError(code);
    const line = desk.lineTo();
    const refusals = heard(line, 'refused');
    desk.hold(line);
    await until(() => refusals.length === 1, 'the refusal');
    desk.wake();
    expect([line.refusal?.code, refusals[0]?.code, desk.hellos.length]).toEqual([code, code, 1]);
  });

  it('stays final while other lines are heard many times', async () => {
    await desk.serve({ pingInterval: 30, pingTimeout: 20 });
    desk.refuse = ({ site }) => (site === 'site' ? new AppError('origin_refused') : null);
    const line = desk.lineTo();
    const [refusals, failures] = [heard(line, 'refused'), heard(line, 'failed')];
    desk.hold(line);
    await until(() => refusals.length === 1, 'the refusal');
    await desk.connected(desk.connections.line(desk.url, 'other').line);
    let beats = 0;
    desk.sockets[0]!.conn.on('heartbeat', () => beats++);
    await until(() => beats === 5, 'five heartbeats of the other line');
    expect([failures, desk.hellos.filter(({ site }) => site === 'site').length]).toEqual([[], 1]);
  });

  it('is tried again by a discussion that begins anew', async () => {
    desk.refuse = () => new AppError('origin_refused');
    const line = desk.lineTo();
    const refusals = heard(line, 'refused');
    desk.hold(line);
    await until(() => refusals.length === 1, 'the refusal');
    desk.release();
    desk.refuse = () => null;
    await desk.connected(line);
    expect(line.refusal).toBeNull();
  });

  it('because of a token lets go of the token, and keeps the name', async () => {
    const { guest } = desk.connections.line(desk.url, 'site');
    const line = await desk.connected();
    guest.setName('Ana');
    desk.sockets[0]!.on('me:guest', ({ name }, answer) =>
      answer({ ok: true, data: { token: 'old', me: { id: 'a', name, badge: 'guest' } } }),
    );
    expect(await guest.speak()).toMatchObject({ ok: true });
    desk.refuse = ({ token }) => (token === undefined ? null : new AppError('token_invalid'));
    desk.sockets[0]!.disconnect(true);
    await until(() => line.connected && desk.sockets.length === 2, 'the line to be back');
    expect(desk.hellos.map(({ token }) => token)).toEqual([undefined, 'old', undefined]);
    expect([line.token, guest.name]).toEqual([null, 'Ana']);
  });
});
