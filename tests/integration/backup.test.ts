// Backup and restore: one moment in one file, whole or refused, all of it or nothing.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { Refusal } from '../../server/commands/command.js';
import { restore } from '../../server/commands/restore.js';
import { connect } from '../../server/database/connect.js';
import { migrateDatabase } from '../../server/database/migrate.js';
import { startTestApp, type TestApp } from '../support/app.js';
import {
  backupFolder,
  type BackupFolder,
  earlierVersion,
  migrationsFolder,
  reseal,
  restoreTarget,
  takeBackup,
  type Target,
} from '../support/backups.js';
import { connectClient, connectGuest } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { createTestDatabase } from '../support/database.js';
import { startReader } from '../support/faithful-reader.js';
import { makeLargeThread } from '../support/large-thread.js';
import { startWriter } from '../support/stubborn-writer.js';
import { until } from '../support/until.js';

let folder: BackupFolder;
let target: Target;
beforeAll(() => {
  folder = backupFolder();
});
afterAll(() => folder.remove());
beforeEach(async () => {
  target = await restoreTarget();
});
afterEach(() => target.drop());

describe('the drill', () => {
  const WRITERS = 16;
  const KEYS = ['one', 'two', 'three', 'four'];

  it('[SEQ6] [PROC5] taken while sixteen write, restored elsewhere: sound, nothing acknowledged before is missing, and readers with old cursors start over', async () => {
    const app = await startTestApp();
    const file = folder.file('drill');
    const writers = await Promise.all(
      Array.from({ length: WRITERS }, (_, n) =>
        startWriter({ url: app.url, key: KEYS[n % KEYS.length]!, name: `Writer ${n}`, lanes: 2 }),
      ),
    );
    await until(() => writers.every(({ acknowledged }) => acknowledged.length >= 5), 'everybody to write');
    const reader = await connectGuest(app.url, 'Ana');
    const before = writers.flatMap(({ acknowledged }) => acknowledged);
    await takeBackup(app.database.sql, file);
    await until(
      () => writers.flatMap(({ acknowledged }) => acknowledged).length > before.length + WRITERS,
      'them to go on',
    );
    await Promise.all(writers.map((writer) => writer.finish()));
    const held = await reader.snapshot('one');
    for (const client of [...writers, reader]) client.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);

    expect(await target.restore(file)).toEqual({ sites: 0, threads: 0, replies: 0, last: null });
    expect(await inconsistencies(target.sql)).toEqual([]);
    const heads = await target.sql<{ head: string; rows: string; last: string }[]>`
      select t.head, count(r.id) as rows, max(r.seq) as last from threads t join replies r on r.thread_id = t.id group by t.id`;
    for (const { head, rows, last } of heads) expect({ rows, last }).toEqual({ rows: head, last: head });
    const kept = new Set((await target.sql<{ id: string }[]>`select id from replies`).map(({ id }) => id));
    expect(before.filter((id) => !kept.has(id))).toEqual([]);

    const pool = connect({ url: target.url });
    const restored = await startTestApp({ database: { ...pool, url: target.url, drop: pool.close } });
    try {
      const again = await connectClient(restored.url);
      const answer = await again.join('one', { cursor: held.cursor });
      expect(answer.mode).toBe('snapshot');
      again.close();
      const faithful = startReader(restored.url, 'one');
      const writer = await startWriter({ url: restored.url, key: 'one', name: 'Bea', lanes: 1 });
      await until(() => writer.acknowledged.length > 3, 'somebody to write on');
      await writer.finish();
      const [{ head }] = await target.sql<[{ head: string }]>`select head from threads where key = 'one'`;
      await until(() => faithful.held()?.cursor.seq === Number(head), 'the reader to converge');
      writer.close();
      faithful.close();
      expect(await inconsistencies(target.sql)).toEqual([]);
    } finally {
      await restored.end();
      await pool.close();
      await app.end();
    }
  });

  it('takes and restores 100,000 replies, says how long that took, and leaves nothing where it is stopped', async () => {
    const large = await createTestDatabase();
    const file = folder.file('large');
    try {
      await makeLargeThread(large.sql, { total: 100_000, roots: 1_000 });
      let begun = performance.now();
      await takeBackup(large.sql, file);
      const taken = performance.now() - begun;
      begun = performance.now();
      await target.restore(file);
      const restored = performance.now() - begun;
      const megabytes = (statSync(file).size / 1e6).toFixed(1);
      process.stdout.write(
        `100,000 replies: backup ${(taken / 1000).toFixed(1)} s, ${megabytes} MB; check and restore ${(restored / 1000).toFixed(1)} s\n`,
      );
      const stopping = new AbortController();
      const pool = connect({ url: large.url, max: 1 });
      const stopped = takeBackup(
        pool.sql,
        folder.file('stopped'),
        () => stopping.abort(new Error('enough')),
        stopping.signal,
      );
      await expect(stopped).rejects.toThrow();
      await pool.close();
      expect(readdirSync(folder.file('')).filter((name) => name.startsWith('stopped'))).toEqual([]);

      const same = (sql: typeof large.sql) =>
        sql`select count(*), md5(string_agg(t::text, '' order by id)) from replies t`;
      expect(await same(target.sql)).toEqual(await same(large.sql));
      const indexes = (sql: typeof large.sql) =>
        sql`select indexdef from pg_indexes where schemaname = 'public' order by 1`;
      const rules = (sql: typeof large.sql) =>
        sql`select conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace order by 1`;
      expect(await indexes(target.sql)).toEqual(await indexes(large.sql));
      expect(await rules(target.sql)).toEqual(await rules(large.sql));
    } finally {
      await large.drop();
    }
  }, 60_000);
});

