// The run's one PostgreSQL server, the same for the product and the baselines: the embedded one, with the settings that
// it has in the product. Owns its life and the databases on it.
import { join, resolve } from 'node:path';

import { siblingAddress } from '../../../server/database/address.js';
import { connect, type Sql } from '../../../server/database/connect.js';
import { startEmbedded } from '../../../server/database/embedded/start.js';
import { migrateDatabase } from '../../../server/database/migrate.js';

const MIGRATIONS = resolve(import.meta.dirname, '../../../drizzle/migrations');

export interface BenchDatabase {
  /** A new, migrated database of this name; its address. */
  create(name: string): Promise<string>;
  drop(name: string): Promise<void>;
  /** How many connections lead to this database. */
  connections(name: string): Promise<number>;
  /** Writes everything down, so that no round pays for the one before. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the server on the core of this process, which the processes of the server inherit. */
export async function startDatabase(folder: string): Promise<BenchDatabase> {
  const embedded = await startEmbedded({ dataDir: join(folder, 'database'), log: () => {} });
  const admin = connect({ url: embedded.url, max: 1, applicationName: 'afterword bench' });
  const sql: Sql = admin.sql;
  // Removing a database of many gigabytes takes longer than a statement of the service may.
  await sql`set statement_timeout = 0`;
  return {
    create: async (name) => {
      await sql`create database ${sql(name)}`;
      const url = siblingAddress(embedded.url, name);
      await migrateDatabase({ url, migrationsFolder: MIGRATIONS, log: () => {} });
      return url;
    },
    drop: async (name) => {
      await sql`drop database if exists ${sql(name)} with (force)`;
    },
    connections: async (name) => {
      const [row] = await sql<{ count: number }[]>`
        select count(*)::int as count from pg_stat_activity where datname = ${name}`;
      return row!.count;
    },
    settle: async () => {
      await sql`checkpoint`;
    },
    stop: async () => {
      await admin.close();
      await embedded.stop();
    },
  };
}
