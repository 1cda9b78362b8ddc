// `afterword doctor` against installations that are really broken: each fault is found, named, and told how to mend.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { checkDurability, checkOrigins, checkSkew } from '../../server/doctor/database.js';
import { checkHandles, checkNode } from '../../server/doctor/machine.js';
import type { Finding } from '../../server/doctor/finding.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { backupFolder, type BackupFolder } from '../support/backups.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { examine as examineAny, type Examined, runDoctor } from '../support/doctor.js';
import { INSIDE } from '../support/inside.js';
import { receiveTraces } from '../support/otlp.js';
import { freePort } from '../support/server-process.js';
import { startSmallProxy, type SmallProxy, type SmallProxyOptions } from '../support/small-proxy.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const examine = (env: Record<string, string>): Promise<Examined> => examineAny({ DATABASE_URL: database.url, ...env });

it('[PROC7] says of a sound installation that it is, a line a check', async () => {
  const { code, out } = await runDoctor({ DATABASE_URL: database.url, PORT: '0' });
  expect(code).toBe(0);
  expect(out).toMatch(/^ok {7}Node.js: /);
  for (const what of ['Configuration', 'Database', 'Durability', 'Clock', 'Tables', 'Connections']) {
    expect(out).toContain(`\nok       ${what}: `);
  }
  expect(out).not.toContain('problem');
});

