// Needs: nginx
// `afterword doctor` behind nginx as docs/nginx.conf has it: what is sound is said to be, whichever nodes run.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { startTestApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { examine, type Examined } from '../support/doctor.js';
import { freePort } from '../support/server-process.js';
import { startNginx, type Nginx } from '../support/services/nginx.js';

let database: TestDatabase;
let node: TestApp;
let free: number;
let nginx: Nginx;
beforeAll(async () => {
  database = await createTestDatabase();
  node = await startTestApp({ database, config: { trustProxy: ['127.0.0.1'] } });
  free = await freePort();
});
afterAll(async () => {
  await node.end();
  await database.drop();
});
afterEach(() => nginx.end());

const look = (port: number, AFTERWORD_TRUST_PROXY = '127.0.0.1'): Promise<Examined> =>
  examine({ DATABASE_URL: database.url, PUBLIC_URL: nginx.url, PORT: String(port), AFTERWORD_TRUST_PROXY });

it('[PROC7] a node that runs: WebSocket and polling get through', async () => {
  nginx = await startNginx([node.port]);
  const { code, found } = await look(node.port);
  for (const what of ['Port', 'PUBLIC_URL', 'WebSocket', 'Polling'])
    expect(found(what)).toMatchObject([{ state: 'ok' }]);
  expect(code).toBe(0);
});

it.each([
  ['alone', () => [free]],
  ['beside one that runs', () => [node.port, free]],
])('[PROC7] a node that does not run, %s: upgrades are passed on, and readers are told apart', async (_what, ports) => {
  nginx = await startNginx(ports());
  const { code, found } = await look(free);
  for (const what of ['Port', 'PUBLIC_URL', 'WebSocket', 'Proxy']) expect(found(what)).toMatchObject([{ state: 'ok' }]);
  expect(code).toBe(0);
  expect((await look(free, '1')).found('Proxy')).toMatchObject([{ state: 'ok' }]);
  expect((await look(free, 'off')).found('Proxy')).toMatchObject([
    { state: 'problem', todo: 'Set AFTERWORD_TRUST_PROXY=127.0.0.1' },
  ]);
});
