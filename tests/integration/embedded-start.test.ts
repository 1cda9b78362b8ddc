// Starting the embedded database: what a first and a second start do, what the server is set to, where it may stand.
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findBinaries } from '../../server/database/embedded/binaries.js';
import { madeDataDir, start, temporaryFolder } from '../support/embedded.js';
import { leaveOut } from '../support/left-out.js';
import { isRoot } from '../support/read-only.js';

test('a first start says that it creates the database, a second one keeps everything and says nothing', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const first = await start({ dataDir });
  expect(first.messages).toEqual(['Creating the database (first start)…']);
  await first.sql`create table kept (word text)`;
  await first.sql`insert into kept values ('before')`;
  await first.stop();

  const second = await start({ dataDir });
  expect(second.messages).toEqual([]);
  expect(await second.sql`select word from kept`).toEqual([{ word: 'before' }]);
});

test('what decides over durability is on', async () => {
  const { sql } = await start({ dataDir: madeDataDir() });
  const rows = await sql`select name, setting from pg_settings
    where name in ('fsync', 'synchronous_commit', 'full_page_writes') order by name`;
  expect(rows.map(({ name, setting }) => `${name} ${setting}`)).toEqual([
    'fsync on',
    'full_page_writes on',
    'synchronous_commit on',
  ]);
});

test('nothing is listened on but a socket in a folder that only its user may enter', async () => {
  const dataDir = madeDataDir();
  const { sql } = await start({ dataDir });
  const [row] = await sql`select current_setting('listen_addresses') as addresses`;
  expect(row).toEqual({ addresses: '' });
  expect(statSync(path.join(dataDir, 'run')).mode & 0o777).toBe(0o700);
  expect(statSync(path.join(dataDir, 'run', '.s.PGSQL.5432')).mode & 0o777).toBe(0o700);
});

test("the database's order of text depends on nothing outside of PostgreSQL", async () => {
  const { sql } = await start({ dataDir: path.join(temporaryFolder(), 'data') });
  const [row] =
    await sql`select datlocprovider as provider, datlocale as locale, pg_encoding_to_char(encoding) as encoding
    from pg_database where datname = current_database()`;
  expect(row).toEqual({ provider: 'b', locale: 'C.UTF-8', encoding: 'UTF8' });
});

test('a data folder with a path too long for a socket works, by a private folder of /tmp', async () => {
  const dataDir = path.join(temporaryFolder(), 'a'.repeat(100), 'data');
  const { sql, url, stop } = await start({ dataDir });
  const run = new URL(url).searchParams.get('host') ?? '';
  onTestFinished(() => rmSync(path.dirname(run), { recursive: true, force: true }));
  expect(run).toMatch(/^\/tmp\/afterword-[0-9a-f]{16}\/run$/);
  expect(statSync(path.dirname(run)).mode & 0o066).toBe(0);
  expect(statSync(run).mode & 0o777).toBe(0o700);
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  await expect(start({ dataDir })).rejects.toMatchObject({ failure: 'in_use' });
  await stop();
});

