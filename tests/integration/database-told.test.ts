// What the server's log says of its database, for who reads no more than warnings (`LOG_LEVEL=warn`).
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

import { connect } from '../../server/database/connect.js';
import { createTestDatabase } from '../support/database.js';
import { proxyDatabase } from '../support/database-proxy.js';
import { toldBy } from '../support/log-lines.js';
import { copyProgram, makeDataFolder, startProcess, type Program } from '../support/server-process.js';
import { until } from '../support/until.js';

const PATIENT = { withinMs: 15_000 };

let program: Program;
beforeAll(async () => {
  program = await copyProgram();
}, 30_000);
afterAll(() => program.remove());

it('[PROC1] that its own ended, each time, and that it is given up, but no progress', async () => {
  const data = makeDataFolder();
  const env = { AFTERWORD_DATA_DIR: data.path, AFTERWORD_DRAIN_SECONDS: '0', LOG_LEVEL: 'warn' };
  const server = startProcess(program, env);
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.exited;
    await data.remove();
  });
  await server.ready;
  const ENDED = /^The database ended by itself\. Starting it again\./;
  for (let ends = 1; ends <= 4; ends += 1) {
    await answers(data.databaseUrl);
    process.kill(data.databasePid(), 'SIGKILL');
    if (ends <= 3) await until(() => toldBy(server, ENDED).length === ends, `the news of end ${ends}`, PATIENT);
  }
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(toldBy(server, ENDED)).toEqual(['warn', 'warn', 'warn']);
  expect(toldBy(server, /^The database was cut off last time/)).toEqual(['warn', 'warn', 'warn']);
  expect(toldBy(server, /^the embedded database is gone/)).toEqual(['fatal']);
  expect(server.errors()).not.toContain('Creating the database');
}, 60_000);

it('[PROC1] that it is not in reach, at each attempt, while a start waits for it', async () => {
  const database = await createTestDatabase();
  const way = await proxyDatabase(database);
  await way.cut();
  const data = makeDataFolder();
  const server = startProcess(program, { AFTERWORD_DATA_DIR: data.path, DATABASE_URL: way.url, LOG_LEVEL: 'warn' });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.exited;
    await way.drop();
    await database.drop();
    await data.remove();
  });
  const levels = (): string[] => toldBy(server, /can't be reached \(.*\)\. Trying again in /);
  await until(() => levels().length >= 2, 'two attempts to be told', PATIENT);
  expect(new Set(levels())).toEqual(new Set(['warn']));
  await way.restore();
  await server.ready;
}, 30_000);

/** Asked on a new connection: only a server that still lives takes one. */
async function answers(url: string): Promise<void> {
  const { sql, close } = connect({ url, max: 1 });
  const asked = async (): Promise<boolean> => (await sql`select 1`.catch(() => [])).length === 1;
  await until(asked, 'the database to answer', PATIENT);
  await close();
}
