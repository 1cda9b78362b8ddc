// What is left when a process dies, and that the next start copes with it. Every test ends real processes.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../server/database/connect.js';
import { serverProcesses } from '../../server/database/embedded/processes.js';
import { type Instance, madeDataDir, start, startInstance, temporaryFolder, until } from '../support/embedded.js';

/** Rows that were acknowledged to the instance, as far as its test has heard. */
function acknowledged({ events }: Instance): number[] {
  return events.flatMap((event) => (event.event === 'acknowledged' ? [event.id] : []));
}

async function expectWritten(url: string, ids: number[]): Promise<void> {
  const { sql } = connect({ url });
  const rows = await sql<{ id: number }[]>`select id from written`;
  const found = new Set(rows.map(({ id }) => id));
  expect(ids.filter((id) => !found.has(id))).toEqual([]);
  await sql.end();
}

test('the server ends within a second of its parent being killed, cleanly: the next start recovers nothing', async () => {
  const dataDir = madeDataDir();
  const cluster = path.join(dataDir, 'pgdata');
  const instance = startInstance({ dataDir });
  const { server } = await instance.first('ready');
  expect(serverProcesses(cluster)).toContain(server);
  instance.child.kill('SIGKILL');
  // How long its last writing to the disk then takes is the disk's business.
  await until('the server ends', () => statusOf(cluster) !== 'ready', 1_000);
  await until('no server process', () => serverProcesses(cluster).length === 0);
  expect(statusOf(cluster)).toBe('gone');
  expect((await start({ dataDir })).messages).toEqual([]);
});

test('the next start may come at once after the kill', async () => {
  const dataDir = madeDataDir();
  const instance = startInstance({ dataDir, write: true });
  await until('some rows', () => acknowledged(instance).length > 50);
  instance.child.kill('SIGKILL');
  const { url } = await start({ dataDir });
  await instance.ended;
  await expectWritten(url, acknowledged(instance));
});

test('a server whose parent and watchers were all killed is ended by the next start', async () => {
  const dataDir = madeDataDir();
  const cluster = path.join(dataDir, 'pgdata');
  const instance = startInstance({ dataDir, write: true });
  const { server } = await instance.first('ready');
  await until('some rows', () => acknowledged(instance).length > 50);
  // The shell leads the session that the server runs in; the watcher is of its group, and so is the server.
  // Stopped first, so that none of them has the time to see another one gone.
  const own = serverProcesses(cluster);
  const watchers = groupOf(server).filter((pid) => !own.includes(pid));
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of watchers) process.kill(pid, signal);
  instance.child.kill('SIGKILL');
  await instance.ended;
  expect(serverProcesses(cluster)).toContain(server);
  const { url } = await start({ dataDir });
  expect(serverProcesses(cluster)).not.toContain(server);
  await expectWritten(url, acknowledged(instance));
});

test('whatever was acknowledged is there after everything was killed at once', async () => {
  const dataDir = madeDataDir();
  const cluster = path.join(dataDir, 'pgdata');
  const heard: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const instance = startInstance({ dataDir, write: true });
    const { server, url } = await instance.first('ready');
    if (round > 0) {
      expect(instance.events).toContainEqual(
        expect.objectContaining({ message: expect.stringContaining('Recovering') }),
      );
      await expectWritten(url, heard);
    }
    await until('some rows', () => acknowledged(instance).length > 200);
    const everything = [...groupOf(server), ...serverProcesses(cluster)];
    instance.child.kill('SIGKILL');
    for (const pid of everything) killIfAlive(pid);
    await instance.ended;
    heard.push(...acknowledged(instance));
  }
  const { url } = await start({ dataDir });
  await expectWritten(url, heard);
});

test('a server that was killed is started again by its parent, with all that was acknowledged', async () => {
  const dataDir = madeDataDir();
  const { sql, messages } = await start({ dataDir });
  await sql`create table written (id int)`;
  await sql`insert into written select generate_series(1, 100)`;
  process.kill(pidOf(dataDir), 'SIGKILL');
  await until('the news of it', () => messages.some((message) => message.includes('Starting it again')));
  // The pool dials again by itself; the first attempts may come before there is somebody to answer.
  const count = await firstAnswer(() => sql`select count(*)::int as count from written`);
  expect(count).toEqual([{ count: 100 }]);
});

test('a server that is told to end once nobody is connected is started again at once, whoever is', async () => {
  const dataDir = madeDataDir();
  const { sql, url, messages } = await start({ dataDir });
  await sql`create table written (id int)`;
  const cutOff = { code: expect.stringMatching(/^(57P01|CONNECTION_CLOSED)$/) };
  const asleep = expect(sql`select pg_sleep(60)`).rejects.toMatchObject(cutOff);
  await sql`insert into written select generate_series(1, 100)`;
  process.kill(pidOf(dataDir), 'SIGTERM');
  await asleep;
  await until('the news of it', () => messages.some((message) => message.includes('Starting it again')));
  const late = connect({ url });
  onTestFinished(() => late.close());
  for (const pool of [sql, late.sql]) {
    const count = await firstAnswer(() => pool`select count(*)::int as count from written`);
    expect(count).toEqual([{ count: 100 }]);
  }
});

