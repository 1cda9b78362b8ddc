// What is given some time and no more: a line that does not say who it is, a request that drips. These wait for real.
import { connect as dial } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { HELLO_MS } from '../../server/socket/strangers.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient } from '../support/client.js';
import { send } from '../support/http.js';
import { connectWire, openWire } from '../support/wire.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.end());

const POLL = '/socket.io/?EIO=4&transport=polling';

/** Opens a polling line that has said nothing. */
async function openPoll(): Promise<string> {
  const { text } = await send(app.url, POLL);
  return (JSON.parse(text.slice(1)) as { sid: string }).sid;
}

const post = (sid: string, body: string) =>
  send(app.url, `${POLL}&sid=${sid}`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });

/** Resolves after this long, measured as the server measures it. */
const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Sends this, then a character a second; how long it took until the other side ended, and what it said. */
function drip(head: string): Promise<{ ms: number; got: string }> {
  return new Promise((resolve) => {
    const began = performance.now();
    let got = '';
    const socket = dial(app.port, '127.0.0.1', () => socket.write(head));
    const more = setInterval(() => socket.write('x'), 1_000);
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(more);
      resolve({ ms: performance.now() - began, got });
    });
  });
}

describe.concurrent('[LIM3] [LIM4] patience', { timeout: 60_000 }, () => {
  it('a WebSocket that does not say who it is, or is not let in, is cut, and one that was let in is not', async () => {
    const known = await connectWire(app.url);
    const refused = await openWire(app.url, '{"protocol":1,"site":"nobody"}');
    const silent = new WebSocket(`${app.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const began = performance.now();
    await Promise.all([refused.closed, new Promise((resolve) => void silent.once('close', resolve))]);
    expect(performance.now() - began).toBeLessThan(HELLO_MS + 5_000);
    expect(known.isOpen()).toBe(true);
    expect(await known.ask('["thread:join",{"key":"patience"}]')).toMatchObject({ ok: true });
    known.close();
  });

  it('a polling line that does not say who it is is forgotten, and one that was let in is not', async () => {
    const silent = await openPoll();
    const known = await connectClient(app.url, {}, { transports: ['polling'] });
    await wait(HELLO_MS + 1_000);
    // 400: such a line is not known.
    expect((await post(silent, '40{"protocol":1,"site":"demo"}')).status).toBe(400);
    expect(known.socket.connected).toBe(true);
    expect((await known.join('patience')).mode).toBe('snapshot');
    known.close();
  });

  it('a body or a head that drips is refused, and a line that polls meanwhile is not cut', async () => {
    const client = await connectClient(app.url, {}, { transports: ['polling'] });
    const body =
      'POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\n';
    const found = await Promise.all([drip(body), drip('GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ')]);
    for (const { ms, got } of found) {
      expect(ms).toBeLessThan(40_000);
      expect(ms).toBeGreaterThan(15_000);
      expect(got).toMatch(/^HTTP\/1\.1 408 /);
    }
    // It has waited for as long, and for the whole time.
    expect(client.socket.connected).toBe(true);
    client.close();
  });

  it('a body that comes slowly, and arrives, is taken', async () => {
    const sid = await openPoll();
    const body = '40{"protocol":1,"site":"demo"}';
    const got = await new Promise<string>((resolve, reject) => {
      const socket = dial(app.port, '127.0.0.1');
      socket.write(
        `POST ${POLL}&sid=${sid} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      let sent = 0;
      const more = setInterval(() => {
        socket.write(body.slice(sent, (sent += 3)));
        if (sent >= body.length) clearInterval(more);
      }, 1_000);
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });
    expect(got).toMatch(/^HTTP\/1\.1 200 /);
    expect((await send(app.url, `${POLL}&sid=${sid}`)).text).toMatch(/^40/);
  });
});