test('a data folder may have any name', async () => {
  const dataDir = path.join(temporaryFolder(), 'it’s "my", data $HOME 日本');
  const { sql } = await start({ dataDir });
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test('it starts where install scripts were skipped, from links of its own', async () => {
  const folder = temporaryFolder();
  const native = copyWithoutLinks(folder);
  const bare = spawnSync(path.join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' });
  expect(bare.stderr).toContain('cannot open shared object file');

  const dataDir = path.join(folder, 'data');
  const { sql } = await start({ dataDir, native });
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  expect(readdirSync(path.join(native, 'lib')).filter((name) => isLink(path.join(native, 'lib', name)))).toEqual([]);
});

test('binaries that this platform lacks are named, with the way out', async () => {
  const folder = temporaryFolder();
  const attempt = start({ dataDir: path.join(folder, 'data'), native: path.join(folder, 'nothing') });
  await expect(attempt).rejects.toMatchObject({ failure: 'binaries_missing' });
  await expect(attempt).rejects.toThrow(/no embedded database for this platform.*Nothing was changed.*DATABASE_URL/s);
});

test('binaries that can not run here are told from a database that is damaged', async () => {
  const folder = temporaryFolder();
  const native = path.join(folder, 'package', 'native');
  mkdirSync(path.join(native, 'bin'), { recursive: true });
  writeFileSync(path.join(folder, 'package', 'package.json'), '{ "version": "18.4.0" }');
  // As a program for glibc is on a system without it: its interpreter is missing.
  for (const name of ['initdb', 'postgres']) {
    writeFileSync(path.join(native, 'bin', name), '#!/lib64/no-such-loader.so.2\n', { mode: 0o755 });
  }
  const attempt = start({ dataDir: path.join(folder, 'data'), native });
  await expect(attempt).rejects.toMatchObject({ failure: 'binaries_missing' });
  await expect(attempt).rejects.toThrow(/can't run on this system.*glibc 2\.27.*DATABASE_URL/s);
  expect(readdirSync(path.join(folder, 'data')).toSorted()).toEqual(['owner', 'run']);
});

test("another major version's data are refused and left as they are", async () => {
  const dataDir = madeDataDir();
  await (await start({ dataDir })).stop();
  const version = path.join(dataDir, 'pgdata', 'PG_VERSION');
  writeFileSync(version, '17\n');
  const before = readdirSync(path.join(dataDir, 'pgdata'));
  const attempt = start({ dataDir });
  await expect(attempt).rejects.toMatchObject({ failure: 'other_major' });
  await expect(attempt).rejects.toThrow(`The database in the data folder ${dataDir} was made by PostgreSQL 17`);
  await expect(attempt).rejects.toThrow('Nothing was changed.');
  expect(readdirSync(path.join(dataDir, 'pgdata'))).toEqual(before);

  writeFileSync(version, `${findBinaries().major}\n`);
  expect(await (await start({ dataDir })).sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test('a folder that holds something else is not taken for a database', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  mkdirSync(path.join(dataDir, 'pgdata'), { recursive: true });
  writeFileSync(path.join(dataDir, 'pgdata', 'letter.txt'), 'dear reader');
  await expect(start({ dataDir })).rejects.toMatchObject({ failure: 'not_a_database' });
  expect(readFileSync(path.join(dataDir, 'pgdata', 'letter.txt'), 'utf8')).toBe('dear reader');
});

test('a data folder that can not be made is named', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'file'), '');
  const dataDir = path.join(folder, 'file', 'data');
  const attempt = start({ dataDir });
  await expect(attempt).rejects.toMatchObject({ failure: 'data_folder_unwritable' });
  await expect(attempt).rejects.toThrow(`The data folder ${dataDir} can't be written (ENOTDIR)`);
});

if (process.platform === 'linux') {
  test('a data folder where there is no room for any is named, at once', async () => {
    const attempt = start({ dataDir: '/proc/afterword/data' });
    await expect(attempt).rejects.toMatchObject({ failure: 'data_folder_unwritable' });
  });
}

test('data that a backup tool has brought back open to others are closed again', async () => {
  const dataDir = madeDataDir();
  const before = await start({ dataDir });
  await before.sql`create table kept (word text)`;
  await before.stop();
  const cluster = path.join(dataDir, 'pgdata');
  chmodSync(cluster, 0o755);
  const { sql } = await start({ dataDir });
  expect(await sql`select * from kept`).toEqual([]);
  expect(statSync(cluster).mode & 0o777).toBe(0o700);
});

if (isRoot) {
  test('data that root has copied back from a backup are given to their user again', async () => {
    const dataDir = madeDataDir();
    const before = await start({ dataDir });
    await before.sql`create table kept (word text)`;
    await before.stop();
    const copy = path.join(path.dirname(dataDir), 'copy', 'data');
    cpSync(path.join(dataDir, 'pgdata'), path.join(copy, 'pgdata'), { recursive: true });
    expect(statSync(path.join(copy, 'pgdata', 'PG_VERSION')).uid).toBe(0);
    const { sql } = await start({ dataDir: copy });
    expect(await sql`select * from kept`).toEqual([]);
  });
} else {
  leaveOut("an embedded database's data that root copied back", 'only root can');
}

function isLink(file: string): boolean {
  return lstatSync(file).isSymbolicLink();
}

/** The installed package as it is before its install script. */
function copyWithoutLinks(folder: string): string {
  const installed = path.dirname(findBinaries().native);
  const copy = path.join(folder, 'package');
  cpSync(path.join(installed, 'package.json'), path.join(copy, 'package.json'));
  cpSync(path.join(installed, 'native'), path.join(copy, 'native'), {
    recursive: true,
    filter: (file) => !isLink(file),
  });
  return path.join(copy, 'native');
}
