// The process from outside (PROC1, PROC3): how it starts, what it says when it can't, how it ends.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { kill } from 'node:process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { connectClient, connectGuest } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { proxyDatabase } from '../support/database-proxy.js';
import { copyCluster } from '../support/made-cluster.js';
import { makeNodes, type Nodes } from '../support/nodes.js';
import {
  copyProgram,
  makeDataFolder,
  type DataFolder,
  type Program,
  type ServerProcess,
} from '../support/server-process.js';
import { until } from '../support/until.js';
import { connectWire } from '../support/wire.js';

let program: Program;
let data: DataFolder;
let nodes: Nodes;
beforeAll(async () => {
  program = await copyProgram();
}, 30_000);
afterAll(() => program.remove());
beforeEach(() => {
  data = makeDataFolder();
  nodes = makeNodes({ AFTERWORD_DATA_DIR: data.path });
});
afterEach(async () => {
  await nodes.end();
  await data.remove();
});

const start = (env: Record<string, string> = {}): ServerProcess => nodes.start(program, env);

/** It must have ended by itself, with code 1 and nothing on standard output; what it said. */
async function failure(server: ServerProcess): Promise<string> {
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.output()).toBe('');
  return server.errors();
}

describe('starting', () => {
  it('[PROC1] says once on standard output that it is ready, when it is', async () => {
    const server = start({ LOG_LEVEL: 'debug' });
    const url = await server.ready;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const client = await connectGuest(url, 'Ana');
    await client.must('reply:create', { thread: (await client.snapshot('x')).thread.id, id: newId(), body: 'x' });
    client.close();
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.output()).toBe(`Afterword is ready at ${url}\n`);
  });

  it('[PROC2] makes the site `demo` with its sample once; a second start keeps everything, tokens included', async () => {
    const first = start();
    let url = await first.ready;
    const client = await connectClient(url);
    const { token, me } = await client.must('me:guest', { name: 'Ana' });
    const { thread } = await client.snapshot('kept');
    const id = newId();
    await client.must('reply:create', { thread: thread.id, id, body: 'kept' });
    first.kill('SIGTERM');
    await first.exited;

    const second = start();
    url = await second.ready;
    const again = await connectClient(url, { token });
    const snapshot = await again.snapshot('kept');
    expect(snapshot.you.me).toEqual(me);
    expect(snapshot).toMatchObject({ cursor: { seq: 1 }, replies: [{ id }] });
    again.close();
    expect(second.errors()).not.toContain('Migrating');
    second.kill('SIGINT');
    expect(await second.exited).toEqual({ code: 0, signal: null });
  });

  it('a port in use is said in words, with what to do, and nothing stays behind', async () => {
    copyCluster(data.path);
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const { port } = other.address() as AddressInfo;
    const said = await failure(start({ PORT: String(port) }));
    expect(said).toContain(`Port ${port} of 127.0.0.1 is in use`);
    expect(said).not.toContain('    at ');
    expect(() => data.databasePid()).toThrow('ENOENT');
    await new Promise((resolve) => other.close(resolve));
    const server = start({ PORT: String(port) });
    expect(await server.ready).toBe(`http://127.0.0.1:${port}`);
  });

  it('a data folder that can not be written is named', async () => {
    const parent = dirname(data.path);
    writeFileSync(join(parent, 'file'), '');
    mkdirSync(join(parent, 'closed'), { mode: 0o500 });
    const folders = [join(parent, 'file'), join(parent, 'file', 'data')];
    if (process.getuid?.() !== 0) folders.push(join(parent, 'closed', 'data'));
    for (const folder of folders) {
      const said = await failure(start({ AFTERWORD_DATA_DIR: folder }));
      expect(said).toContain(folder);
      expect(said).not.toContain('    at ');
    }
    chmodSync(join(parent, 'closed'), 0o700);
  });

  it('a second instance on the same data is refused, and the first is not disturbed', async () => {
    copyCluster(data.path);
    const first = start();
    const url = await first.ready;
    const said = await failure(start());
    expect(said).toContain(data.path);
    expect(said).not.toContain('    at ');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('a bad configuration is told with all of its problems at once, and without secrets', async () => {
    const said = await failure(
      start({
        PORT: '99999',
        LOG_LEVEL: 'loud',
        DATABASE_URL: 'mysql://me:hunter2secret@example.com/x',
        PUBLIC_URL: 'talk.example.com',
        AFTERWORD_SECRET: 'short-secret',
        AFTERWORD_RATE_LIMITS: 'maybe',
        AFTERWORD_TRUST_PROXI: '1',
      }),
    );
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'DATABASE_URL',
      'PUBLIC_URL',
      'AFTERWORD_SECRET',
      'AFTERWORD_RATE_LIMITS',
    ]) {
      expect(said).toContain(name);
    }
    expect(said).toContain('AFTERWORD_TRUST_PROXI');
    expect(said).toContain('AFTERWORD_TRUST_PROXY');
    expect(said).not.toContain('hunter2');
    expect(said).not.toContain('short-secret');
    expect(said).not.toContain('    at ');
  });
});

