// Two versions side by side: a newer node migrates the database under an older one that serves (docs/decisions/0015).
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { inconsistencies } from '../support/consistency.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startReader } from '../support/faithful-reader.js';
import { makeNodes, type Nodes } from '../support/nodes.js';
import { copyProgram, type Program } from '../support/server-process.js';
import { startWriter } from '../support/stubborn-writer.js';
import { until } from '../support/until.js';

let older: Program;
let newer: Program;
let database: TestDatabase;
let nodes: Nodes;
beforeAll(async () => {
  [older, newer] = [await copyProgram(), await copyProgram()];
  addMigration(newer);
  database = await createTestDatabase();
  nodes = makeNodes({ DATABASE_URL: database.url, AFTERWORD_POOL_SIZE: '5' });
}, 60_000);
afterAll(async () => {
  await nodes.end();
  await database.drop();
  for (const program of [older, newer]) program.remove();
});

/** Gives the program a migration that this version does not have, as the rule allows them. */
function addMigration({ main }: Program): void {
  const drizzle = join(dirname(main), '..', '..', 'drizzle');
  const source = join(import.meta.dirname, '../../drizzle');
  rmSync(drizzle);
  cpSync(source, drizzle, { recursive: true });
  const journal = join(drizzle, 'migrations', 'meta', '_journal.json');
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8')) as {
    entries: { idx: number; when: number }[];
  };
  const last = entries.at(-1)!;
  const next = { ...last, idx: last.idx + 1, when: last.when + 1, tag: '9999_next' };
  writeFileSync(journal, JSON.stringify({ ...rest, entries: [...entries, next] }));
  writeFileSync(
    join(drizzle, 'migrations', '9999_next.sql'),
    `alter table replies add column lang text;--> statement-breakpoint
     alter table threads add column weight integer default 0 not null;--> statement-breakpoint
     alter table replies add constraint replies_lang check (lang <> '') not valid;`,
  );
}

it('[PROC3] an older node goes on while a newer one migrates, and both serve the same readers', async () => {
  const before = await nodes.start(older).ready;
  const key = newId();
  const readers = [startReader(before, key)];
  await until(() => readers[0]!.held(), 'the reader to have joined');
  const writers = [await startWriter({ url: before, key, name: 'Before', lanes: 4 })];
  const count = (): number => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  await until(() => count() > 50, 'the older one to be written on');

  const starting = nodes.start(newer);
  const after = await starting.ready;
  expect(starting.errors()).toContain('9999_next');
  writers.push(await startWriter({ url: after, key, name: 'After', lanes: 4 }));
  readers.push(startReader(after, key));
  const [atOlder, atNewer] = writers.map(({ acknowledged }) => acknowledged.length);
  await until(
    () => writers[0]!.acknowledged.length > atOlder! + 50 && writers[1]!.acknowledged.length > atNewer! + 50,
    'both to be written on',
  );
  // As after a bad release: the older program once more, on the newer database.
  const again = nodes.start(older);
  readers.push(startReader(await again.ready, key));
  expect(again.errors()).toContain('newer version');

  await Promise.all(writers.map((writer) => writer.finish()));
  expect(writers.flatMap(({ refused }) => refused)).toEqual([]);
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  const stored = await database.sql<{ id: string }[]>`select r.id from replies r
    join threads t on t.id = r.thread_id where t.key = ${key}`;
  expect(stored.map(({ id }) => id).toSorted()).toEqual(acknowledged.toSorted());
  await until(() => readers.every((reader) => reader.held()?.cursor.seq === stored.length), 'all readers to be level');
  expect(await inconsistencies(database.sql)).toEqual([]);
  [...readers, ...writers].forEach((client) => client.close());
}, 40_000);
