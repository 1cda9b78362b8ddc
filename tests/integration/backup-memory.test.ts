// How much memory backing up and restoring takes, as commands in processes of their own.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openBackup } from '../../server/database/backup/file.js';
import { backupFolder, type BackupFolder, restoreTarget, type Target } from '../support/backups.js';
import { createTestDatabase } from '../support/database.js';
import { makeLargeThread } from '../support/large-thread.js';
import { copyProgram, type Program } from '../support/server-process.js';

/** Of text, which is what must not be held: the program takes a hundred by itself. */
const TEXT_MB = 240;
const PEAK_MB_MAX = 180;
let program: Program;
let folder: BackupFolder;
let target: Target;
beforeAll(async () => {
  program = await copyProgram();
  folder = backupFolder();
  target = await restoreTarget();
}, 60_000);
afterAll(async () => {
  await target.drop();
  folder.remove();
  program.remove();
});

/** What the command took at most, in megabytes; on Linux not by `maxRSS`, which begins with what its parent had. */
function peakOf(url: string, ...words: string[]): Promise<number> {
  const peak = `import { existsSync, readFileSync } from 'node:fs';
    const peak = () => existsSync('/proc/self/status')
      ? /VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]
      : process.resourceUsage().maxRSS;
    process.on('exit', () => process.stderr.write('\\npeak ' + peak() + ' kB'));`;
  const loaded = `data:text/javascript,${encodeURIComponent(peak)}`;
  const command = ['--import', loaded, join(dirname(program.main), 'commands.js'), ...words];
  const env = { PATH: process.env['PATH'], DATABASE_URL: url };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { env }, (error, _out, err) => {
      if (error) reject(new Error(err));
      else resolve(Number(/peak (\d+) kB/.exec(err)![1]) / 1024);
    });
  });
}

it('the memory that the commands take does not grow with what is backed up, read through or restored, and is told', async () => {
  const large = await createTestDatabase();
  try {
    const file = folder.file('long');
    const { id } = await makeLargeThread(large.sql, { total: 12_000, roots: 1_000 });
    // Small on the disk and quickly made; in the backup's text each is 20 kB.
    await large.sql.begin(async (tx) => {
      await tx`set local statement_timeout = 0`;
      await tx`update replies set body = repeat(md5(id::text), 640) where thread_id = ${id}`;
    });
    const backup = await peakOf(large.url, 'backup', file);
    const check = await peakOf(target.url, 'restore', '--check', file);
    const restored = await peakOf(target.url, 'restore', file);
    let bytes = 0;
    for await (const piece of openBackup(file)) bytes += piece.length;
    process.stdout.write(
      `A backup of ${Math.round(bytes / 1e6)} MB of text: at most ${backup.toFixed(0)} MB of memory; ` +
        `check ${check.toFixed(0)} MB, restore ${restored.toFixed(0)} MB\n`,
    );
    expect(bytes / 1e6).toBeGreaterThan(TEXT_MB);
    expect(Math.max(backup, check, restored)).toBeLessThan(PEAK_MB_MAX);
    const [{ n }] = await target.sql<
      [{ n: number }]
    >`select count(*)::int as n from replies where length(body) = 20480`;
    expect(n).toBe(12_000);
  } finally {
    await large.drop();
  }
}, 120_000);
