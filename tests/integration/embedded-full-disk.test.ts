// The embedded database on a disk that fills up, which ends it: a file of its log can't be made.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../server/database/connect.js';
import { endServerProcesses } from '../../server/database/embedded/leftovers.js';
import { serverProcesses } from '../../server/database/embedded/processes.js';
import { startEmbedded } from '../../server/database/embedded/start.js';
import { temporaryFolder } from '../support/embedded.js';
import { leaveOut } from '../support/left-out.js';
import { NO_DISK, SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';

/** Longer than four starts took, after which it was given up. */
const PATIENCE_MS = 5_000;

/** Returns when the server has ended for want of room, with what was written before; null where nothing can be mounted. */
async function startAndFill() {
  const folder = path.join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  const disk = SmallDisk.mount(folder, 256);
  if (disk === null) {
    leaveOut('the embedded database on a full disk', NO_DISK);
    return null;
  }
  const dataDir = path.join(folder, 'data');
  const messages: string[] = [];
  const embedded = await startEmbedded({ dataDir, log: (message) => messages.push(message) });
  const { sql, close } = connect({ url: embedded.url, max: 1 });
  onTestFinished(async () => {
    await Promise.all([close(), embedded.stop()]);
    await endServerProcesses(path.join(dataDir, 'pgdata'));
    disk.unmount();
  });
  await sql`create table written (id int)`;
  await sql`insert into written select generate_series(1, 100)`;
  // The files of the log that are there already are used up first.
  const isFull = async (): Promise<boolean> => {
    disk.fill();
    await sql`select pg_switch_wal() from (select pg_logical_emit_message(true, 'test', 'more')) as more`.catch(
      () => {},
    );
    return messages.some((message) => message.includes('is full'));
  };
  await until(isFull, 'the database to end for want of room', { withinMs: 20_000, everyMs: 50 });
  return { ...embedded, sql, messages, disk, dataDir };
}

test('ends, says so, is waited for, and comes back by itself when there is room, with all that was acknowledged', async () => {
  const filled = await startAndFill();
  if (filled === null) return;
  const { sql, messages, lost, disk, dataDir } = filled;
  expect(messages.find((message) => message.includes('is full'))).toMatch(
    /^The disk of \S+\/data is full \(0 MB free\).*No space left on device.*What was committed is kept\. Make room there/,
  );
  expect(messages.find((message) => message.includes('is full'))).toContain(dataDir);
  const isLost = await Promise.race([
    lost.then(() => true),
    new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE_MS)),
  ]);
  expect(isLost, messages.join('\n')).toBe(false);
  disk.free();
  await until(() => messages.includes('The database is back.'), 'the news of it', { withinMs: 15_000 });
  expect(await sql`select count(*)::int as count from written`).toEqual([{ count: 100 }]);
  await sql`insert into written values (101)`;
}, 60_000);

test('a stop meanwhile is not waited for, and leaves nothing running', async () => {
  const filled = await startAndFill();
  if (filled === null) return;
  const begun = performance.now();
  await filled.stop();
  expect(performance.now() - begun).toBeLessThan(3_000);
  expect(serverProcesses(path.join(filled.dataDir, 'pgdata'))).toEqual([]);
}, 60_000);
