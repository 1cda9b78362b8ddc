// Several server processes of one installation, for tests of what holds between them.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProcess, type Program, type ServerProcess } from './server-process.js';

export interface Nodes {
  /** Starts one more; the environment is that of all of them and these. `ipc`: as for `startProcess`. */
  start(program: Program, env?: Record<string, string>, options?: { ipc?: boolean }): ServerProcess;
  /** Ends whatever still runs. */
  end(): Promise<void>;
}

export function makeNodes(common: Record<string, string>): Nodes {
  const started: ServerProcess[] = [];
  return {
    start: (program, env = {}, options = {}) => {
      // Nothing is kept there: the database is another's.
      const place = { AFTERWORD_DATA_DIR: join(tmpdir(), 'afterword-no-data'), AFTERWORD_DRAIN_SECONDS: '0' };
      const node = startProcess(program, { ...place, ...common, ...env }, options);
      started.push(node);
      return node;
    },
    end: async () => {
      for (const node of started) node.kill('SIGKILL');
      await Promise.all(started.map((node) => node.exited));
    },
  };
}
