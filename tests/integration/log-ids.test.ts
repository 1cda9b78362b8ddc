// Ids through the log: what somebody quotes (of an error, a connection, a request, a reply) is found there, and nothing of
// what people wrote, who they are, or where they are.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import type { ErrorBody } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectGuest } from '../support/client.js';
import { send } from '../support/http.js';
import { copyProgram, freePort } from '../support/server-process.js';
import { until } from '../support/until.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ config: { trustProxy: ['127.0.0.1'] } });
});
beforeEach(() => {
  app.logged.length = 0;
});
afterAll(() => app.end());

type Line = Record<string, unknown>;
const lines = (message: string): Line[] =>
  app.logged.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === message);
const untilLogged = (message: string, of: Line): Promise<void> =>
  until(
    () => lines(message).some((line) => Object.entries(of).every(([key, value]) => line[key] === value)),
    `"${message}" with ${JSON.stringify(of)}`,
  );

it('[PROC8] tells each request of a socket in a line: its connection, what came of it, and the reply', async () => {
  const ana = await connectGuest(app.url, 'Unmentioned Ana', {}, { headers: { 'x-forwarded-for': '203.0.113.7' } });
  const connection = ana.socket.id!;
  await untilLogged('connected', { connection, transport: 'websocket' });
  const { thread } = await ana.snapshot(`unmentioned ${newId()}`);
  const id = newId();
  await ana.must('reply:create', { thread: thread.id, id, body: 'an unmentioned body' });
  await ana.refused('reply:vote', { id, value: 3 });
  await ana.refused('an unmentioned request', { id: 'unmentioned' });
  await untilLogged('request', { connection, event: 'reply:create', outcome: 'ok', reply: id });
  await untilLogged('request', { connection, event: 'reply:vote', outcome: 'invalid', reply: id });
  await untilLogged('request', { connection, event: 'unknown', outcome: 'invalid' });
  expect(lines('request').every(({ ms }) => typeof ms === 'number')).toBe(true);
  ana.close();
  await untilLogged('disconnected', { connection, reason: 'client namespace disconnect' });
  expect(app.logged.join('')).not.toMatch(/unmentioned|203\.0\.113/i);
});

it('[PROC1] a disk that is full behind it fails nobody: the server starts, serves, and ends in order', async () => {
  const program = await copyProgram();
  const port = String(await freePort());
  const full = openSync('/dev/full', 'w');
  const server = spawn(process.execPath, [program.main], {
    env: {
      ...process.env,
      DATABASE_URL: app.database.url,
      PORT: port,
      LOG_LEVEL: 'debug',
      AFTERWORD_DRAIN_SECONDS: '0',
    },
    stdio: ['ignore', full, full],
  });
  const ended = once(server, 'exit');
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).then(({ status }) => status);
  try {
    await until(async () => (await get('/readyz').catch(() => 0)) === 200, 'it to be ready');
    expect(await get('/api/v1/sites/demo/thread?key=full')).toBe(200);
    expect(await get('/nothing')).toBe(404);
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    server.kill('SIGKILL');
    closeSync(full);
    program.remove();
  }
});

it('[HTTP6] answers each HTTP request with its id, and tells it in a line', async () => {
  const { headers } = await send(app.url, '/api/v1/sites/demo/thread?key=unmentioned');
  const id = headers['x-request-id'];
  expect(id).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
  const route = '/api/v1/sites/:site/thread';
  await untilLogged('answered', { request: id, method: 'GET', route, status: 200 });
  const { headers: others } = await send(app.url, '/no/such/unmentioned');
  expect(others['x-request-id']).not.toBe(id);
  await untilLogged('answered', { request: others['x-request-id'], route: 'unknown', status: 404 });
  expect(app.logged.join('')).not.toContain('unmentioned');
});

it('[HTTP6] takes the id that a believed proxy gave, of characters that do no harm', async () => {
  const asked = async (id: string): Promise<unknown> =>
    (await send(app.url, '/healthz', { headers: { 'x-request-id': id } })).headers['x-request-id'];
  expect(await asked('4f1c0b2e-8d.a_b:c')).toBe('4f1c0b2e-8d.a_b:c');
  for (const bad of ['', 'two words', '"}', 'x'.repeat(129), '<script>']) expect(await asked(bad)).not.toBe(bad);
});

it('[HTTP6] takes no id of strangers', async () => {
  const alone = await startTestApp({ database: app.database });
  const { headers } = await send(alone.url, '/healthz', { headers: { 'x-request-id': 'mine' } });
  expect(headers['x-request-id']).not.toBe('mine');
  await alone.end();
});

it('[HTTP6] gives an unexpected error an id that its client can quote, with the connection or the request beside it', async () => {
  const ana = await connectGuest(app.url, 'Ana');
  const { thread } = await ana.snapshot(newId());
  const id = newId();
  await ana.must('reply:create', { thread: thread.id, id, body: 'x' });
  await app.database.sql`alter table reports rename to reports_gone`;
  const told = await ana.refused('reply:report', { id, reason: 'spam' });
  expect(told.code).toBe('internal');
  await untilLogged('unexpected error', { errorId: told.id, event: 'reply:report', connection: ana.socket.id });

  await app.database.sql`alter table threads rename to threads_gone`;
  const { status, headers, text } = await send(app.url, `/api/v1/sites/demo/counts?key=x`);
  expect(status).toBe(500);
  const problem = JSON.parse(text) as ErrorBody;
  await untilLogged('unexpected error', { errorId: problem.id, request: headers['x-request-id'] });
  ana.close();
});
