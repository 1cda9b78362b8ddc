// The embedded database on a disk that fills up, which ends it: a file of its log can't be made; alone, and in the server.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect, type Sql } from '../../server/database/connect.js';
import { prepareFolders } from '../../server/database/embedded/folders.js';
import { endServerProcesses } from '../../server/database/embedded/leftovers.js';
import { serverProcesses } from '../../server/database/embedded/processes.js';
import { embeddedAddress } from '../../server/database/embedded/server.js';
import { startEmbedded } from '../../server/database/embedded/start.js';
import { temporaryFolder } from '../support/embedded.js';
import { leaveOut } from '../support/left-out.js';
import { toldBy } from '../support/log-lines.js';
import { copyCluster } from '../support/made-cluster.js';
import { copyProgram, startProcess } from '../support/server-process.js';
import { NO_DISK, SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';

/** Longer than four starts took, after which it was given up. */
const PATIENCE_MS = 5_000;

/** Where the data are to be; null where nothing can be mounted. */
function placeOnSmallDisk() {
  const folder = path.join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  const disk = SmallDisk.mount(folder, 256);
  if (disk === null) {
    leaveOut('the embedded database on a full disk', NO_DISK);
    return null;
  }
  const dataDir = path.join(folder, 'data');
  copyCluster(dataDir);
  return { disk, dataDir };
}

/** Returns when the server has ended for want of room. */
async function fillUp(disk: SmallDisk, sql: Sql, isTold: () => boolean): Promise<void> {
  // The files of the log that are there already are used up first.
  const isFull = async (): Promise<boolean> => {
    disk.fill();
    await sql`select pg_switch_wal() from (select pg_logical_emit_message(true, 'test', 'more')) as more`.catch(
      () => {},
    );
    return isTold();
  };
  await until(isFull, 'the database to end for want of room', { withinMs: 20_000, everyMs: 50 });
}

/** The same, with what was written before. */
async function startAndFill() {
  const place = placeOnSmallDisk();
  if (place === null) return null;
  const { disk, dataDir } = place;
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
  await fillUp(disk, sql, () => messages.some((message) => message.includes('is full')));
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

test('[PROC1] the server says so as a warning, and that it is back as news', async () => {
  const place = placeOnSmallDisk();
  if (place === null) return;
  const { disk, dataDir } = place;
  const program = await copyProgram();
  const server = startProcess(program, { AFTERWORD_DATA_DIR: dataDir, AFTERWORD_DRAIN_SECONDS: '0' });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.exited;
    await endServerProcesses(path.join(dataDir, 'pgdata'));
    disk.unmount();
    program.remove();
  });
  await server.ready;
  const { sql, close } = connect({ url: embeddedAddress(prepareFolders(dataDir)), max: 1 });
  onTestFinished(close);
  await fillUp(disk, sql, () => server.errors().includes('is full'));
  expect(toldBy(server, /^The disk of .* is full/)).toEqual(['warn']);
  disk.free();
  await until(() => server.errors().includes('The database is back.'), 'the news of it', { withinMs: 15_000 });
  expect(toldBy(server, /^The database is back/)).toEqual(['info']);
}, 60_000);
