// Tools that come to one embedded database while no server runs: whoever is first starts it, and the others can rely on it.
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type AttachedDatabase, attachDatabase } from '../../server/database/attach.js';
import { prepareFolders } from '../../server/database/embedded/folders.js';
import { takeOwnership } from '../../server/database/embedded/owner-lock.js';
import { serverProcesses } from '../../server/database/embedded/processes.js';
import { madeDataDir, start, temporaryFolder, until } from '../support/embedded.js';

const migrationsFolder = path.resolve('drizzle/migrations');

interface Tool extends AttachedDatabase {
  told: string[];
}

async function attach(dataDir: string): Promise<Tool> {
  const told: string[] = [];
  const log = (message: string): void => void told.push(message);
  const attached = await attachDatabase({ dataDir, migrationsFolder }, log, { migrate: true });
  onTestFinished(attached.close);
  return { ...attached, told };
}

test('one that has started the database ends it when those who joined it are done, and says that it waits', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const first = await attach(dataDir);
  const second = await attach(dataDir);
  expect([first.inUse, second.inUse]).toEqual([false, true]);
  let isOver = false;
  const over = first.close().then(() => (isOver = true));
  await until('the news of it', () => first.told.some((message) => message.includes('Waiting for it to end')));
  const third = await attach(dataDir);
  for (const { sql } of [second, third]) expect(await sql`select count(*)::int as n from sites`).toEqual([{ n: 0 }]);
  await second.close();
  expect(await third.sql`select 1 as one`).toEqual([{ one: 1 }]);
  expect(isOver).toBe(false);
  await third.close();
  await over;
  expect(serverProcesses(path.join(dataDir, 'pgdata'))).toEqual([]);
});

test('one that comes while the one who had the database ends starts it itself, soon', async () => {
  const dataDir = madeDataDir();
  await (await attach(dataDir)).close();
  const { owner, data } = prepareFolders(dataDir);
  // As it is between the end of the server and that of its owner.
  const lock = await takeOwnership(owner, data);
  const begun = performance.now();
  const attached = attach(dataDir);
  setTimeout(() => lock.release(), 1_000);
  expect((await attached).inUse).toBe(false);
  expect(performance.now() - begun).toBeLessThan(6_000);
});

test('they come and go at any moment, and none is cut off', async () => {
  const dataDir = madeDataDir();
  await (await attach(dataDir)).close();
  const tools = Array.from({ length: 6 }, async (_, n) => {
    await new Promise((resolve) => setTimeout(resolve, n * 150));
    const tool = await attach(dataDir);
    for (let i = 0; i < 10; i++) await tool.sql`select pg_sleep(0.01)`;
    await tool.close();
    return tool.inUse;
  });
  expect(await Promise.all(tools)).toContain(false);
  expect(serverProcesses(path.join(dataDir, 'pgdata'))).toEqual([]);
});

test('a server does not wait for a tool that has joined it', async () => {
  const dataDir = madeDataDir();
  const server = await start({ dataDir });
  const tool = await attach(dataDir);
  expect(tool.inUse).toBe(true);
  await server.stop();
  await expect(tool.sql`select 1`).rejects.toThrow();
});
