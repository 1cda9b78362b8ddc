// The server and its database are killed at random moments while people write: nothing acknowledged is lost, nothing is
// there twice, the clock has no hole, and a reader who only follows the contract ends up to date.
import { kill } from 'node:process';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { connect } from '../../server/database/connect.js';
import { startReader } from '../support/faithful-reader.js';
import { inconsistencies } from '../support/consistency.js';
import { readAll } from '../support/read-all.js';
import {
  buildProgram,
  freePort,
  makeDataFolder,
  startProcess,
  type DataFolder,
  type Program,
  type ServerProcess,
} from '../support/server-process.js';
import { startWriter } from '../support/stubborn-writer.js';
import { until } from '../support/until.js';

/** In this order; the database is started again by the server, at most three times a minute. */
const ROUNDS = ['server', 'database', 'server', 'backend', 'server', 'database', 'server', 'server'] as const;

let program: Program;
let data: DataFolder;
let server: ServerProcess;
let port: number;

const start = (): ServerProcess =>
  startProcess(program, { PORT: String(port), AFTERWORD_DATA_DIR: data.path, AFTERWORD_DRAIN_SECONDS: '0' });

beforeAll(async () => {
  program = await buildProgram();
  data = makeDataFolder();
  port = await freePort();
  server = start();
  await server.ready;
}, 30_000);
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
  await data.remove();
  program.remove();
});

function openDatabase() {
  return connect({
    url: `postgres://afterword@localhost/postgres?host=${encodeURIComponent(`${data.path}/run`)}`,
    max: 1,
  });
}

async function strike(target: (typeof ROUNDS)[number]): Promise<void> {
  if (target === 'server') {
    server.kill('SIGKILL');
    await server.exited;
    server = start();
    await server.ready;
    return;
  }
  if (target === 'database') return void kill(data.databasePid(), 'SIGKILL');
  // One of its connections, as the system does when memory is short: PostgreSQL restarts them all.
  const database = openDatabase();
  const [row] = await database.sql<[{ pid: number }]>`
    select pid from pg_stat_activity where application_name = 'afterword' limit 1`;
  await database.close();
  kill(row.pid, 'SIGKILL');
}

it(`[SEQ3] [REQ1] ${ROUNDS.length} kills: acknowledged and lost 0, doubled 0, no hole in the clock`, async () => {
  const url = `http://127.0.0.1:${port}`;
  const key = newId();
  const reader = startReader(url, key);
  await until(() => reader.held(), 'the reader to have joined');
  const writers = await Promise.all(['Ana', 'Ben', 'Cleo'].map((name) => startWriter({ url, key, name, lanes: 4 })));
  const count = (): number => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  for (const target of ROUNDS) {
    const goal = count() + 30 + Math.floor(Math.random() * 120);
    await until(() => count() >= goal, `writing to go on before the next kill, of a ${target}`, { withinMs: 15_000 });
    await strike(target);
  }
  const goal = count() + 100;
  await until(() => count() >= goal, 'writing to go on after the last kill', { withinMs: 15_000 });
  await Promise.all(writers.map((writer) => writer.finish()));

  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  const replies = await readAll(url, key);
  const stored = new Set(replies.map(({ id }) => id));
  expect(writers.flatMap(({ refused }) => refused)).toEqual([]);
  expect(
    acknowledged.filter((id) => !stored.has(id)),
    'acknowledged and lost',
  ).toEqual([]);
  expect(replies.length - stored.size, 'doubled').toBe(0);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  expect(
    replies.filter(({ id }) => !writers.some(({ sent }) => sent.has(id))),
    'never sent',
  ).toEqual([]);
  expect(replies.map(({ born }) => born)).toEqual(replies.map((_, n) => n + 1));

  await until(() => reader.held()?.cursor.seq === replies.length, 'the reader to be up to date');
  const { rows } = reader.held()!;
  expect([...rows.values()].toSorted((a, b) => a.born - b.born)).toEqual(replies.filter(({ id }) => rows.has(id)));
  // Who never was further behind than a delta reaches has all of them.
  if (reader.joins.snapshot === 1) expect(rows.size).toBe(replies.length);
  expect(reader.joins.delta).toBeGreaterThan(ROUNDS.filter((target) => target === 'server').length - 1);
  reader.close();

  const database = openDatabase();
  expect(await inconsistencies(database.sql)).toEqual([]);
  const [thread] = await database.sql`select head::int, count from threads where key = ${key}`;
  expect(thread).toEqual({ head: replies.length, count: replies.length });
  await database.close();
  writers.forEach((writer) => writer.close());
}, 120_000);
