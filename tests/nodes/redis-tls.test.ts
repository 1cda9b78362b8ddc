// Needs: redis, openssl
// Two nodes on a Redis that is reached over TLS, with a password (`rediss://`).
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { connectGuest } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { makeNodes, type Nodes } from '../support/nodes.js';
import { copyProgram, freePort, type Program } from '../support/server-process.js';
import { makeCertificate, type Certificate } from '../support/services/openssl.js';
import { makeServiceFolder, type ServiceFolder } from '../support/services/process.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';
import { until } from '../support/until.js';

let program: Program;
let database: TestDatabase;
let folder: ServiceFolder;
let certificate: Certificate;
let redis: RedisServer;
let nodes: Nodes;
beforeAll(async () => {
  folder = makeServiceFolder('redis');
  certificate = makeCertificate(folder.path);
  const port = await freePort();
  const files = ['--tls-cert-file', certificate.certificate, '--tls-key-file', certificate.key];
  redis = await startRedis({
    config: [
      '--port',
      '0',
      '--tls-port',
      String(port),
      ...files,
      '--tls-auth-clients',
      'no',
      '--requirepass',
      'hunter2',
    ],
  });
  [program, database] = await Promise.all([copyProgram(), createTestDatabase()]);
  nodes = makeNodes({
    DATABASE_URL: database.url,
    REDIS_URL: `rediss://:hunter2@127.0.0.1:${port}`,
    LOG_LEVEL: 'debug',
  });
}, 30_000);
afterAll(async () => {
  await nodes.end();
  await database.drop();
  await redis.end();
  folder.remove();
  program.remove();
});

it('[PUMP3] hints pass where the certificate is trusted', async () => {
  const trusting = { NODE_EXTRA_CA_CERTS: certificate.certificate };
  const [one, two] = [nodes.start(program, trusting), nodes.start(program, trusting)];
  const [ana, ben] = [await connectGuest(await one.ready, 'Ana'), await connectGuest(await two.ready, 'Ben')];
  const key = newId();
  const { thread } = await ana.snapshot(key);
  await ben.join(key);
  // Counted over both: nothing but the bus tells them.
  await until(() => ben.pushed('thread:beat').at(-1)?.readers === 2, 'the readers of both to be counted');
  await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'x' });
  await until(() => ben.pushed('thread:delta').length === 1, 'the reply to arrive', { withinMs: 1_500 });
  expect(one.errors()).not.toContain('Redis can not be used');
  [ana, ben].forEach((client) => client.close());
});

it('[PUMP3] a certificate that nobody vouches for is told, without the password, and the node serves', async () => {
  const node = nodes.start(program);
  const url = await node.ready;
  await until(() => node.errors().includes('Redis can not be used'), 'it to say so');
  expect(node.errors()).toMatch(/self-signed certificate/);
  expect(node.errors()).not.toContain('hunter2');
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});
