// The embedded database: a real PostgreSQL server that belongs to this process. Owns the order of things at its start,
// its life and its end; each of them is done by a neighbour. Opens no connection.
//
// A start in order: the programs; the data folder; the lock that makes us its only owner; the user to run as; the files
// (made on the first start); the server, after what an earlier one left. It ends with this process, however that ends.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseStartError } from '../start-error.js';
import type { Tell } from '../tell.js';
import { databaseAccount } from './account.js';
import { findBinaries, libraryPrefix } from './binaries.js';
import { assertOpenable, createCluster, removeUnfinished } from './cluster.js';
import { handOver, prepareFolders } from './folders.js';
import { keepRunning, launch } from './life.js';
import { takeOwnership } from './owner-lock.js';
import { embeddedAddress } from './server.js';

export interface EmbeddedOptions {
  /** Where everything is kept. Made when it doesn't exist. */
  dataDir: string;
  /** Progress and problems, one sentence each, for people. */
  log: Tell;
  /** The folder with PostgreSQL's `bin` and `lib`; that of the installed package when not given. */
  native?: string;
}

export interface EmbeddedDatabase {
  /** For `connect`. It stays the same when the server is started again. */
  url: string;
  /** Shuts the server down cleanly and gives the data folder free. Safe to call twice. */
  stop: () => Promise<void>;
  /** Settles when the server has ended without being asked and could not be brought back. Never rejects. */
  lost: Promise<Error>;
}

/** Starts the server, or throws `DatabaseStartError` and leaves nothing running. */
export async function startEmbedded({ dataDir, log, native }: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const binaries = findBinaries(native);
  const folders = prepareFolders(dataDir);
  const lock = await takeOwnership(folders.owner, folders.data);
  try {
    assertOpenable(folders, binaries);
    const account = databaseAccount(folders.cluster, [folders.data, path.dirname(binaries.postgres)]);
    handOver(account, folders);
    const prefix = libraryPrefix(binaries, folders.links);
    await removeUnfinished(folders);
    if (!existsSync(folders.cluster)) {
      log('Creating the database (first start)…');
      await createCluster(folders, binaries, prefix, account);
    }
    const parts = { folders, binaries, prefix, account, log };
    const life = keepRunning(await launch(parts), parts);
    const stop = async (): Promise<void> => {
      await life.stop();
      lock.release();
    };
    let stopped: Promise<void> | undefined;
    // Once: after it the folder may have another owner, whose server is not ours to end.
    return { url: embeddedAddress(folders), stop: () => (stopped ??= stop()), lost: life.lost };
  } catch (error) {
    lock.release();
    throw error instanceof DatabaseStartError ? error : unexpected(folders.data, error);
  }
}

function unexpected(data: string, cause: unknown): DatabaseStartError {
  return new DatabaseStartError('not_started', {
    happened: `The embedded database in ${data} could not be started: ${String(cause)}.`,
    kept: 'Its data were left as they are.',
    remedy: 'Mend what it names and start again, or set DATABASE_URL.',
    cause,
  });
}
