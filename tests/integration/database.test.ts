// The pool, waiting, migrating and opening, on a real server.
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer, type NetConnectOpts, type Socket } from 'node:net';
import path from 'node:path';
import { sql as statement } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { connect, type Database } from '../../server/database/connect.js';
import { migrateDatabase } from '../../server/database/migrate.js';
import { MIGRATION_LOCK } from '../../server/database/migration-lock.js';
import { type OpenDatabase, openDatabase } from '../../server/database/open.js';
import { waitForDatabase } from '../../server/database/wait.js';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from '../support/database.js';
import { proxyDatabase, throughPort, upstreamOf } from '../support/database-proxy.js';
import { madeDataDir, start, temporaryFolder, until } from '../support/embedded.js';

const migrationsFolder = path.resolve(import.meta.dirname, '../../drizzle/migrations');
/** Nobody listens on the discard port. */
const NOWHERE = 'postgres://talk:secret@127.0.0.1:9/talk';

async function testDatabase(options?: TestDatabaseOptions): Promise<TestDatabase> {
  const database = await createTestDatabase(options);
  onTestFinished(() => database.drop());
  return database;
}

function pool(url: string): Database {
  const database = connect({ url });
  onTestFinished(() => database.close());
  return database;
}

async function open(config: { databaseUrl?: string; dataDir: string }, log: string[]): Promise<OpenDatabase> {
  const database = await openDatabase({ ...config, migrationsFolder }, (message) => log.push(message));
  onTestFinished(() => database.close());
  return database;
}

test('a server is dialled by its IPv6 address', async () => {
  const database = await testDatabase();
  const lines = new Set<Socket>();
  const front = createServer((line) => {
    const behind = createConnection(upstreamOf(database.url) as NetConnectOpts);
    for (const one of [line, behind]) lines.add(one.on('error', () => {}));
    line.pipe(behind).pipe(line);
  });
  await once(front.listen(0, '::1'), 'listening');
  onTestFinished(() => {
    for (const line of lines) line.destroy();
    front.close();
  });
  const address = new URL(throughPort(database.url, (front.address() as AddressInfo).port));
  address.hostname = '[::1]';
  const [row] = await pool(address.href).sql`select 1 as one`;
  expect(row).toEqual({ one: 1 });
});

test('a test database is migrated, empty, and nobody else sees it', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  await one.sql`insert into sites (id, name, origins) values ('a', 'A', '{}')`;
  expect(await one.sql`select id from sites`).toEqual([{ id: 'a' }]);
  expect(await other.sql`select id from sites`).toEqual([]);
});

test('every connection is bounded, named, and in UTC', async () => {
  const { sql, db } = await testDatabase();
  const settings = statement`select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
    current_setting('application_name') as name, current_setting('TimeZone') as zone`;
  expect(await db.execute(settings)).toEqual([{ statement: '5s', lock: '2s', name: 'afterword', zone: 'UTC' }]);
  expect(await sql`select '2026-01-02T03:04:05+02:00'::timestamptz as at`).toEqual([{ at: '2026-01-02 01:04:05+00' }]);
});

test('a transaction that its client has forgotten holds its locks for five seconds', async () => {
  const { url, sql } = await testDatabase();
  const prompt = connect({ url, max: 1, isPrompt: true });
  onTestFinished(() => prompt.close());
  const begun = performance.now();
  const forgotten = prompt.sql.begin(async (tx) => {
    await tx`lock table sites`;
    // Refused after two seconds of waiting each time, until it is free.
    const isFree = () =>
      sql`select 1 from sites`.then(
        () => true,
        () => false,
      );
    while (!(await isFree())) expect(performance.now() - begun).toBeLessThan(9_000);
    expect(performance.now() - begun).toBeGreaterThan(4_000);
    await tx`select 1`;
  });
  await expect(forgotten).rejects.toThrow();
});

test('of several hosts the one that serves is found', async () => {
  const way = await proxyDatabase(await testDatabase());
  onTestFinished(() => way.drop());
  const several = way.url.replace('@127.0.0.1:', '@127.0.0.1:9,127.0.0.1:');
  expect(await pool(several).sql`select 1 as n`).toEqual([{ n: 1 }]);
});