describe('with a database of one’s own', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase({ migrated: false });
  });
  afterEach(() => database.drop());

  it('one that is away at start is waited for, clearly said and without its password, until it comes', async () => {
    const line = await proxyDatabase(database);
    await line.cut();
    const url = new URL(line.url);
    url.password = 'hunter2secret';
    const server = start({ DATABASE_URL: url.href });
    await until(() => server.errors().includes('Trying again'), 'it to say so', { withinMs: 10_000 });
    expect(server.errors()).toContain(url.port);
    expect(server.output()).toBe('');
    await line.restore();
    const address = await server.ready;
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
    expect(server.errors()).not.toContain('hunter2');
    await line.drop();
  });

  it('[PROC1] a signal while it waits ends it in order', async () => {
    const line = await proxyDatabase(database);
    await line.cut();
    const server = start({ DATABASE_URL: line.url });
    await until(() => server.errors().includes('Trying again'), 'it to wait', { withinMs: 10_000 });
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.output()).toBe('');
    expect(server.errors()).not.toContain('    at ');
    await line.drop();
  });

  it('[PROC3] two that start at once on an empty database share it', async () => {
    const env = { DATABASE_URL: database.url };
    const servers = [start(env), start(env)];
    const urls = await Promise.all(servers.map((server) => server.ready));
    const [ana, ben] = [await connectGuest(urls[0]!, 'Ana'), await connectClient(urls[1]!)];
    const { thread } = await ben.snapshot('shared');
    await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'x' });
    await until(() => ben.pushed('thread:delta').length === 1, 'the reply to reach the other');
    // A token of one is good at the other.
    const { token } = await ana.must('me:guest', { name: 'Ana' });
    (await connectClient(urls[1]!, { token })).close();
    const [row] = await database.sql`select count(*)::int as n from replies r join threads t on t.id = r.thread_id
      where t.key <> 'shared' group by t.id`;
    expect(row).toEqual({ n: 7 });
    [ana, ben].forEach((client) => client.close());
    for (const server of servers) server.kill('SIGTERM');
    for (const server of servers) expect(await server.exited).toEqual({ code: 0, signal: null });
  });
});

describe('ending', () => {
  /** A reader by polling, told of the end: what it got last. It polls no more then. */
  async function pollToTheEnd(url: string): Promise<{ ended: Promise<string> }> {
    const address = `${url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(address)).text()).slice(1)) as { sid: string };
    const poll = async (): Promise<string> => (await fetch(`${address}&sid=${sid}`)).text();
    await fetch(`${address}&sid=${sid}`, { method: 'POST', body: '40{"protocol":1,"site":"demo"}' });
    expect(await poll()).toMatch(/^40/);
    const pollOn = async (): Promise<string> => {
      for (;;) {
        const text = await poll();
        if (!text.includes('server:drain')) return text;
      }
    };
    return { ended: pollOn() };
  }

  it('[PROC1] SIGTERM sends readers away and exits 0, even where a line does not read or poll', async () => {
    copyCluster(data.path);
    const server = start({ AFTERWORD_DRAIN_SECONDS: '3' });
    const url = await server.ready;
    const reader = await connectClient(url);
    await reader.join('x');
    const stuck = await connectWire(url);
    stuck.pause();
    const polling = await pollToTheEnd(url);
    const from = performance.now();
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - from).toBeLessThan(8_000);
    expect(server.errors()).not.toContain('not everything was closed');
    // The engine's own farewell.
    expect(await polling.ended).toBe('1');
    const [told] = reader.pushed('server:drain');
    expect(told!.reconnectInMs).toBeGreaterThanOrEqual(250);
    expect(told!.reconnectInMs).toBeLessThanOrEqual(3_250);
    expect(() => data.databasePid()).toThrow('ENOENT');
  });

  it('a database that can not be kept up ends the server loudly, with code 1', async () => {
    copyCluster(data.path);
    const server = start();
    await server.ready;
    let last = 0;
    const strike = (): boolean => {
      try {
        const pid = data.databasePid();
        if (pid !== last) kill(pid, 'SIGKILL');
        last = pid;
      } catch {
        // It is just being started again.
      }
      return server.child.exitCode !== null;
    };
    await until(strike, 'the server to give up', { withinMs: 15_000 });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    expect(server.errors()).toContain('the embedded database is gone');
  });
});
