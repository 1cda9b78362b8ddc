// Tools that are stopped by Ctrl-C while they wait for what others hold: at once, with the reason, and nothing stays behind.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

import { attachDatabase } from '../../server/database/attach.js';
import { connect, type Sql } from '../../server/database/connect.js';
import { serverProcesses } from '../../server/database/embedded/processes.js';
import { RESTORE_NAME } from '../../server/database/backup/restore.js';
import { MIGRATION_LOCK } from '../../server/database/migration-lock.js';
import { backupFolder, type BackupFolder, migrationsFolder, restoreTarget, takeBackup } from '../support/backups.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/embedded.js';
import { until } from '../support/until.js';

/** Far less than any of the locks is waited for by itself, and enough for a process to end on a busy machine. */
const AT_ONCE_MS = 1_500;
/** A process is to start, and what is shipped may have to be built. */
const PATIENT = { withinMs: 30_000 };

let database: TestDatabase;
let folder: BackupFolder;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = backupFolder();
});
afterAll(async () => {
  folder.remove();
  await database.drop();
});

interface Tool {
  out(): string;
  err(): string;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** The command as it is shipped. */
function startTool(args: readonly string[], url = database.url): Tool {
  const env = { ...process.env, DATABASE_URL: url };
  const child = spawn(process.execPath, ['tools/afterword.mjs', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => (said.out += String(text)));
  child.stderr.on('data', (text) => (said.err += String(text)));
  const ended = new Promise<Awaited<Tool['ended']>>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  return { out: () => said.out, err: () => said.err, kill: (signal) => void child.kill(signal), ended };
}

/** A session that nobody takes for a server's, to hold what the tool wants. */
async function holding<T>(hold: (sql: Sql) => Promise<unknown>, use: () => Promise<T>, url = database.url): Promise<T> {
  const other = connect({ url, max: 1, applicationName: 'psql', lasting: true });
  try {
    return (await other.sql.begin(async (tx) => {
      await hold(tx as unknown as Sql);
      return await use();
    })) as T;
  } finally {
    await other.close();
  }
}

const sessions = (name: string) => database.sql<{ waits: boolean }[]>`
  select coalesce(wait_event_type = 'Lock', false) as waits from pg_stat_activity
  where datname = current_database() and application_name = ${name}`;

async function stop(tool: Tool, signal: 'SIGINT' | 'SIGTERM', code: number): Promise<void> {
  const begun = performance.now();
  tool.kill(signal);
  expect(await tool.ended).toEqual({ code, signal: null });
  expect(performance.now() - begun).toBeLessThan(AT_ONCE_MS);
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('[PROC5] one that waits for a node which migrates the database (%s)', async (signal, code) => {
  await holding(
    (sql) => sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`,
    async () => {
      const tool = startTool(['admin', 'site', 'list']);
      await until(() => tool.err().includes('Waiting for it…'), 'it to wait', PATIENT);
      await stop(tool, signal, code);
      expect(tool.err()).toBe(`Another node is migrating the database. Waiting for it…\nStopped by ${signal}.\n`);
      expect(tool.out()).toBe('');
      for (const name of ['afterword tools', 'afterword migrations']) {
        await until(async () => (await sessions(name)).length === 0, 'its sessions to be gone');
      }
    },
  );
});

it('[PROC5] a backup that waits for a table: there is no file', async () => {
  await holding(
    (sql) => sql`lock table replies`,
    async () => {
      const tool = startTool(['backup', folder.file('stopped.backup')]);
      await until(async () => (await sessions('afterword backup')).some(({ waits }) => waits), 'it to wait', PATIENT);
      await stop(tool, 'SIGINT', 130);
      expect([tool.out(), tool.err()]).toEqual(['', 'Stopped by SIGINT.\n']);
    },
  );
  expect(readdirSync(folder.file('')).filter((name) => name.startsWith('stopped'))).toEqual([]);
});

it('[PROC5] a backup for which the table does not come free is told why, without a stack', async () => {
  await holding(
    (sql) => sql`lock table replies`,
    async () => {
      const tool = startTool(['backup', folder.file('late.backup')]);
      expect(await tool.ended).toEqual({ code: 1, signal: null });
      expect(tool.err()).toBe('The database refuses (canceling statement due to lock timeout).\n');
    },
  );
});

it('[PROC5] a restore that waits for a table: nothing was changed', async () => {
  const file = folder.file('whole.backup');
  await takeBackup(database.sql, file);
  const target = await restoreTarget();
  onTestFinished(() => target.drop());
  await target.restore(file);
  const tables = () => target.sql`select relname, relfilenode from pg_class where relkind = 'r' order by 1`;
  const before = await tables();
  const waits = () => target.sql`select 1 from pg_stat_activity
    where datname = current_database() and application_name = ${RESTORE_NAME} and wait_event_type = 'Lock'`;
  await holding(
    (sql) => sql`lock table revisions in access share mode`,
    async () => {
      const tool = startTool(['restore', '--replace', file], target.url);
      await until(async () => (await waits()).length > 0, 'it to wait', PATIENT);
      await stop(tool, 'SIGINT', 130);
      expect(tool.out()).toBe('');
      expect(tool.err()).toMatch(/ is whole: .*\nStopped by SIGINT\. Nothing was changed\.\n$/);
    },
    target.url,
  );
  expect(await tables()).toEqual(before);
});

it('[PROC5] one that has started the embedded database and waits for those who joined it', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const stopping = new AbortController();
  const told: string[] = [];
  const log = (message: string): void => void told.push(message);
  const place = { dataDir, migrationsFolder };
  const first = await attachDatabase(place, log, { migrate: true, signal: stopping.signal });
  const second = await attachDatabase(place, () => {}, { migrate: false });
  expect([first.inUse, second.inUse]).toEqual([false, true]);
  const over = first.close();
  over.catch(() => {});
  await until(() => told.some((message) => message.includes('Waiting for it to end')), 'it to wait');
  const reason = new Error('Stopped by SIGINT.');
  stopping.abort(reason);
  await expect(over).rejects.toBe(reason);
  expect(told.at(-1)).toBe('The other command loses its database, which ends with this one.');
  expect(serverProcesses(path.join(dataDir, 'pgdata'))).toEqual([]);
  await expect(second.sql`select 1`).rejects.toThrow();
  await second.close();
});
