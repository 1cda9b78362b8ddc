// A connection to the installation's database for a tool that runs beside the server, or without it.
import { connect, type Database } from './connect.js';
import { prepareFolders } from './embedded/folders.js';
import { embeddedAddress } from './embedded/server.js';
import { openDatabase, type DatabaseConfig } from './open.js';
import { DatabaseStartError } from './start-error.js';

/** Joins the embedded server where one is running in the data folder; else opens the database as the server would. */
export async function attachDatabase(config: DatabaseConfig, log: (message: string) => void): Promise<Database> {
  try {
    return await openDatabase(config, log);
  } catch (error) {
    if (!(error instanceof DatabaseStartError) || error.failure !== 'in_use') throw error;
    return connect({ url: embeddedAddress(prepareFolders(config.dataDir)), max: 2 });
  }
}
