// Migrating a large table while others write into it: nobody waits for a lock for longer than half a second, and a start
// that was cut off, with what it left behind, is finished by the next one.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { newId } from '../../shared/ids.js';
import { connect, type Sql } from '../../server/database/connect.js';
import { migrateDatabase } from '../../server/database/migrate.js';
import { PostgresStore } from '../../server/store/postgres.js';
import { rank } from '../../server/threads/rank.js';
import { earlierVersion, migrationsFolder } from '../support/backups.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/embedded.js';
import { makeLargeThread, type LargeThread } from '../support/large-thread.js';
import { until } from '../support/until.js';

const ROWS = 100_000;
/** PostgreSQL ends a writer's statement that waits for a lock for longer, whatever else the machine does. */
const WAIT_MAX_MS = 500;
const BOUND = { withinMs: 30_000, everyMs: 20 };

let database: TestDatabase;
let large: LargeThread;
let aReply: string;

beforeAll(async () => {
  database = await createTestDatabase();
  large = await makeLargeThread(database.sql, { total: ROWS, roots: 30_000 });
  const [row] = await database.sql<[{ id: string }]>`select md5(${large.id} || 1)::uuid as id`;
  aReply = row.id;
}, 120_000);
afterAll(() => database.drop());

const index = (name: string): string => `CREATE INDEX CONCURRENTLY "${name}" ON "replies" ("thread_id", "created_at")`;
const fill = (column: string): string =>
  `-- batches of replies by id, 2000\nupdate replies set ${column} = length(html) where id > :after and id <= :upto`;

/** The checked-in migrations and one more. */
function folderWith(tag: string, statements: readonly string[], when = Date.now() + 1e12): string {
  const folder = path.join(temporaryFolder(), 'migrations');
  cpSync(migrationsFolder, folder, { recursive: true });
  const file = path.join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: object[] };
  const idx = journal.entries.length;
  journal.entries.push({ idx, version: '7', when, tag, breakpoints: true });
  const snapshot = (n: number): string => path.join(folder, 'meta', `${String(n).padStart(4, '0')}_snapshot.json`);
  cpSync(snapshot(idx - 1), snapshot(idx));
  writeFileSync(file, JSON.stringify(journal));
  writeFileSync(path.join(folder, `${tag}.sql`), statements.join('\n--> statement-breakpoint\n'));
  return folder;
}

/** Writes and votes all the time, in the large thread and in another; resolves to how often, or rejects with a writer's error. */
function startWriters(): { stop: () => Promise<number> } {
  let isOver = false;
  const writers = [0, 1, 2, 3].map(async (n) => {
    const { sql, db, close } = connect({ url: database.url, max: 1 });
    try {
      await sql`select set_config('lock_timeout', ${`${WAIT_MAX_MS}ms`}, false)`;
      const store = new PostgresStore({ sql, db });
      const author = { id: large.author, siteId: 'demo', name: 'Ana', badge: 'guest' as const };
      let written = 0;
      for (; !isOver; written++) {
        const reply = {
          id: newId(),
          parentId: n % 2 === 0 ? aReply : null,
          author,
          body: 'x',
          html: '<p>x</p>',
          renderer: 1,
        };
        await store.createReplies(large.id, [reply]);
        await store.choose(reply.id, [{ authorId: large.author, value: 1 }], rank);
      }
      return written;
    } finally {
      await close();
    }
  });
  const all = Promise.all(writers);
  all.catch(() => {});
  return {
    stop: async () => {
      isOver = true;
      return (await all).reduce((sum, written) => sum + written, 0);
    },
  };
}

const migrate = (migrationsFolder: string, log: (message: string) => void = () => {}): Promise<void> =>
  migrateDatabase({ url: database.url, migrationsFolder, log });

