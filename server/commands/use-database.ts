// A command's way to the installation's database, as the environment names it.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Config, parseConfig } from '../config.js';
import { attachDatabase } from '../database/attach.js';
import type { Database } from '../database/connect.js';
import type { DatabaseConfig } from '../database/open.js';
import { migrationsFolder } from '../root.js';
import type { Context } from './command.js';

/** Whether there is one already; of a `databaseUrl` that is not asked. */
export function hasDatabase({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): boolean {
  return databaseUrl !== null || existsSync(path.join(dataDir, 'pgdata'));
}

/** Where it is. */
export function placeOf(config: Config, root: string): DatabaseConfig {
  return {
    databaseUrl: config.databaseUrl ?? undefined,
    directUrl: config.databaseDirectUrl ?? undefined,
    dataDir: config.dataDir,
    migrationsFolder: migrationsFolder(root),
  };
}

/** Opens it, migrated, and closes it again however `use` ends. */
export async function useDatabase<T>(
  { env, root, tell }: Pick<Context, 'env' | 'root' | 'tell'>,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await attachDatabase(placeOf(parseConfig(env), root), tell, { migrate: true });
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}
