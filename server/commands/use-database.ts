// A command's way to the installation's database, as the environment names it.
import { parseConfig } from '../config.js';
import { attachDatabase } from '../database/attach.js';
import type { Database } from '../database/connect.js';
import { migrationsFolder } from '../root.js';
import type { Context } from './command.js';

/** Opens it, migrated, and closes it again however `use` ends. */
export async function useDatabase<T>(
  { env, root, tell }: Pick<Context, 'env' | 'root' | 'tell'>,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const { databaseUrl, databaseDirectUrl, dataDir } = parseConfig(env);
  const where = {
    databaseUrl: databaseUrl ?? undefined,
    directUrl: databaseDirectUrl ?? undefined,
    dataDir,
    migrationsFolder: migrationsFolder(root),
  };
  const database = await attachDatabase(where, tell, { migrate: true });
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}
