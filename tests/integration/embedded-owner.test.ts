// Who may use a data folder: one instance at a time, and as which user.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type Account, startAs } from '../../server/database/embedded/account.js';
import { type OwnerLock, takeOwnership } from '../../server/database/embedded/owner-lock.js';
import { connect } from '../../server/database/connect.js';
import { isRoot, start, startInstance, temporaryFolder, until } from '../support/embedded.js';

const NOBODY: Account = { uid: 65_534, gid: 65_534, name: 'nobody', passes: true };

/** A user id that /etc/passwd doesn't know, as some containers give. */
const NAMELESS: Account = { uid: 61_234, gid: 61_234, name: 'nameless', passes: true };

test('a second instance stops with a message that names the folder, and the first goes on', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const first = startInstance({ dataDir });
  const { url } = await first.first('ready');
  const second = startInstance({ dataDir });
  const refused = await second.first('refused');
  await second.ended;
  expect(refused.failure).toBe('in_use');
  expect(refused.message).toContain(`Another running instance uses the data folder ${dataDir}.`);
  const { sql } = connect({ url });
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  await sql.end();
});

test('of instances that start at once on a new folder, one creates the database and the others are refused', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const instances = [1, 2, 3].map(() => startInstance({ dataDir }));
  const outcomes = await Promise.all(
    instances.map(({ events }) =>
      until('an outcome', () => events.find(({ event }) => event === 'ready' || event === 'refused')),
    ),
  );
  expect(outcomes.map(({ event }) => event).toSorted()).toEqual(['ready', 'refused', 'refused']);
  for (const outcome of outcomes) if (outcome.event === 'refused') expect(outcome.failure).toBe('in_use');
});