describe('[PROC5] restoring', () => {
  let app: TestApp;
  let file: string;
  const words = 'back\\slash, tab\t, line\nend, \\. and 🙂';
  beforeAll(async () => {
    app = await startTestApp();
    file = folder.file('small');
    const ana = await connectGuest(app.url, 'Ana');
    const { thread } = await ana.snapshot('kept');
    await ana.must('reply:create', { thread: thread.id, id: newId(), body: words });
    await ana.must('reply:create', { thread: thread.id, id: newId(), body: '\\.' });
    ana.close();
    await takeBackup(app.database.sql, file);
  });
  afterAll(() => app.end());

  it('brings every table back as it was, but for the epochs', async () => {
    await target.restore(file);
    const tables = ['sites', 'authors', 'replies', 'votes', 'reactions', 'reports', 'revisions', 'settings'];
    for (const table of tables) {
      const all = (sql: typeof target.sql) => sql`select t::text from ${sql(table)} t order by 1`;
      expect(await all(target.sql)).toEqual(await all(app.database.sql));
    }
    const threads = (sql: typeof target.sql) => sql`select to_jsonb(t) - 'epoch' as row from threads t order by id`;
    expect(await threads(target.sql)).toEqual(await threads(app.database.sql));
    const epochs = (sql: typeof target.sql) => sql<{ epoch: string }[]>`select epoch from threads`;
    const old = (await epochs(app.database.sql)).map(({ epoch }) => epoch);
    for (const { epoch } of await epochs(target.sql)) expect(old).not.toContain(epoch);
  });

  it('refuses a database that is not empty, says what it holds, and replaces it where that was asked for', async () => {
    await target.restore(file);
    await target.sql`update sites set name = 'changed since'`;
    await expect(target.restore(file)).rejects.toMatchObject({ held: { sites: 1, threads: 2 } });
    expect(await target.sql`select name from sites`).toMatchObject([{ name: 'changed since' }]);
    expect(await target.restore(file, true)).toMatchObject({ sites: 1, threads: 2 });
    expect(await target.sql`select name from sites`).toMatchObject([{ name: 'Afterword demo' }]);
  });

  it('ends where somebody stops it while the file is still read through, and changes nothing', async () => {
    const stopping = new AbortController();
    const said: string[] = [];
    const restoring = restore.run(
      {
        env: { DATABASE_URL: target.url },
        root: join(migrationsFolder, '..', '..'),
        print: (line) => void said.push(line),
        tell: (line) => void said.push(line),
        stdout: process.stdout,
        stderr: process.stderr,
        signal: stopping.signal,
      },
      { words: [file], options: {} },
    );
    stopping.abort(new Refusal('Stopped by SIGINT.'));
    await expect(restoring).rejects.toThrow('Stopped by SIGINT. Nothing was changed.');
    expect(said).toEqual([]);
    expect(await target.sql`select to_regclass('replies') as there`).toEqual([{ there: null }]);
  });

  it('refuses a database on which a server is running', async () => {
    const there = await restoreTarget(app.database.url);
    await expect(there.restore(file, true)).rejects.toThrow('A server is running on this database');
    await there.drop();
  });

  it('leaves the tables of a newer version alone, and says where it may restore to', async () => {
    await target.restore(file);
    await target.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`;
    await expect(target.restore(file, true)).rejects.toThrow(/newer version .* into an empty database/);
  });

  it('a backup of earlier tables is loaded into those, and then migrated', async () => {
    const older = earlierVersion(1);
    const source = await restoreTarget();
    try {
      await migrateDatabase({ url: source.url, ...older, log: () => {} });
      await source.sql`insert into sites (id, name, origins) values ('blog', 'Blog', '{https://example.com}')`;
      const header = await takeBackup(source.sql, folder.file('older'));
      expect(header.schema).toBe('0000_first');
      await target.restore(folder.file('older'));
      await migrateDatabase({ url: target.url, migrationsFolder, log: () => {} });
      expect(await target.sql`select id, votes, presence from sites`).toMatchObject([
        { id: 'blog', votes: 'updown', presence: true },
      ]);
    } finally {
      await source.drop();
      older.remove();
    }
  });

  it('back to an earlier version: one backup from before the upgrade, by either of them, restored beside the upgraded tables', async () => {
    const older = earlierVersion(-1);
    const source = await restoreTarget();
    const said: string[] = [];
    const log = (line: string): void => void said.push(line);
    const sites = ({ sql }: Target) => sql`select id from sites order by 1`;
    const applied = ({ sql }: Target) => sql`select created_at from drizzle.__drizzle_migrations order by 1`;
    try {
      await migrateDatabase({ url: source.url, ...older, log });
      await source.sql`insert into sites (id, name, origins) values ('blog', 'Blog', '{https://example.com}')`;
      const before = await applied(source);
      const [byOlder, byNewer] = [folder.file('by-older'), folder.file('by-newer')];
      await takeBackup(source.sql, byOlder, undefined, undefined, older.migrationsFolder);
      await takeBackup(source.sql, byNewer);
      expect(await applied(source)).toEqual(before);

      await migrateDatabase({ url: source.url, migrationsFolder, log });
      await source.sql`insert into sites (id, name, origins) values ('since', 'Since', '{https://example.com}')`;
      const after = await applied(source);
      await takeBackup(source.sql, folder.file('since'));

      said.length = 0;
      await migrateDatabase({ url: source.url, ...older, log });
      expect(said).toEqual([expect.stringContaining('The database was last used by a newer version of this program')]);
      for (const file of [byOlder, byNewer]) {
        await expect(source.restore(file, true, older.migrationsFolder)).rejects.toThrow(/newer version/);
      }
      await expect(target.restore(folder.file('since'), false, older.migrationsFolder)).rejects.toMatchObject({
        failure: 'newer',
      });
      expect([await sites(source), await applied(source)]).toEqual([[{ id: 'blog' }, { id: 'since' }], after]);

      for (const file of [byOlder, byNewer]) {
        await target.restore(file, true, older.migrationsFolder);
        expect([await sites(target), await applied(target)]).toEqual([[{ id: 'blog' }], before]);
        said.length = 0;
        await migrateDatabase({ url: target.url, ...older, log });
        expect(said).toEqual([]);
      }
    } finally {
      await source.drop();
      older.remove();
    }
  });

  describe('refuses, and changes nothing', () => {
    const bad = (): string => folder.file('bad');
    const held = () =>
      target.sql`select (select count(*) from replies) as n, (select string_agg(name, '') from sites) as names`;
    let before: unknown;
    beforeEach(async () => {
      await target.restore(file);
      await target.sql`update sites set name = 'still here'`;
      before = await held();
    });
    afterEach(async () => {
      expect(await held()).toEqual(before);
    });
    const refused = (failure: string) => expect(target.restore(bad(), true)).rejects.toMatchObject({ failure });

    it('a file that is cut off, wherever', async () => {
      const whole = readFileSync(file);
      for (const part of [0.1, 0.5, 0.9, 0.999]) {
        writeFileSync(bad(), whole.subarray(0, Math.floor(whole.length * part)));
        await refused('cut_off');
      }
      writeFileSync(bad(), '');
      await expect(target.restore(bad(), true)).rejects.toThrow();
    });

    it('a file in which a single bit is another, wherever', async () => {
      const whole = readFileSync(file);
      // What stands before is gzip's own header, which says nothing of the content.
      for (let at = 10; at < whole.length; at += Math.ceil(whole.length / 60)) {
        const flipped = Buffer.from(whole);
        flipped[at]! ^= 1 << (at % 8);
        writeFileSync(bad(), flipped);
        await expect(target.restore(bad(), true), `bit at ${at}`).rejects.toMatchObject({ name: 'BackupError' });
      }
    });

    it('a file that is something else', async () => {
      for (const content of [
        'no gzip',
        gzipSync('no backup\n'),
        gzipSync('x'.repeat(1_000_000)),
        gzipSync('-- afterword backup {}\n'),
      ]) {
        writeFileSync(bad(), content);
        await expect(target.restore(bad(), true)).rejects.toMatchObject({ name: 'BackupError' });
      }
    });

    it('what a later version made, and says so', async () => {
      reseal(file, bad(), (text) => text.replace(/"schema":"[^"]*"/, '"schema":"9999_later"'));
      await refused('newer');
      reseal(file, bad(), (text) => text.replace('"format":1', '"format":2'));
      await refused('newer');
    });

    it('a text that was changed by hand and sealed again: other tables, statements, counts, rows that can not be', async () => {
      const changes: ((text: string) => string)[] = [
        (text) => text.replace('copy "sites"', 'drop table "sites"; copy "sites"'),
        (text) => text.replace('copy "sites"', 'copy "pg_authid"'),
        (text) => text.replace(/"rows":2\b/, '"rows":3'),
        (text) => text.replaceAll('"name":"votes"', '"name":"voters"'),
        (text) => `${text}copy "sites" ("id") from stdin;\n\\.\n`,
        (text) => text.replace(/(copy "sites"[^\n]*\n)/, `$1${'x'.repeat(17 * 1024 * 1024)}`),
      ];
      for (const [n, change] of changes.entries()) {
        reseal(file, bad(), change);
        await expect(target.restore(bad(), true), `change ${n}`).rejects.toMatchObject({ name: 'BackupError' });
      }
      // Whole as a file, but PostgreSQL takes no such row.
      const rows: ((text: string) => string)[] = [
        (text) => text.replace('\tguest\t', '\tking\t'),
        (text) => text.replace(/^([0-9a-f-]{36})\tdemo\tguest/m, 'no-id\tdemo\tguest'),
        (text) => text.replace(/^([0-9a-f-]{36})\tdemo\tguest/m, `${newId()}\tdemo\tguest`),
      ];
      for (const [n, change] of rows.entries()) {
        reseal(file, bad(), change);
        await expect(target.restore(bad(), true), `row ${n}`).rejects.toMatchObject({ code: /^2[23]/ });
      }
    });
  });
});