async function endMigrations(sql: Sql): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'afterword migrations' and datname = current_database()`;
}

async function validity(name: string): Promise<boolean | null> {
  const [row] = await database.sql<{ valid: boolean }[]>`
    select indisvalid as valid from pg_index where indexrelid = to_regclass(${name})`;
  return row?.valid ?? null;
}

test('an index is built and a column filled while writers wait for no lock for longer than 500 ms', async () => {
  const folder = folderWith('9000_online', [
    '-- online\nalter table replies add column weight integer',
    index('replies_by_day'),
    fill('weight'),
  ]);
  const writers = startWriters();
  const messages: string[] = [];
  // Two nodes at once: who waits must not be waited for by the index.
  await Promise.all([migrate(folder, (message) => messages.push(message)), migrate(folder)]);
  expect(await writers.stop()).toBeGreaterThan(50);
  expect(await validity('replies_by_day')).toBe(true);
  const [left] = await database.sql<[{ n: number }]>`
    select count(*)::int as n from replies where weight is null and born <= ${ROWS}`;
  expect(left.n).toBe(0);
  expect(await database.sql`select * from drizzle.online_steps`).toEqual([]);
}, 120_000);

test('cut off while the index is built and while the column is filled, the next starts finish it', async () => {
  const { sql } = database;
  const folder = folderWith(
    '9001_cut_off',
    ['-- online\nalter table replies add column other integer', index('replies_cut_off'), fill('other')],
    Date.now() + 2e12,
  );
  const first = migrate(folder);
  first.catch(() => {});
  const building = () => sql`select 1 from pg_stat_progress_create_index
    where datname = current_database() and phase like 'building%'`;
  await until(async () => (await building()).length > 0, 'the index is being built', BOUND);
  await endMigrations(sql);
  await expect(first).rejects.toThrow();
  expect(await validity('replies_cut_off')).toBe(false);

  const filled = async (): Promise<number> =>
    (await sql<[{ n: number }]>`select count(*)::int as n from replies where other is not null`)[0].n;
  const second = migrate(folder);
  second.catch(() => {});
  await until(async () => (await filled()) > 0, 'a part is filled', BOUND);
  expect(await validity('replies_cut_off')).toBe(true);
  await endMigrations(sql);
  await expect(second).rejects.toThrow();
  const before = await filled();
  expect(before).toBeLessThan(ROWS);

  // What is filled is not filled again: it goes on where it was.
  await sql`update replies set other = -1 where other is not null`;
  await migrate(folder);
  const [kept] = await sql<[{ n: number; none: number }]>`
    select count(*) filter (where other = -1)::int as n, count(*) filter (where other is null)::int as none from replies`;
  expect(kept).toEqual({ n: before, none: 0 });
}, 120_000);

test('a change of the table that somebody reads for long holds up no writer, and is made when they are done', async () => {
  const folder = folderWith('9002_short', ['alter table replies add column third integer'], Date.now() + 3e12);
  const reader = connect({ url: database.url, max: 1 });
  onTestFinished(() => reader.close());
  const writers = startWriters();
  const messages: string[] = [];
  let migrating = Promise.resolve();
  await reader.sql.begin(async (tx) => {
    await tx`select 1 from replies limit 1`;
    migrating = migrate(folder, (message) => messages.push(message));
    await until(
      () => messages.some((message) => message.includes('waits for a table')),
      'it says that it waits',
      BOUND,
    );
  });
  await migrating;
  expect(await writers.stop()).toBeGreaterThan(10);
  expect(await database.sql`select third from replies limit 1`).toEqual([{ third: null }]);
}, 60_000);

test('where there are no tables yet, all is made at once, or nothing is', async () => {
  const fresh = await createTestDatabase({ migrated: false });
  onTestFinished(() => fresh.drop());
  const steps = ['-- online\nalter table replies add column weight integer', index('replies_by_day'), fill('weight')];
  const made = () => fresh.sql`select to_regclass('replies') as replies, to_regclass('replies_by_day') as index`;
  const failing = folderWith('9003_fails', [...steps, 'select no_such_column']);
  await expect(migrateDatabase({ url: fresh.url, migrationsFolder: failing, log: () => {} })).rejects.toThrow();
  expect(await made()).toEqual([{ replies: null, index: null }]);
  await migrateDatabase({ url: fresh.url, migrationsFolder: folderWith('9003_online', steps), log: () => {} });
  expect(await made()).toEqual([{ replies: 'replies', index: 'replies_by_day' }]);
});

describe('0002_moved_in_rank, which was another text in the first versions', () => {
  const MOVED = 1795701554904;
  const MOVED_AT = 2;
  const EARLIER = [
    'ALTER TABLE "replies" ADD COLUMN "rank_seq" bigint',
    `CREATE INDEX "replies_moved" ON "replies" USING btree ("thread_id","parent_id","rank_seq") WHERE "replies"."rank_seq" is not null`,
  ];

  async function databaseBefore(): Promise<TestDatabase> {
    const database = await createTestDatabase({ migrated: false });
    const earlier = earlierVersion(MOVED_AT);
    onTestFinished(async () => {
      await database.drop();
      earlier.remove();
    });
    await migrateDatabase({ url: database.url, ...earlier, log: () => {} });
    return database;
  }

  const definition = async ({ sql }: TestDatabase): Promise<object | undefined> => {
    const [row] = await sql`select i.indexrelid::int as oid, indisvalid as valid, pg_get_indexdef(indexrelid) as text
      from pg_index i where indexrelid = to_regclass('replies_moved')`;
    return row;
  };

  test('a database that ran the earlier text is left as it is, and goes on behind it', async () => {
    const earlier = await databaseBefore();
    for (const statement of EARLIER) await earlier.sql.unsafe(statement);
    await earlier.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('of the earlier text', ${MOVED})`;
    const before = await definition(earlier);
    const messages: string[] = [];
    await migrateDatabase({
      url: earlier.url,
      migrationsFolder,
      log: (message) => messages.push(message),
    });
    expect(messages).toEqual([expect.stringMatching(/^Migrating the database: 0003_room_and_cleaning/)]);
    expect(await definition(earlier)).toEqual(before);
    const fresh = await createTestDatabase();
    onTestFinished(() => fresh.drop());
    expect(before).toMatchObject({ valid: true, text: ((await definition(fresh)) as { text: string }).text });
  });

  test('one that did not run it yet is written to while the index is built', async () => {
    const earlier = await databaseBefore();
    const [reader, writer] = [0, 1].map(() => connect({ url: earlier.url, max: 1 }));
    onTestFinished(() => Promise.all([reader!.close(), writer!.close()]).then(() => {}));
    let migrating = Promise.resolve();
    // Somebody reads something else since before: an index that is built concurrently is not ready before they are done.
    await reader!.sql.begin('isolation level repeatable read', async (tx) => {
      await tx`select 1 from sites`;
      migrating = migrateDatabase({ url: earlier.url, migrationsFolder, log: () => {} });
      migrating.catch(() => {});
      const waiting = () => earlier.sql`select 1 from pg_stat_progress_create_index
        where datname = current_database() and command = 'CREATE INDEX CONCURRENTLY' and phase like 'waiting%'`;
      await until(async () => (await waiting()).length > 0, 'the index to be built concurrently', BOUND);
      await writer!.sql`select set_config('lock_timeout', ${`${WAIT_MAX_MS}ms`}, false)`;
      await writer!.sql`update replies set ups = ups + 1`;
    });
    await migrating;
    expect(await definition(earlier)).toMatchObject({ valid: true });
  });
});
