// Nodes of the version before serve while a migration runs and after it (docs/decisions/0015): no migration may take away
// or refuse what their code reads and writes, nor lock a large table for as long as its rows take.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { readMigrations } from '../../server/database/migration-files.js';
import { longLocks } from '../support/migration-locks.js';

const folder = resolve(import.meta.dirname, '../../drizzle/migrations');

/**
 * Migrations that take something away which no version that may still serve uses any more, each with the reason. Allowed
 * one release after the code has stopped using it, not before.
 */
const CONTRACTS: Record<string, string> = {};

interface Column {
  type: string;
  notNull: boolean;
  default?: unknown;
}

interface Table {
  columns: Record<string, Column>;
  foreignKeys: Record<string, { columnsFrom: string[] }>;
  uniqueConstraints: Record<string, { columns: string[] }>;
  indexes: Record<string, { isUnique: boolean; columns: { expression: string }[] }>;
  checkConstraints: Record<string, { value: string }>;
}

type Schema = Record<string, Table>;

const namesOf = (part: object): string[] => Object.keys(part);

/** What of `after` would break code that was written for `before`, in words. */
function breaks(before: Schema, after: Schema): string[] {
  return Object.entries(before).flatMap(([name, old]) => {
    const table = after[name];
    return table ? breaksOfTable(name, old, table) : [`${name} is gone`];
  });
}

function breaksOfTable(name: string, old: Table, table: Table): string[] {
  const found: string[] = [];
  for (const [column, was] of Object.entries(old.columns)) {
    const is = table.columns[column];
    if (!is) found.push(`${name}.${column} is gone`);
    else if (is.type !== was.type) found.push(`${name}.${column} changes its type`);
    else if (is.notNull && !was.notNull) found.push(`${name}.${column} refuses null`);
    else if (is.notNull && was.default !== undefined && is.default === undefined)
      found.push(`${name}.${column} loses its default`);
  }
  for (const [column, is] of Object.entries(table.columns)) {
    if (!old.columns[column] && is.notNull && is.default === undefined)
      found.push(`${name}.${column} is new and must be given`);
  }
  // A constraint on columns that are all new holds for their defaults, which is what the old code writes.
  const touchesOld = (columns: readonly string[]): boolean => columns.some((column) => column in old.columns);
  const refuses = (kind: string, constraint: string): number =>
    found.push(`${name} has a new ${kind}, ${constraint}, which may refuse what is written`);
  for (const [constraint, { value }] of Object.entries(table.checkConstraints)) {
    if (old.checkConstraints[constraint]?.value === value) continue;
    if (touchesOld(namesOf(table.columns).filter((column) => value.includes(`"."${column}"`))))
      refuses('check', constraint);
  }
  for (const [constraint, { columns }] of Object.entries(table.uniqueConstraints)) {
    if (!(constraint in old.uniqueConstraints) && touchesOld(columns)) refuses('unique constraint', constraint);
  }
  for (const [constraint, { columnsFrom }] of Object.entries(table.foreignKeys)) {
    if (!(constraint in old.foreignKeys) && touchesOld(columnsFrom)) refuses('foreign key', constraint);
  }
  for (const [index, { isUnique, columns }] of Object.entries(table.indexes)) {
    if (isUnique && !(index in old.indexes) && touchesOld(columns.map(({ expression }) => expression)))
      refuses('unique index', index);
  }
  return found;
}

const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const { entries } = JSON.parse(read('meta/_journal.json')) as { entries: { idx: number; tag: string }[] };
const schemas = entries.map(({ idx }) => {
  const snapshot = JSON.parse(read(`meta/${String(idx).padStart(4, '0')}_snapshot.json`)) as { tables: Schema };
  return snapshot.tables;
});

describe('[PROC3] while the version before serves', () => {
  it.each(entries.slice(1))('the migration $tag takes nothing from it', ({ idx, tag }) => {
    if (!(tag in CONTRACTS)) expect(breaks(schemas[idx - 1]!, schemas[idx]!)).toEqual([]);
  });

  it.each(readdirSync(folder).filter((file) => file.endsWith('.sql')))('%s takes nothing by hand', (file) => {
    const statements = read(file).replaceAll(/^\s*--.*$/gm, '');
    if (!(file.replace('.sql', '') in CONTRACTS))
      expect(
        statements.match(/\b(?:drop\s+(?:table|column|type|view)|rename\s+(?:to|column)|truncate)\b.*/gi),
      ).toBeNull();
  });
});

