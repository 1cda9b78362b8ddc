// The tables as each migration left them, from what drizzle-kit keeps beside the migrations: which tables and columns a
// backup of that time holds. Reads files only.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export interface TableShape {
  name: string;
  columns: readonly string[];
}

export interface Schema {
  /** The migration's name, such as `0002_moved_in_rank`. */
  tag: string;
  /** Milliseconds; drizzle's name for it in the database. */
  when: number;
  /** What is referred to stands before what refers to it. */
  tables: readonly TableShape[];
}

const Journal = z.object({ entries: z.array(z.object({ idx: z.int(), tag: z.string(), when: z.number() })) });
const Snapshot = z.object({
  tables: z.record(
    z.string(),
    z.object({
      name: z.string(),
      columns: z.record(z.string(), z.object({ name: z.string(), generated: z.unknown().optional() })),
      foreignKeys: z.record(z.string(), z.object({ tableTo: z.string() })),
    }),
  ),
});
type Table = z.infer<typeof Snapshot>['tables'][string];

/** Oldest first. */
export function readSchemas(migrationsFolder: string): Schema[] {
  const read = (name: string): unknown => JSON.parse(readFileSync(path.join(migrationsFolder, 'meta', name), 'utf8'));
  return Journal.parse(read('_journal.json')).entries.map(({ idx, tag, when }) => {
    const { tables } = Snapshot.parse(read(`${String(idx).padStart(4, '0')}_snapshot.json`));
    return { tag, when, tables: inOrder(Object.values(tables)).map(shapeOf) };
  });
}

/** Every table that any version of this program made. */
export function allTables(schemas: readonly Schema[]): string[] {
  return [...new Set(schemas.flatMap(({ tables }) => tables.map(({ name }) => name)))];
}

function shapeOf({ name, columns }: Table): TableShape {
  const kept = Object.values(columns).filter(({ generated }) => generated === undefined);
  return { name, columns: kept.map((column) => column.name) };
}

function inOrder(tables: readonly Table[]): Table[] {
  const placed: Table[] = [];
  const place = (table: Table, below: readonly string[]): void => {
    if (placed.includes(table) || below.includes(table.name)) return;
    for (const { tableTo } of Object.values(table.foreignKeys)) {
      const other = tables.find(({ name }) => name === tableTo);
      if (other) place(other, [...below, table.name]);
    }
    placed.push(table);
  };
  for (const table of tables) place(table, []);
  return placed;
}
