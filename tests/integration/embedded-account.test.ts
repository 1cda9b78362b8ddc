// Which user the database runs as, and what each kind of user is told.
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Account, startAs } from '../../server/database/embedded/account.js';
import { findBinaries } from '../../server/database/embedded/binaries.js';
import { start, startInstance, temporaryFolder } from '../support/embedded.js';
import { leaveOut } from '../support/left-out.js';
import { isRoot } from '../support/read-only.js';

const NOBODY: Account = { uid: 65_534, gid: 65_534, name: 'nobody', passes: true };
/** A user id that /etc/passwd doesn't know, as some containers give. */
const NAMELESS: Account = { uid: 61_234, gid: 61_234, name: 'nameless', passes: true };

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

test('an ordinary user is told of a folder that may not be written', async () => {
  const closed = path.join(temporaryFolder(), 'closed');
  mkdirSync(closed, { mode: 0o555 });
  const dataDir = path.join(closed, 'data');
  const refused = await startInstance({ dataDir }, isRoot ? as(NOBODY) : []).first('refused');
  expect(refused.failure).toBe('data_folder_unwritable');
  expect(refused.message).toContain(`The data folder ${dataDir} can't be written (EACCES)`);
});

// Only root can become the other users that these are about.
if (isRoot) {
  test('where there is no user postgres it runs as nobody, whatever the umask', async () => {
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

  test('what an ordinary user has started root can go on with, and that user again', async () => {
    const folder = temporaryFolder();
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
  });

  test("an ordinary user is told whose data they are, where they are another user's", async () => {
    const folder = temporaryFolder();
    const dataDir = path.join(folder, 'data');
    await (await start({ dataDir })).stop();
    for (const name of ['.', 'owner', 'run']) chownSync(path.join(dataDir, name), NAMELESS.uid, NAMELESS.gid);
    const refused = await startInstance({ dataDir }, as(NAMELESS)).first('refused');
    expect(refused.failure).toBe('data_folder_unwritable');
    expect(refused.message).toContain('belongs to another user');
  });

  test('a user without a name is told that PostgreSQL needs one', async () => {
    const dataDir = path.join(temporaryFolder(), 'data');
    mkdirSync(dataDir);
    chownSync(dataDir, NAMELESS.uid, NAMELESS.gid);
    const refused = await startInstance({ dataDir }, as(NAMELESS)).first('refused');
    expect(refused.failure).toBe('not_created');
    expect(refused.message).toContain('no entry in /etc/passwd');
    expect(readdirSync(dataDir).filter((name) => name.startsWith('pgdata'))).toEqual([]);
  });
} else {
  leaveOut('an embedded database as other users', 'only root can become them');
}

if (isRoot && mayLend()) {
  test("in a folder of root's that is closed to others the database runs all the same, and still not as root", async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o700);
    const dataDir = path.join(folder, 'data');
    const { sql, stop } = await start({ dataDir });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    expect(statSync(path.join(dataDir, 'pgdata')).uid).not.toBe(0);
    await stop();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test("the program itself may stand in a folder of root's that is closed to others", async () => {
    const folder = temporaryFolder();
    const copy = path.join(folder, 'package');
    cpSync(path.dirname(findBinaries().native), copy, { recursive: true, verbatimSymlinks: true });
    const native = path.join(copy, 'native');
    chmodSync(folder, 0o700);
    const { sql, stop } = await start({ dataDir: path.join(folder, 'data'), native });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    await stop();
  });

  test('where root may not lend that right, the closed folder is named', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o700);
    const dataDir = path.join(folder, 'data');
    const instance = startInstance({ dataDir }, [
      'setpriv',
      '--bounding-set=-dac_read_search',
      '--inh-caps=-all',
      '--',
    ]);
    const refused = await instance.first('refused');
    expect(refused.failure).toBe('folder_unreachable');
    expect(refused.message).toContain(`who may not enter ${folder}.`);
  });
} else {
  leaveOut('an embedded database in folders that are closed to others', 'only root can lend the right to pass through');
}

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