test('a server that can not be kept up is given up, loudly', async () => {
  const dataDir = madeDataDir();
  const { lost } = await start({ dataDir });
  const killed: number[] = [];
  while (killed.length < 4) {
    // Whether it was ready or still starting.
    const server = await until('another server', () => {
      const pid = pidOf(dataDir);
      return !killed.includes(pid) && serverProcesses(path.join(dataDir, 'pgdata')).includes(pid) && pid;
    });
    process.kill(server, 'SIGKILL');
    killed.push(server);
  }
  const error = await lost;
  expect(error).toMatchObject({ failure: 'not_started' });
  expect(error.message).toMatch(/ended 4 times.*What was committed is kept/s);
});

test('a stop while the server is being started again leaves nothing running', async () => {
  const dataDir = madeDataDir();
  const { stop } = await start({ dataDir });
  process.kill(pidOf(dataDir), 'SIGKILL');
  await stop();
  expect(serverProcesses(path.join(dataDir, 'pgdata'))).toEqual([]);
  expect(await (await start({ dataDir })).sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test('Ctrl-C reaches the parent and not the server, which ends when the parent says so', async () => {
  const dataDir = madeDataDir();
  const instance = startInstance({ dataDir });
  const { server } = await instance.first('ready');
  // What a terminal does: the whole foreground group at once.
  process.kill(-(instance.child.pid ?? Number.NaN), 'SIGINT');
  expect((await instance.first('interrupted')).answer).toBe(42);
  await instance.ended;
  expect(serverProcesses(path.join(dataDir, 'pgdata'))).not.toContain(server);
});

test('a crash in the middle of the first start leaves nothing that the next one stumbles over', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const instance = startInstance({ dataDir });
  const unfinished = await until('the first files', () =>
    list(dataDir).find(
      (name) => name.startsWith('pgdata.init-') && list(path.join(dataDir, name)).includes('PG_VERSION'),
    ),
  );
  instance.child.kill('SIGKILL');
  await instance.ended;
  expect(list(dataDir)).not.toContain('pgdata');
  const { sql, messages } = await start({ dataDir });
  expect(messages).toEqual(['Creating the database (first start)…']);
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  expect(list(dataDir)).not.toContain(unfinished);
});

test('a pid file whose number now belongs to somebody else does not stop the start', async () => {
  const dataDir = madeDataDir();
  await leavePidFile(dataDir, String(process.pid));
  expect(await (await start({ dataDir })).sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test('a pid file of a zombie does not stop the start', async () => {
  const dataDir = madeDataDir();
  // A parent that never asks what became of its child, which ends when the shell (it might ask) is gone from there.
  const child = process.platform === 'linux' ? 'until grep -qs sleep /proc/$PPID/comm; do sleep 0.02; done' : 'sleep 1';
  const parent = spawn('/bin/sh', ['-c', `sh -c '${child}' & echo $!; exec sleep 60`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  let output = '';
  parent.stdout.on('data', (bytes) => {
    output += String(bytes);
  });
  const zombie = await until('the id of the child', () => /^(\d+)\n/.exec(output)?.[1]);
  if (process.platform === 'linux') {
    await until('a zombie', () => readFileSync(`/proc/${zombie}/stat`, 'utf8').includes(') Z '));
  }
  await leavePidFile(dataDir, zombie);
  expect(await (await start({ dataDir })).sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test('a pid file that was cut off while it was written does not stop the start', async () => {
  const dataDir = madeDataDir();
  await (await start({ dataDir })).stop();
  writeFileSync(path.join(dataDir, 'pgdata', 'postmaster.pid'), '');
  expect(await (await start({ dataDir })).sql`select 1 as one`).toEqual([{ one: 1 }]);
});

/** A cluster that was not shut down, whose pid file, complete but for this, names `pid`. */
async function leavePidFile(dataDir: string, pid: string): Promise<void> {
  const instance = await start({ dataDir });
  const file = path.join(dataDir, 'pgdata', 'postmaster.pid');
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  const lock = path.join(dataDir, 'run', '.s.PGSQL.5432.lock');
  const lockFile = readFileSync(lock, 'utf8').split('\n');
  await instance.stop();
  writeFileSync(file, [pid, ...rest].join('\n'));
  writeFileSync(lock, [pid, ...lockFile.slice(1)].join('\n'));
}

function pidOf(dataDir: string): number {
  const file = path.join(dataDir, 'pgdata', 'postmaster.pid');
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
}

/** What the server says of itself in the last line of its pid file; gone when it has removed that. */
function statusOf(cluster: string): string | undefined {
  const file = path.join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return 'gone';
  return readFileSync(file, 'utf8').split('\n')[7]?.trim();
}

/** Every process of the session that the server's shell leads. */
function groupOf(server: number): number[] {
  const leader = statOf(server)[3];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(Number(name))[3] === leader)
    .map(Number);
}

/** State, parent, process group and session, as /proc tells them after the name. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended with another of them.
  }
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function firstAnswer<T>(ask: () => Promise<T>): Promise<T> {
  let answer: T | undefined;
  await until('an answer', () => {
    void ask().then(
      (value) => {
        answer ??= value;
      },
      () => {},
    );
    return answer !== undefined;
  });
  return answer as T;
}
