// A database that answers and can't be used: each is told in words, before anything of anybody's is changed.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { siblingAddress } from '../../server/database/address.js';
import { attachDatabase } from '../../server/database/attach.js';
import type { Sql } from '../../server/database/connect.js';
import { migrateDatabase } from '../../server/database/migrate.js';
import { openDatabase } from '../../server/database/open.js';
import { backupFolder, migrationsFolder, restoreTarget, takeBackup, type BackupFolder } from '../support/backups.js';
import { collect } from '../support/collect.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { examine } from '../support/doctor.js';

let database: TestDatabase;
let place: BackupFolder;
beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  place = backupFolder();
});
afterEach(async () => {
  place.remove();
  await database.drop();
});

const migrate = (url = database.url): Promise<void> => migrateDatabase({ url, migrationsFolder, log: () => {} });
const tables = async (sql: Sql = database.sql): Promise<string[]> => {
  const rows = await sql<{ name: string }[]>`select table_name as name from information_schema.tables
    where table_schema in ('public', 'drizzle')`;
  return rows.map(({ name }) => name);
};

it('a user who may not make tables is told how to be given that', async () => {
  const name = `guest_${randomBytes(6).toString('hex')}`;
  await database.sql.unsafe(`create role ${name} login`);
  try {
    const url = new URL(database.url);
    url.username = name;
    await expect(migrate(url.href)).rejects.toMatchObject({
      failure: 'not_migrated',
      message: expect.stringMatching(/permission denied.*nothing that was stored is touched.*alter database/),
    });
    const { code, found } = await examine({ DATABASE_URL: url.href });
    expect(code).toBe(1);
    expect(found('Tables')).toMatchObject([{ state: 'problem', todo: expect.stringContaining('alter database') }]);
    expect(await tables()).toEqual([]);
  } finally {
    await database.sql.unsafe(`drop role ${name}`);
  }
});

it('a name that there is not: a server goes on asking and says what to mend, a tool gives up at once', async () => {
  const url = siblingAddress(database.url, 'nowhere');
  const said: string[] = [];
  const giveUp = new AbortController();
  const log = (message: string): void => {
    said.push(message);
    if (said.length === 2) giveUp.abort();
  };
  const opened = openDatabase(
    { databaseUrl: url, dataDir: place.file('unused'), migrationsFolder },
    log,
    giveUp.signal,
  );
  await expect(opened).rejects.toThrow();
  const words = /refuses what DATABASE_URL says \(database "nowhere" does not exist\)\..* Mend one of the two\./;
  expect(said).toEqual([expect.stringMatching(words), expect.stringMatching(words)]);
  const begun = performance.now();
  const attached = attachDatabase({ databaseUrl: url, dataDir: place.file('unused'), migrationsFolder }, () => {}, {
    migrate: false,
  });
  await expect(attached).rejects.toMatchObject({ failure: 'away', message: expect.stringMatching(words) });
  expect(performance.now() - begun).toBeLessThan(5_000);
});

it('a tool does not wait longer than it was told to, whatever the engine collects meanwhile', async () => {
  const collecting = setInterval(collect, 50);
  try {
    const config = { databaseUrl: 'postgres://ana@127.0.0.1:9/talk', dataDir: place.file('unused'), migrationsFolder };
    const attached = attachDatabase(config, () => {}, { migrate: false, withinMs: 1_000 });
    await expect(attached).rejects.toMatchObject({
      failure: 'away',
      message: expect.stringMatching(/ECONNREFUSED.*asked for 1 s\. Nothing was changed\./),
    });
  } finally {
    clearInterval(collecting);
  }
}, 10_000);

it('a replica, which takes no writes, is told', async () => {
  await database.sql.unsafe(
    `alter database ${new URL(database.url).pathname.slice(1)} set default_transaction_read_only = on`,
  );
  await expect(migrate()).rejects.toMatchObject({ message: expect.stringMatching(/read-only.*name the primary/) });
});

it("[PROC5] another program's tables by our names stay as they are, whatever is asked for", async () => {
  const ours = await createTestDatabase();
  await takeBackup(ours.sql, place.file('a'));
  await ours.drop();
  const target = await restoreTarget();
  await target.sql`create table settings (theirs text)`;
  await target.sql`insert into settings values ('kept')`;
  const said = /tables of another program .*\(settings\).*database of its own/;
  await expect(migrate(target.url)).rejects.toMatchObject({
    failure: 'unsuitable_server',
    message: expect.stringMatching(said),
  });
  for (const replace of [false, true]) {
    await expect(target.restore(place.file('a'), replace)).rejects.toThrow(said);
  }
  expect((await examine({ DATABASE_URL: target.url })).found('Tables')).toMatchObject([{ state: 'problem' }]);
  expect(await target.sql`select * from settings`).toEqual([{ theirs: 'kept' }]);
  expect(await tables(target.sql)).toEqual(['settings']);
  await target.drop();
});

it('[PROC5] so does a database in which another program notes its own drizzle migrations', async () => {
  await database.sql`create schema drizzle`;
  await database.sql`create table drizzle.__drizzle_migrations (id serial, hash text, created_at bigint)`;
  await database.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('theirs', 1)`;
  await expect(migrate()).rejects.toThrow(/tables of another program .*drizzle\.__drizzle_migrations/);
  expect(await tables()).toEqual(['__drizzle_migrations']);
});
