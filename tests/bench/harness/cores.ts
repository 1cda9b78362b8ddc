// Which processor core runs what: the server under test alone on the first, everything else on the second. Owns the
// pinning; where there is one core only, or no `taskset`, nothing is pinned and the report says so.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export type Role = 'server' | 'load';

export interface Cores {
  pinned: boolean;
  /** The command that runs `command` where this role belongs. */
  command(role: Role, command: readonly string[]): string[];
  /** What `start` starts has both cores: a browser is many processes. */
  unpinned<T>(start: () => Promise<T>): Promise<T>;
}

/** Looks what the machine has, and moves this process, and so all that it starts, to the load's core. */
export function takeCores(): Cores {
  if (availableParallelism() < 2 || !hasTaskset()) {
    return { pinned: false, command: (_, command) => [...command], unpinned: (start) => start() };
  }
  moveSelf('1');
  return {
    pinned: true,
    command: (role, command) => ['taskset', '-c', role === 'server' ? '0' : '1', ...command],
    unpinned: async (start) => {
      moveSelf('0,1');
      try {
        return await start();
      } finally {
        moveSelf('1');
      }
    },
  };
}

function moveSelf(cores: string): void {
  execFileSync('taskset', ['-a', '-c', '-p', cores, String(process.pid)], { stdio: 'ignore' });
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
