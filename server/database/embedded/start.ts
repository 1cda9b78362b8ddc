// The embedded database: a real PostgreSQL server that belongs to this process. Owns the order of things at its start,
// its life and its end; each of them is done by a neighbour. Opens no connection.
//
// A start in order: the data folder; the user to run as; the lock that makes us the only owner; the files (made on the
// first start); what an earlier server left; the server. It ends with this process, however that ends, and is started
// again when it ends by itself.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseStartError } from '../start-error.js';
import { databaseAccount } from './account.js';
import { findBinaries, libraryPrefix } from './binaries.js';
import { assertOpenable, createCluster } from './cluster.js';
import { handOver, prepareFolders } from './folders.js';
import { clearStaleFiles, endServerProcesses } from './leftovers.js';
import { takeOwnership } from './owner-lock.js';
import { embeddedAddress, launchServer, type ServerParts } from './server.js';
import type { TiedProcess } from './tied-process.js';

export interface EmbeddedOptions {
  /** Where everything is kept. Made when it doesn't exist. */
  dataDir: string;
  /** Progress and problems, one sentence each, for people. */
  log: (message: string) => void;
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

/** A server that ends more often than this within the window is not worth starting again. */
const RESTARTS_MAX = 3;
const RESTART_WINDOW_MS = 60_000;
const LINES_TOLD = 3;
/** How long a stop may take before the server is made to end; its data are safe either way. */
const STOP_MS = 10_000;
/** Processes of an old server that can't be seen from here hold its memory; they end by themselves. */
const MEMORY_WAIT_MS = 10_000;
const MEMORY_LOOK_EVERY_MS = 250;

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

function unstable(data: string, times: number, end: string): DatabaseStartError {
  return new DatabaseStartError('not_started', {
    happened: `The database in ${data} ended ${times} times within a minute. ${end}`,
    kept: 'What was committed is kept.',
    remedy: 'Mend what it names and start again.',
  });
}

async function launch(parts: ServerParts): Promise<TiedProcess> {
  const { cluster, run } = parts.folders;
  const deadline = performance.now() + MEMORY_WAIT_MS;
  for (;;) {
    await endServerProcesses(cluster);
    clearStaleFiles(cluster, run);
    try {
      return await launchServer(parts);
    } catch (error) {
      const held = error instanceof DatabaseStartError && error.message.includes('pre-existing shared memory block');
      if (!held || performance.now() > deadline) throw error;
      await pause(MEMORY_LOOK_EVERY_MS);
    }
  }
}

/** Watches over a server from its start to the end that we ask for. */
function keepRunning(first: TiedProcess, parts: ServerParts): { stop: () => Promise<void>; lost: Promise<Error> } {
  let server = first;
  let stopping = false;
  const restarts: number[] = [];

  /** Counts one end, or throws where there were too many. */
  const note = (end: string): void => {
    restarts.push(performance.now());
    const recent = restarts.filter((at) => at > performance.now() - RESTART_WINDOW_MS).length;
    if (recent > RESTARTS_MAX) throw unstable(parts.folders.data, recent, end);
    parts.log(`The database ended by itself. Starting it again. ${end}`);
  };
  /** Returns when it was asked to stop; throws when the server can't be kept up. */
  const watch = async (): Promise<void> => {
    for (;;) {
      const code = await server.exited;
      let end = `It ended with ${code}: ${server.lastLines().slice(-LINES_TOLD).join('\n')}`;
      for (let started = false; !started;) {
        if (stopping) return;
        note(end);
        try {
          server = await launch(parts);
          started = true;
        } catch (error) {
          end = String(error);
        }
      }
      // Asked while there was no server to ask.
      if (stopping) server.end();
    }
  };

  const watched = watch();
  const lost = new Promise<Error>((resolve) => {
    watched.catch((error: unknown) => resolve(error instanceof Error ? error : new Error(String(error))));
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    server.end();
    const over = watched.then(
      () => {},
      () => {},
    );
    await Promise.race([over, pause(STOP_MS, undefined, { ref: false })]);
    await endServerProcesses(parts.folders.cluster);
    await over;
  };
  return { stop, lost };
}
