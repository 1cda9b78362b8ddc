// Reads the checked-in migrations: their order from drizzle-kit's journal, their statements, and their kind. Runs none.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';

/** The first line of a migration that runs while others write; see `online.ts` and the decision "Online migrations". */
const ONLINE = '-- online\n';

export interface Migration {
  tag: string;
  /** Milliseconds; drizzle's name for a migration in the database. */
  when: number;
  hash: string;
  statements: string[];
  /** Statement by statement outside of a transaction, instead of whole in one. */
  online: boolean;
}

interface Journal {
  entries: { tag: string; when: number }[];
}

/** In the order in which they run. Throws where the journal or a file is missing. */
export function readMigrations(migrationsFolder: string): Migration[] {
  const file = path.join(migrationsFolder, 'meta', '_journal.json');
  const { entries } = JSON.parse(readFileSync(file, 'utf8')) as Journal;
  const files = readMigrationFiles({ migrationsFolder });
  return entries.map(({ tag, when }, i) => {
    const { sql: statements, hash } = files[i]!;
    return { tag, when, hash, statements, online: statements[0]!.startsWith(ONLINE) };
  });
}