test('however many want a folder at the same moment, one gets it', async () => {
  for (let round = 0; round < 10; round += 1) {
    const folder = mkdtempSync('/tmp/afterword-owner-');
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    // Not all in the same tick: the dangerous moments are between one's steps.
    const attempts = Array.from({ length: 8 }, async (): Promise<OwnerLock> => {
      await pause(Math.random() * 4);
      return takeOwnership(folder, folder);
    });
    const locks = (await Promise.allSettled(attempts)).filter((attempt) => attempt.status === 'fulfilled');
    expect(locks).toHaveLength(1);
    locks[0]?.value.release();
    (await takeOwnership(folder, folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('an owner that answers nothing, being stopped, is an owner still', async () => {
  const folder = mkdtempSync('/tmp/afterword-owner-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const silent = createServer({ pauseOnConnect: true });
  silent.listen(path.join(folder, 'silent.sock'));
  onTestFinished(() => void silent.close());
  await expect(takeOwnership(folder, folder)).rejects.toMatchObject({ failure: 'in_use' });
});

test('the database never runs as root, and its files belong to who runs it', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const instance = startInstance({ dataDir });
  const { server } = await instance.first('ready');
  const { uid } = statSync(path.join(dataDir, 'pgdata'));
  expect(uid).not.toBe(0);
  if (process.platform === 'linux') expect(statSync(`/proc/${server}`).uid).toBe(uid);
  if (!isRoot) expect(uid).toBe(process.getuid?.());
  // Nothing else changes hands.
  expect(statSync(dataDir).uid).toBe(process.getuid?.());
});

test.runIf(isRoot)('where there is no user postgres it runs as nobody, whatever the umask', async () => {
  const folder = temporaryFolder();
  // The system's own `id`, but for one user.
  const id = '#!/bin/sh\n[ "$2" = postgres ] && exit 1\nexec /usr/bin/id "$@"\n';
  writeFileSync(path.join(folder, 'id'), id, { mode: 0o755 });
  const withoutPostgres = ['env', `PATH=${folder}:${process.env['PATH']}`, 'sh', '-c', 'umask 077; exec "$@"', 'sh'];
  const instance = startInstance({ dataDir: path.join(folder, 'new', 'data') }, withoutPostgres);
  const { server } = await instance.first('ready');
  expect(statSync(`/proc/${server}`).uid).toBe(NOBODY.uid);
  instance.child.kill('SIGINT');
  await instance.ended;
});

test.runIf(isRoot)(
  'an ordinary user starts it, is told of a folder that may not be written, and root can go on',
  async () => {
    const folder = temporaryFolder();
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    const refused = await startInstance({ dataDir: path.join(closed, 'data') }, as(NOBODY)).first('refused');
    expect(refused.failure).toBe('data_folder_unwritable');
    expect(refused.message).toContain(`${path.join(closed, 'data')} can't be written (EACCES)`);

    const dataDir = path.join(folder, 'data');
    mkdirSync(dataDir);
    chownSync(dataDir, NOBODY.uid, NOBODY.gid);
    const own = startInstance({ dataDir }, as(NOBODY));
    const { server } = await own.first('ready');
    expect(statSync(`/proc/${server}`).uid).toBe(NOBODY.uid);
    own.child.kill('SIGINT');
    await own.ended;

    const root = startInstance({ dataDir });
    const again = await root.first('ready');
    expect(statSync(`/proc/${again.server}`).uid).toBe(NOBODY.uid);
    root.child.kill('SIGINT');
    await root.ended;

    expect((await startInstance({ dataDir }, as(NOBODY)).first('ready')).url).toContain('postgres://');
  },
);

test.runIf(isRoot)("an ordinary user is told whose data they are, where they are another user's", async () => {
  const folder = temporaryFolder();
  const dataDir = path.join(folder, 'data');
  await (await start({ dataDir })).stop();
  for (const name of ['.', 'owner', 'run']) chownSync(path.join(dataDir, name), NAMELESS.uid, NAMELESS.gid);
  const refused = await startInstance({ dataDir }, as(NAMELESS)).first('refused');
  expect(refused.failure).toBe('data_folder_unwritable');
  expect(refused.message).toContain('belongs to another user');
});

test.runIf(isRoot)('a user without a name is told that PostgreSQL needs one', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  mkdirSync(dataDir);
  chownSync(dataDir, NAMELESS.uid, NAMELESS.gid);
  const refused = await startInstance({ dataDir }, as(NAMELESS)).first('refused');
  expect(refused.failure).toBe('not_created');
  expect(refused.message).toContain('no entry in /etc/passwd');
  expect(readdirSync(dataDir).filter((name) => name.startsWith('pgdata'))).toEqual([]);
});

test.runIf(isRoot && mayLend())(
  "in a folder of root's that is closed to others the database runs all the same, and still not as root",
  async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o700);
    const dataDir = path.join(folder, 'data');
    const { sql, stop } = await start({ dataDir });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    expect(statSync(path.join(dataDir, 'pgdata')).uid).not.toBe(0);
    await stop();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  },
);

test.runIf(isRoot && mayLend())('where root may not lend that right, the closed folder is named', async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o700);
  const dataDir = path.join(folder, 'data');
  const instance = startInstance({ dataDir }, ['setpriv', '--bounding-set=-dac_read_search', '--inh-caps=-all', '--']);
  const refused = await instance.first('refused');
  expect(refused.failure).toBe('folder_unreachable');
  expect(refused.message).toContain(`who may not enter ${folder}.`);
});

/** The words before a command that make it run as `account`, who gets at this checkout wherever it stands if possible. */
function as(account: Account): string[] {
  if (mayLend()) return startAs(account, []).command;
  return ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--'];
}

/** Whether the capability to pass through closed folders is ours to lend: containers often have it not. */
function mayLend(): boolean {
  if (process.platform !== 'linux') return false;
  const [, mask = '0'] = /CapBnd:\s*([0-9a-f]+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const readSearch = 2n;
  return ((BigInt(`0x${mask}`) >> readSearch) & 1n) === 1n;
}
