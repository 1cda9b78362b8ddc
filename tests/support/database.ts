// A database of its own for a test file or a single test, on the run's one real server.
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { siblingAddress } from '../../server/database/address.js';
import { connect, type Database } from '../../server/database/connect.js';

export interface TestDatabase extends Database {
  /** For further pools, nodes or whole servers (`DATABASE_URL`) on the same database. */
  url: string;
  /** Closes this pool and removes the database, whoever else is still connected. */
  drop: () => Promise<void>;
}

export interface TestDatabaseOptions {
  /** Connections of the pool. */
  max?: number;
  /** False: without any tables. */
  migrated?: boolean;
}

/** Makes a fresh, migrated database: a copy of the run's template, in some 50 ms. */
export async function createTestDatabase({
  max = 10,
  migrated = true,
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { url: server, template } = inject('database');
  const name = `afterword_test_${randomBytes(6).toString('hex')}`;
  await withAdmin(
    server,
    ({ sql }) => sql`create database ${sql(name)} template ${sql(migrated ? template : 'template1')}`,
  );
  const url = siblingAddress(server, name);
  const database = connect({ url, max });
  return {
    ...database,
    url,
    drop: async () => {
      await database.close();
      await withAdmin(server, ({ sql }) => sql`drop database if exists ${sql(name)} with (force)`);
    },
  };
}

async function withAdmin(url: string, run: (admin: Database) => Promise<unknown>): Promise<void> {
  const admin = connect({ url, max: 1 });
  try {
    await run(admin);
  } finally {
    await admin.close();
  }
}
