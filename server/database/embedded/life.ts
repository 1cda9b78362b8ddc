// The server's life: launched over whatever an earlier one left, started again when it ends by itself, stopped when we
// say so. Owns when and how often; how a server runs belongs to `server.ts`. One that ends as its disk is full is waited for: we
// can do no better than to go on as soon as somebody has made room.
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseStartError } from '../start-error.js';
import { describeFullDisk, lackOfRoom, untilRoom } from './full-disk.js';
import { clearStaleFiles, endServerProcesses } from './leftovers.js';
import { launchServer, type ServerParts } from './server.js';
import type { TiedProcess } from './tied-process.js';

export interface Life {
  /** Shuts the server down, and returns when no process of it is left. To be called once. */
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

/** Clears what an earlier server left, and starts one. Throws as `launchServer` does. */
export async function launch(parts: ServerParts): Promise<TiedProcess> {
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
export function keepRunning(first: TiedProcess, parts: ServerParts): Life {
  let server = first;
  const stopping = new AbortController();
  const { data } = parts.folders;
  const restarts: number[] = [];

  /** Counts one end, or throws where there were too many. */
  const note = (end: string): void => {
    restarts.push(performance.now());
    const recent = restarts.filter((at) => at > performance.now() - RESTART_WINDOW_MS).length;
    if (recent > RESTARTS_MAX) throw unstable(data, recent, end);
    parts.log(`The database ended by itself. Starting it again. ${end}`, 'warn');
  };
  /** Returns when it was asked to stop; throws when the server can't be kept up. */
  const watch = async (): Promise<void> => {
    for (;;) {
      const code = await server.exited;
      let end = `It ended with ${code}: ${server.lastLines().slice(-LINES_TOLD).join('\n')}`;
      // Further up than what is told: its farewell follows.
      let full = lackOfRoom(server.lastLines().join('\n'));
      for (let started = false; !started;) {
        if (stopping.signal.aborted) return;
        const waited = full !== null;
        if (full === null) note(end);
        else {
          parts.log(await describeFullDisk(data, full), 'warn');
          await untilRoom(data, stopping.signal);
          if (stopping.signal.aborted) return;
        }
        try {
          server = await launch(parts);
          started = true;
          if (waited) parts.log('The database is back.');
        } catch (error) {
          end = String(error);
          full = lackOfRoom(end);
        }
      }
      // Asked while there was no server to ask.
      if (stopping.signal.aborted) server.end();
    }
  };

  const watched = watch();
  const lost = new Promise<Error>((resolve) => {
    watched.catch((error: unknown) => resolve(error instanceof Error ? error : new Error(String(error))));
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
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

function unstable(data: string, times: number, end: string): DatabaseStartError {
  return new DatabaseStartError('not_started', {
    happened: `The database in ${data} ended ${times} times within a minute. ${end}`,
    kept: 'What was committed is kept.',
    remedy: 'Mend what it names and start again.',
  });
}