describe('[PROC7] finds', () => {
  let place: BackupFolder;
  beforeEach(() => {
    place = backupFolder();
  });
  afterEach(() => place.remove());

  it('everything that is wrong with the environment', async () => {
    const { code, found } = await examine({ PORT: 'x', LOG_LEVEL: 'loud', AFTERWORD_SECRTE: 'a'.repeat(40) });
    expect(code).toBe(1);
    expect(found('Configuration')).toHaveLength(3);
    expect(JSON.stringify(found('Configuration'))).not.toContain('aaaa');
  });

  it('rate limits that were left off after a load test', async () => {
    const { code, found } = await examine({ AFTERWORD_RATE_LIMITS: 'off', PORT: '0' });
    expect(found('Rate limits')).toMatchObject([{ state: 'warning' }]);
    expect(code).toBe(0);
    expect((await examine({ PORT: '0' })).found('Rate limits')).toEqual([]);
  });

  it('a database that does not answer, without its password', async () => {
    const port = await freePort();
    const { code, found } = await examine({ DATABASE_URL: `postgres://ana:very-secret@127.0.0.1:${port}/x` });
    expect(code).toBe(1);
    expect(found('Database')).toMatchObject([{ state: 'problem', says: expect.stringContaining('ECONNREFUSED') }]);
    expect(JSON.stringify(found('Database'))).not.toContain('very-secret');
  });

  it('settings under which what was acknowledged can be lost, and a pool that is too large', async () => {
    const risky = await createTestDatabase();
    const name = new URL(risky.url).pathname.slice(1);
    await risky.sql.unsafe(`alter database ${name} set synchronous_commit = off`);
    const { code, found } = await examine({ DATABASE_URL: risky.url, AFTERWORD_POOL_SIZE: '500' });
    expect(found('Durability')).toMatchObject([
      { state: 'warning', says: expect.stringContaining('synchronous_commit') },
    ]);
    expect(found('Connections')).toMatchObject([{ state: 'problem' }]);
    expect(code).toBe(1);
    await risky.drop();
    const off = { fsync: 'off', pages: 'off', commit: 'on', vacuum: 'off' };
    expect(checkDurability(off).map(({ state }) => state)).toEqual(['problem', 'warning', 'warning']);
  });

  it('tables that a newer version made, and tables that are still to be brought up to date', async () => {
    const other = await createTestDatabase();
    const env = { DATABASE_URL: other.url };
    await other.sql`delete from drizzle.__drizzle_migrations where created_at = (select max(created_at) from drizzle.__drizzle_migrations)`;
    expect((await examine(env)).found('Tables')).toMatchObject([
      { state: 'ok', says: expect.stringContaining('next start') },
    ]);
    await other.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`;
    expect((await examine(env)).found('Tables')).toMatchObject([{ state: 'warning' }]);
    await other.drop();
  });

  it('origins that no page sends, that are not https, or whose twin is missing', async () => {
    await database.sql`insert into sites (id, name, origins) values ('odd', 'Odd', '{https://example.com/blog,http://example.org}')`;
    const { code, found } = await examine({});
    expect(code).toBe(1);
    expect(found('Site odd').map(({ state }) => state)).toEqual(['problem', 'warning']);
    await database.sql`delete from sites where id = 'odd'`;
    expect(checkOrigins('a', ['https://example.com'])).toMatchObject([
      { state: 'warning', todo: expect.stringContaining('site allow a https://www.example.com') },
    ]);
    expect(checkOrigins('a', ['https://example.com', 'https://www.example.com'])).toMatchObject([{ state: 'ok' }]);
    expect(checkOrigins('a', ['https://talk.example.com', 'http://localhost:*'])).toMatchObject([{ state: 'ok' }]);
    expect(checkOrigins('a', [])).toMatchObject([{ state: 'warning' }]);
  });

  it('a secret that others can read, or that is none', async () => {
    const file = place.file('secret');
    const secret = async () => (await examine({ AFTERWORD_SECRET_FILE: file })).found('Secret');
    expect(await secret()).toMatchObject([{ state: 'problem', says: expect.stringContaining('ENOENT') }]);
    writeFileSync(file, 'short\n', { mode: 0o600 });
    expect(await secret()).toMatchObject([{ state: 'problem' }]);
    writeFileSync(file, `${'x'.repeat(32)}\n`);
    expect(await secret()).toMatchObject([{ state: 'ok' }]);
    chmodSync(file, 0o644);
    expect(await secret()).toMatchObject([{ state: 'warning', todo: expect.stringContaining('chmod 600') }]);
  });

  it('a secret in the data folder that is damaged', async () => {
    const folder = place.file('data');
    const file = join(folder, 'secrets', 'tokens');
    mkdirSync(join(folder, 'secrets'), { recursive: true });
    for (const [text, state] of [
      ['', 'problem'],
      ['[{"value"', 'problem'],
      ['x'.repeat(32), 'ok'],
    ] as const) {
      writeFileSync(file, text, { mode: 0o600 });
      const { out } = await runDoctor({ AFTERWORD_DATA_DIR: folder, PORT: '0' });
      expect(out).toMatch(new RegExp(`^${state} +Secret: `, 'm'));
    }
  });

  it('a data folder that is none, and makes nothing in one that is not there yet', async () => {
    const none = await runDoctor({ AFTERWORD_DATA_DIR: place.file('data'), PORT: '0' });
    expect(none).toMatchObject({ code: 0, out: expect.stringContaining('is made by the first start') });
    mkdirSync(join(place.file('broken'), 'pgdata'), { recursive: true });
    const broken = await runDoctor({ AFTERWORD_DATA_DIR: place.file('broken'), PORT: '0' });
    expect(broken).toMatchObject({ code: 1, out: expect.stringContaining('holds no PostgreSQL database') });
  });

  it('a data folder that can not be made where it is to be', async () => {
    writeFileSync(place.file('file'), '');
    for (const folder of [place.file('file'), join(place.file('file'), 'data', 'below')]) {
      const { code, out } = await runDoctor({ AFTERWORD_DATA_DIR: folder, PORT: '0' });
      expect({ code, out }).toMatchObject({
        code: 1,
        out: expect.stringContaining(`${place.file('file')} is not a folder.`),
      });
    }
  });

  it("another program's tables, and goes on to what it can still look at", async () => {
    const other = await createTestDatabase({ migrated: false });
    await other.sql`create table sites (x int)`;
    const { code, found } = await examine({ DATABASE_URL: other.url });
    expect(code).toBe(1);
    expect(found('Database')).toMatchObject([{ state: 'ok' }]);
    expect(found('Tables')).toMatchObject([{ state: 'problem', says: expect.stringContaining('another program') }]);
    await other.drop();
  });

  it('a port for metrics that something else uses, or that is the other one', async () => {
    const port = await freePort();
    const metrics = { AFTERWORD_METRICS_PORT: String(port) };
    expect((await examine(metrics)).found('Metrics')).toMatchObject([{ state: 'ok' }]);
    expect((await examine({ ...metrics, PORT: String(port) })).found('Configuration')).toMatchObject([
      { state: 'problem', says: expect.stringContaining('as PORT is') },
    ]);
    const other = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => {
      other.listen(port, '127.0.0.1', resolve);
    });
    const { code, found } = await examine(metrics);
    expect(code).toBe(1);
    expect(found('Metrics')).toMatchObject([{ state: 'problem' }]);
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    const app = await startTestApp({ config: { metricsPort: port } });
    expect((await examine(metrics)).found('Metrics')).toMatchObject([
      { state: 'ok', says: expect.stringContaining('Afterword shows them') },
    ]);
    await app.end();
  });

  it('traces that can not be sent as they are asked for, that nobody takes, and that somebody takes', async () => {
    const traces = async (env: Record<string, string>) => {
      const { code, found } = await examine(env);
      return { code, ...found('Traces')[0] };
    };
    expect((await examine({})).found('Traces')).toEqual([]);
    const receiver = await receiveTraces();
    const OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
    expect(await traces({ OTEL_EXPORTER_OTLP_ENDPOINT })).toMatchObject({ state: 'ok' });
    expect(receiver.spans).toEqual([]);
    expect(await traces({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toMatchObject({
      code: 1,
      state: 'problem',
      says: expect.stringContaining('not as otlp by grpc'),
    });
    expect(await traces({ OTEL_EXPORTER_OTLP_ENDPOINT: 'me:hidden@collector:4318' })).toMatchObject({
      code: 1,
      state: 'problem',
      says: expect.not.stringContaining('hidden'),
    });
    expect(await traces({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/elsewhere` })).toMatchObject({
      code: 0,
      state: 'warning',
      says: expect.stringContaining('404'),
    });
    await receiver.close();
    const away = OTEL_EXPORTER_OTLP_ENDPOINT.replace('//', '//me:hidden@');
    const found = await traces({ OTEL_EXPORTER_OTLP_ENDPOINT: away });
    expect(found).toMatchObject({ code: 0, state: 'warning', says: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(found)).not.toContain('hidden');
  });

  it('a Redis that does not answer', async () => {
    const { code, found } = await examine({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    expect(code).toBe(1);
    expect(found('Redis')).toMatchObject([{ state: 'problem', says: expect.stringContaining('ECONNREFUSED') }]);
  });

  it('a port that something else uses', async () => {
    const port = await freePort();
    const other = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => {
      other.listen(port, '127.0.0.1', resolve);
    });
    const { code, found } = await examine({ PORT: String(port) });
    expect(code).toBe(1);
    expect(found('Port')).toMatchObject([{ state: 'problem' }]);
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });

  it('an address that is not of this machine, where no server can listen', async () => {
    // Reserved for documents: nobody's.
    const { code, found } = await examine({ HOST: '192.0.2.1', PORT: '3000', PUBLIC_URL: 'http://192.0.2.1' });
    expect(code).toBe(1);
    expect(found('Port')).toMatchObject([{ state: 'problem', says: expect.stringContaining('EADDRNOTAVAIL') }]);
    expect(found('PUBLIC_URL')).toEqual([]);
  });

  it('an old Node.js, few file handles, and clocks that differ', () => {
    expect(checkNode('20.18.3').state).toBe('problem');
    expect(checkNode('24.0.0').state).toBe('ok');
    expect(checkHandles('Max open files            1024                 4096                 files').state).toBe(
      'warning',
    );
    expect(checkHandles('Max open files            1024                 524288               files').state).toBe('ok');
    expect([100, -5_000, 90_000].map((skew) => checkSkew(skew).state)).toEqual(['ok', 'warning', 'problem']);
  });
});

