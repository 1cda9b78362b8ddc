// What opening a line is answered with before a word of Socket.IO is said.
import { connect as dial } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../support/app.js';
import { send } from '../support/http.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.end());

const ORIGIN = 'https://blog.example';
const POLL = '/socket.io/?EIO=4&transport=polling';

/** Asks for a WebSocket in this version of the engine's protocol: what comes, piece by piece, until this does. */
async function upgrade(version: number, until: string): Promise<string[]> {
  const pieces: string[] = [];
  const socket = dial(app.port, '127.0.0.1', () =>
    socket.write(
      `GET /socket.io/?EIO=${version}&transport=websocket HTTP/1.1\r\nhost: localhost\r\norigin: ${ORIGIN}\r\nconnection: upgrade\r\n` +
        'upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ),
  );
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => reject(new Error(`it ended with ${JSON.stringify(pieces)}`)));
      socket.on('data', (piece) => {
        pieces.push(piece.toString('latin1'));
        if (pieces.join('').includes(until)) resolve();
      });
    });
  } finally {
    socket.destroy();
  }
  return pieces;
}

it('a WebSocket is opened and greeted in one piece, and told nothing of origins', async () => {
  const pieces = await upgrade(4, '"pingInterval"');
  expect(pieces).toEqual([expect.stringMatching(/^HTTP\/1\.1 101 [^]*\r\n\r\n.{2,4}0\{"sid":/)]);
  expect(pieces[0]).not.toMatch(/^access-control/im);
});

it('who speaks another version is told so', async () => {
  expect((await upgrade(3, 'Unsupported protocol version')).join('')).toMatch(/^HTTP\/1\.1 \d{3} /);
});

it('requests of pages of any origin are left to the handshake', async () => {
  const asked = await send(app.url, POLL, { headers: { origin: ORIGIN } });
  expect(asked.status).toBe(200);
  expect(asked.headers).toMatchObject({
    'access-control-allow-origin': ORIGIN,
    vary: expect.stringContaining('Origin'),
  });
  const headers = { origin: ORIGIN, 'access-control-request-headers': 'x-of-the-owner' };
  const before = await send(app.url, POLL, { method: 'OPTIONS', headers });
  expect(before.status).toBe(204);
  expect(before.headers).toMatchObject({
    'access-control-allow-origin': ORIGIN,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'x-of-the-owner',
  });
});
