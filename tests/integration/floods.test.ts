// Who asks for much at once: on one line, on one connection, or from everywhere.
import { connect as dial } from 'node:net';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { useHealth } from '../../server/http/health.js';
import { FLOOD } from '../../server/socket/decoder.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient } from '../support/client.js';
import { send } from '../support/http.js';
import { from, openPoll, POLL, post } from '../support/strangers.js';
import { until } from '../support/until.js';
import { AUTH, connectWire } from '../support/wire.js';

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