it.each([
  [-10_000, 'warning', 0],
  [90_000, 'problem', 1],
  [0, 'ok', 0],
])(
  '[PROC7] finds a clock that is off by %i ms: %s',
  async (offMs, state, code) => {
    // A process of its own, whose clock alone is off.
    const command = ['tools/afterword.mjs', 'doctor', '--json'];
    const off = { ...INSIDE, CLOCK_OFF_BY_MS: String(offMs) };
    const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, PORT: '0', ...off };
    const { out, ended } = await new Promise<{ out: string; ended: number }>((resolve) => {
      execFile(process.execPath, command, { env }, (error, stdout) =>
        resolve({ out: stdout, ended: error ? Number(error.code) : 0 }),
      );
    });
    const { findings } = JSON.parse(out) as { findings: Finding[] };
    const [clock] = findings.filter(({ what }) => what === 'Clock');
    expect(clock).toMatchObject({ state });
    const seconds = Number(/differ by ([\d.]+) s/.exec(clock!.says)![1]);
    expect(Math.abs(seconds - Math.abs(offMs) / 1000)).toBeLessThan(1.5);
    expect(ended).toBe(code);
  },
  30_000,
);

describe('[PROC7] the way of the readers', () => {
  let app: TestApp;
  let proxies: SmallProxy[];
  beforeAll(async () => {
    app = await startTestApp({ database });
  });
  afterAll(() => app.end());
  beforeEach(() => {
    proxies = [];
  });
  afterEach(() => Promise.all(proxies.map((proxy) => proxy.close())));
  const before = async (port: number, options: SmallProxyOptions): Promise<string> => {
    const proxy = await startSmallProxy(port, options);
    proxies.push(proxy);
    return proxy.url;
  };

  it('to a server that runs: straight, and through a proxy that takes upgrades away', async () => {
    const straight = await examine({ PORT: String(app.port), PUBLIC_URL: app.url });
    expect(straight.code).toBe(0);
    expect(straight.found('Port')[0]!.says).toContain('Afterword answers');
    const PUBLIC_URL = await before(app.port, { addsForwarded: true, passesUpgrade: false });
    const through = await examine({ PORT: String(app.port), PUBLIC_URL });
    expect(through.code).toBe(1);
    expect(through.found('WebSocket')).toMatchObject([{ state: 'problem', todo: expect.stringContaining('Upgrade') }]);
    expect(through.found('Polling')).toMatchObject([{ state: 'ok' }]);
  });

  it('not at all where nothing says which it is, and says so', async () => {
    const { code, found } = await examine({ PORT: String(app.port) });
    expect(code).toBe(0);
    expect([...found('WebSocket'), ...found('Polling'), ...found('Proxy')]).toEqual([]);
    expect(found('PUBLIC_URL')).toMatchObject([
      { state: 'ok', says: expect.stringContaining('can only be tried where it is set') },
    ]);
  });

  it('to something else, or to nothing', async () => {
    const wrong = `http://127.0.0.1:${await freePort()}`;
    const { code, found } = await examine({ PORT: String(app.port), PUBLIC_URL: wrong });
    expect(code).toBe(1);
    expect(found('PUBLIC_URL')).toMatchObject([{ state: 'problem', says: expect.stringContaining('ECONNREFUSED') }]);
    const free = String(await freePort());
    const elsewhere = await examine({ PORT: free, PUBLIC_URL: app.url });
    expect(elsewhere.found('PUBLIC_URL')).toMatchObject([
      { state: 'problem', says: expect.stringContaining(`port ${free}`) },
    ]);
  });

  it('to where http is sent on to https, whether the server runs or not', async () => {
    const moved = createServer((request, response) =>
      response.writeHead(301, { location: `https://talk.example${request.url}` }).end(),
    );
    await new Promise<void>((resolve) => {
      moved.listen(0, '127.0.0.1', resolve);
    });
    const PUBLIC_URL = `http://127.0.0.1:${(moved.address() as AddressInfo).port}`;
    for (const port of [app.port, await freePort()]) {
      const { code, found } = await examine({ PORT: String(port), PUBLIC_URL });
      expect(code).toBe(1);
      expect(found('PUBLIC_URL')).toMatchObject([
        { state: 'problem', says: expect.stringContaining('https://talk.example/') },
      ]);
    }
    moved.closeAllConnections();
    await new Promise((resolve) => moved.close(resolve));
  });

  it.each([
    ['a proxy that is named', '127.0.0.1', true, 'ok'],
    ['a proxy that is not believed', 'off', true, 'problem'],
    ['too many proxies: anybody passes for anybody', '5', true, 'problem'],
    ['a proxy that passes on what clients claim', '1', false, 'problem'],
    ['none that adds anything', 'off', false, 'ok'],
  ])('to the place of a server that is not running: %s', async (_what, AFTERWORD_TRUST_PROXY, addsForwarded, state) => {
    const port = await freePort();
    const PUBLIC_URL = await before(port, { addsForwarded, passesUpgrade: true });
    const { found } = await examine({ PORT: String(port), PUBLIC_URL, AFTERWORD_TRUST_PROXY });
    expect(found('Proxy')).toMatchObject([{ state }]);
    expect(found('WebSocket')).toMatchObject([{ state: 'ok' }]);
  });
});
