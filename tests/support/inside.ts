// What a test can ask of a server process from within: loaded into it before anything else (`inside.mjs`), reached by IPC.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { ServerProcess } from './server-process.js';

/** For the environment of a process that was started with `ipc`. */
export const INSIDE = { NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'inside.mjs')).href}` };

export interface Weight {
  /** After a full collection. */
  heapBytes: number;
  rssBytes: number;
  /** What keeps the process busy, by kind. */
  counts: Record<string, number>;
}

export function weigh({ child }: ServerProcess): Promise<Weight> {
  return new Promise((resolve) => {
    child.once('message', (weight) => resolve(weight as Weight));
    child.send({ weigh: true });
  });
}
