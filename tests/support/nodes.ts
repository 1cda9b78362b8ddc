// Several server processes of one installation, for tests of what holds between them.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProcess, type Program, type ServerProcess } from './server-process.js';

export interface Nodes {
  /** Starts one more; the environment is that of all of them and these. */
  start(program: Program, env?: Record<string, string>): ServerProcess;
  /** Ends whatever still runs. */
  end(): Promise<void>;
}

export function makeNodes(common: Record<string, string>): Nodes {
  const started: ServerProcess[] = [];
  return {
    start: (program, env = {}) => {
      const node = startProcess(program, {
        // Nothing is kept there: the database is another's.
        AFTERWORD_DATA_DIR: join(tmpdir(), 'afterword-no-data'),
        AFTERWORD_DRAIN_SECONDS: '0',
        ...common,
        ...env,
      });
      started.push(node);
      return node;
    },
    end: async () => {
      for (const node of started) node.kill('SIGKILL');
      await Promise.all(started.map((node) => node.exited));
    },
  };
}
