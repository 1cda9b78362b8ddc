// A command's way to the installation's database, as the environment names it.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Config, parseConfig } from '../config.js';
import { attachDatabase } from '../database/attach.js';
import type { Database } from '../database/connect.js';
import type { DatabaseConfig } from '../database/open.js';
import { migrationsFolder } from '../root.js';
import { type Context, Refusal } from './command.js';

/** Whether there is one already; of a `databaseUrl` that is not asked. */
export function hasDatabase({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): boolean {
  return databaseUrl !== null || existsSync(path.join(dataDir, 'pgdata'));
}

/** Throws a Refusal where there is none: run in another folder than the server, a tool would make an empty one there. */
export function mustHaveDatabase(config: Config): void {
  if (hasDatabase(config)) return;
  throw new Refusal(
    `There is no database in ${config.dataDir}. Nothing was changed. Run this in the folder in which the server is started, with ` +
      'the settings that it has (DATABASE_URL, AFTERWORD_DATA_DIR); the first start makes a database.',
  );
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
  { env, root, tell, signal }: Pick<Context, 'env' | 'root' | 'tell' | 'signal'>,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const config = parseConfig(env);
  mustHaveDatabase(config);
  const database = await attachDatabase(placeOf(config, root), tell, { migrate: true, signal });
  try {
    return await use(database);
  } catch (error) {
    // The error of a connection that was cut off says less than why.
    signal.throwIfAborted();
    throw error;
  } finally {
    await database.close();
  }
}