test.each(['', ',127.0.0.1:9'])(
  'who accepts and hangs up is asked once, and told of (%j behind it)',
  async (others) => {
    let dialled = 0;
    // As a web server answers who speaks anything else.
    const stranger = createServer((socket) => {
      dialled += 1;
      socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    onTestFinished(() => void stranger.close());
    const { port } = stranger.address() as AddressInfo;
    const database = pool(`postgres://talk@127.0.0.1:${port}${others}/talk`);
    await expect(database.sql`select 1`).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:CONNECTION_CLOSED|ECONNREFUSED)$/),
    });
    expect(dialled).toBe(1);
  },
);

test('who waits for a lock for longer than two seconds is told so', async () => {
  const { sql } = await testDatabase();
  await sql.begin(async (first) => {
    await first`lock table sites`;
    await expect(sql`select * from sites`).rejects.toMatchObject({ code: '55P03' });
  });
});

test('the pool finds the server again after it was away', async () => {
  const dataDir = madeDataDir();
  const first = await start({ dataDir });
  const { sql } = pool(first.url);
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  await first.stop();
  await expect(sql`select 1 as one`).rejects.toMatchObject({ code: expect.stringMatching(/ENOENT|CONNECTION_CLOSED/) });
  await start({ dataDir });
  await waitForDatabase(sql, { url: first.url, log: () => {}, firstPauseMs: 50 });
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test('a database that is away is asked for again, in words that hold no password, until it answers', async () => {
  const dataDir = madeDataDir();
  const before = await start({ dataDir });
  await before.stop();
  const messages: string[] = [];
  const levels = new Set<string>();
  const { sql } = pool(before.url);
  const log = (message: string, level = 'info'): void => {
    messages.push(message);
    levels.add(level);
  };
  const waiting = waitForDatabase(sql, { url: before.url, log, firstPauseMs: 20 });
  await until('two attempts', () => messages.length >= 2);
  await start({ dataDir });
  await waiting;
  const [place, problem] = messages[0]!.split(" can't be reached ");
  expect(place).toBe(`The database postgres in ${dataDir}/run`);
  expect(problem).toMatch(/^\(.*ENOENT.*\)\. Trying again in 0\.02 s…$/);
  expect(messages[1]).toContain('Trying again in 0.04 s…');
  expect(levels).toEqual(new Set(['warn']));
});

test('waiting ends when the caller gives up, and never told the password', async () => {
  const messages: string[] = [];
  const giveUp = new AbortController();
  const { sql } = pool(NOWHERE);
  const log = (message: string): void => {
    messages.push(message);
    if (messages.length === 3) giveUp.abort(new Error('enough'));
  };
  const waiting = waitForDatabase(sql, { url: NOWHERE, log, signal: giveUp.signal, firstPauseMs: 5 });
  await expect(waiting).rejects.toThrow('enough');
  expect(messages[0]).toContain("The database talk at 127.0.0.1:9 can't be reached (connect ECONNREFUSED");
  expect(messages.join('\n')).not.toContain('secret');
});

test('a database that keeps text in another encoding is refused', async () => {
  const { sql, url } = await testDatabase();
  await sql`create database latin template template0 encoding 'LATIN1' locale_provider 'libc' locale 'C'`;
  onTestFinished(() => void sql`drop database latin with (force)`);
  const latin = new URL(url);
  latin.pathname = '/latin';
  const attempt = waitForDatabase(pool(latin.href).sql, { url: latin.href, log: () => {} });
  await expect(attempt).rejects.toMatchObject({ failure: 'unsuitable_server' });
  await expect(attempt).rejects.toThrow(
    "keeps text in LATIN1. Nothing was changed. Create a database with encoding 'UTF8'.",
  );
});

test('of two nodes that start together one migrates and the other waits for it', async () => {
  const { sql, url } = await testDatabase({ migrated: false });
  const logs: string[][] = [[], []];
  await Promise.all(logs.map((log) => migrateDatabase({ url, migrationsFolder, log: (message) => log.push(message) })));
  const said = logs.flat().toSorted();
  expect(said.filter((message) => message.startsWith('Migrating the database: '))).toHaveLength(1);
  const [row] = await sql`select count(*)::int as count from drizzle.__drizzle_migrations`;
  expect(row).toEqual({ count: journal(migrationsFolder).entries.length });

  const silent: string[] = [];
  await migrateDatabase({ url, migrationsFolder, log: (message) => silent.push(message) });
  expect(silent).toEqual([]);
});

test('a node that waits for a long migration of another is not cut off, says so, and stops when it is told to', async () => {
  const { sql, url } = await testDatabase({ migrated: false });
  await sql`select 1`;
  const holder = await sql.reserve();
  await holder`select pg_advisory_lock(${MIGRATION_LOCK})`;
  const giveUp = new AbortController();
  const messages: string[] = [];
  const log = (message: string): void => void messages.push(message);
  const waiting = migrateDatabase({ url, migrationsFolder, log, signal: giveUp.signal });
  await until('the news that it waits', () =>
    messages.includes('Another node is migrating the database. Waiting for it…'),
  );
  giveUp.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  holder.release();
});

test('a migration that fails changes nothing', async () => {
  const { sql, url } = await testDatabase({ migrated: false });
  const folder = copyOfMigrations();
  const [first] = journal(folder).entries;
  const file = path.join(folder, `${first?.tag}.sql`);
  writeFileSync(file, `${readFileSync(file, 'utf8')}--> statement-breakpoint\nselect no_such_column;`);
  await expect(migrateDatabase({ url, migrationsFolder: folder, log: () => {} })).rejects.toThrow();
  expect(await sql`select table_name from information_schema.tables where table_schema = 'public'`).toEqual([]);
  await migrateDatabase({ url, migrationsFolder, log: () => {} });
  expect(await sql`select * from replies`).toEqual([]);
});

test('a migration that comes too late in the order is refused and not left out', async () => {
  const { url } = await testDatabase();
  const folder = copyOfMigrations();
  const { entries, ...rest } = journal(folder);
  const late = { ...entries[0], tag: '9999_late', when: 1 };
  writeFileSync(path.join(folder, 'meta', '_journal.json'), JSON.stringify({ ...rest, entries: [...entries, late] }));
  writeFileSync(path.join(folder, '9999_late.sql'), 'create table late (id int)');
  const attempt = migrateDatabase({ url, migrationsFolder: folder, log: () => {} });
  await expect(attempt).rejects.toThrow('The migration 9999_late is missing in the database');
});

test('a database that a newer version has migrated is said to be one', async () => {
  const { sql, url } = await testDatabase();
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', ${Date.now() + 1e12})`;
  const messages: string[] = [];
  await migrateDatabase({ url, migrationsFolder, log: (message) => messages.push(message) });
  expect(messages).toEqual([
    'The database was last used by a newer version of this program. Trying to work with it as it is.',
  ]);
});

test('an embedded database and an own server are opened the same way, and are ready', async () => {
  const folder = temporaryFolder();
  const embeddedLog: string[] = [];
  const embedded = await open({ dataDir: path.join(folder, 'data') }, embeddedLog);
  expect(embeddedLog[0]).toBe('Creating the database (first start)…');
  expect(embeddedLog[1]).toMatch(/^Migrating the database: 0000_/);
  const { url } = await testDatabase({ migrated: false });
  const ownLog: string[] = [];
  const own = await open({ databaseUrl: url, dataDir: path.join(folder, 'unused') }, ownLog);
  expect(ownLog).toEqual([embeddedLog[1]]);
  for (const { sql } of [embedded, own]) expect(await sql`select * from threads`).toEqual([]);
});

test('what could not be opened leaves nothing running', async () => {
  const dataDir = madeDataDir();
  const attempt = openDatabase({ dataDir, migrationsFolder: path.join(dataDir, 'nowhere') }, () => {});
  await expect(attempt).rejects.toThrow('_journal.json');
  expect(await (await start({ dataDir })).sql`select 1 as one`).toEqual([{ one: 1 }]);
});

interface Journal {
  entries: { tag: string; when: number }[];
}

function journal(folder: string): Journal {
  return JSON.parse(readFileSync(path.join(folder, 'meta', '_journal.json'), 'utf8')) as Journal;
}

function copyOfMigrations(): string {
  const folder = path.join(temporaryFolder(), 'migrations');
  cpSync(migrationsFolder, folder, { recursive: true });
  return folder;
}