describe('[PROC3] a large table is in use while it is migrated (docs/decisions/0022)', () => {
  it.each(readMigrations(folder))('$tag holds no lock for as long as the rows take', (migration) => {
    expect(longLocks(migration)).toEqual([]);
  });

  it.each([
    'CREATE INDEX "x" ON "replies" USING btree ("thread_id")',
    'create unique index x on only public.replies (thread_id)',
    'create index concurrently x on replies (thread_id)',
    'create table replies_of_old (id int); create index x on replies (id)',
    'ALTER TABLE "replies" ALTER COLUMN "depth" SET DATA TYPE integer',
    'alter table replies add column a int, alter depth type bigint using depth::bigint',
    'alter table replies alter column edited_at set not null',
    `alter table replies add column lang text default md5(random()::text)`,
    'ALTER TABLE "replies" ADD COLUMN "key" uuid DEFAULT gen_random_uuid() NOT NULL',
    'alter table replies add column at timestamptz default clock_timestamp()',
    'alter table replies add column n bigserial',
    'alter table replies add column n int generated always as (depth + 1) stored',
    'alter table replies add column n int unique',
    `alter table replies add column lang text check (lang <> '')`,
    `alter table replies add constraint replies_lang check (lang <> '')`,
    `alter table replies add constraint a check (lang <> 'not valid') not valid, add check (lang <> ',')`,
    'ALTER TABLE "replies" ADD CONSTRAINT "x" FOREIGN KEY ("root_id") REFERENCES "public"."replies"("id") ON DELETE no action',
    'alter table replies add constraint x unique (thread_id, born)',
    'alter table replies validate constraint x',
    'update replies set depth = 0',
    '-- batches of replies by id, 2000\nupdate replies set depth = 0 where id > :after and id <= :upto',
    'delete from votes where value = 1',
    'do $$ begin update replies set depth = 0; end $$',
    'cluster replies using replies_pkey',
    'reindex table replies',
    'alter table replies set unlogged',
  ])('in one transaction is found: %s', (statement) => {
    expect(longLocks({ statements: [statement], online: false })).not.toEqual([]);
  });

  it.each([
    '-- online\ncreate index x on replies (thread_id)',
    '-- online\n-- for the list of threads\ncreate index concurrently x on replies (thread_id)',
    '-- online\nalter table replies add column a int; create index concurrently x on replies (a)',
    '-- online\nalter table replies alter column depth type bigint',
    '-- online\nalter table replies add constraint x check (depth >= 0)',
    '-- online\nupdate replies set depth = 0',
  ])('the first line alone is not enough: %s', (statement) => {
    expect(longLocks({ statements: [statement], online: true })).not.toEqual([]);
  });

  it.each<[boolean, string[]]>([
    [
      false,
      ['create table pins (id uuid)', 'create index x on pins (id)', 'alter table pins add check (id is not null)'],
    ],
    [false, ['alter table replies add column a text, add column "b" numeric(10, 2) default 0 not null']],
    [false, ['alter table replies add column at timestamptz default now() not null']],
    [false, [`alter table replies add constraint x check (lang in ('a', 'b')) not valid`]],
    [false, [`ALTER TABLE "sites" ADD CONSTRAINT "x" CHECK ("votes" <> '')`, 'update sites set votes = 1']],
    [false, ['alter table replies set (fillfactor = 90)', 'drop index x']],
    [
      true,
      [
        '-- online\nalter table replies add column a int',
        '-- batches of replies by id, 2000\nupdate replies set a = 1 where id > :after and id <= :upto',
        'create unique index concurrently x on replies (a)',
        'alter table replies add constraint y unique using index x',
        'alter table replies add constraint z check (a > 0) not valid',
        'alter table replies validate constraint z',
      ],
    ],
  ])('what is quick, or done in its way, is none of it (online: %s): %j', (online, statements) => {
    expect(longLocks({ statements, online })).toEqual([]);
  });
});

describe('what would break it is found', () => {
  const before = schemas.at(-1)!;
  const changed = (change: (table: Table) => void): string[] => {
    const after = structuredClone(before);
    change(after['public.replies']!);
    return breaks(before, after);
  };
  const column = (more: Partial<Column>): Column => ({ type: 'text', notNull: false, ...more });

  it.each<[string, (table: Table) => void]>([
    ['a column that goes', (table) => delete table.columns['body']],
    ['another type', (table) => (table.columns['depth']!.type = 'integer')],
    ['no more null', (table) => (table.columns['edited_at']!.notNull = true)],
    ['a default that goes', (table) => delete table.columns['state']!.default],
    ['a new column that must be given', (table) => (table.columns['lang'] = column({ notNull: true }))],
    [
      'a narrower check',
      (table) => (table.checkConstraints['replies_state']!.value = `"replies"."state" = 'published'`),
    ],
    ['a new unique constraint', (table) => (table.uniqueConstraints['x'] = { columns: ['thread_id', 'born'] })],
    ['a new foreign key', (table) => (table.foreignKeys['x'] = { columnsFrom: ['root_id'] })],
  ])('%s', (_what, change) => {
    expect(changed(change)).toHaveLength(1);
  });

  it('a table that goes', () => {
    const { 'public.votes': _votes, ...after } = before;
    expect(breaks(before, after)).toEqual(['public.votes is gone']);
  });

  it('what only adds is none of it', () => {
    const more = changed((table) => {
      table.columns['lang'] = column({});
      table.columns['weight'] = column({ notNull: true, default: 0 });
      table.checkConstraints['replies_lang'] = { value: `"replies"."lang" <> ''` };
    });
    expect(more).toEqual([]);
  });
});
