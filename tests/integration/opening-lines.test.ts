// What opening a line costs the address that it comes from, whether anything is said on it or not.
import { connect as dial } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ErrorBody } from '../../shared/errors.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { from, openPoll } from '../support/strangers.js';
import { until } from '../support/until.js';
import { AUTH, openWire, type Wire } from '../support/wire.js';

/** With the limits on, behind a proxy. */
let limited: TestApp;
beforeAll(async () => {
  limited = await startTestApp({ config: { rateLimits: true, trustProxy: ['127.0.0.1'] } });
});
afterAll(() => limited.end());

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
