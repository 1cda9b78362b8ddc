// Which processor core runs what: the server under test alone on the first, everything else on the second; and before
// whom. Owns pinning and precedence; where the system allows one of them not, the report says so.
import { execFileSync } from 'node:child_process';
import { availableParallelism, getPriority, setPriority } from 'node:os';

export type Role = 'server' | 'load';

export interface Cores {
  pinned: boolean;
  /** What else runs on the machine has to wait. */
  precedence: boolean;
  /** The command that runs `command` where this role belongs. */
  command(role: Role, command: readonly string[]): string[];
  /** What `start` starts has both cores: a browser is many processes. */
  unpinned<T>(start: () => Promise<T>): Promise<T>;
}

/** As far from others as an ordinary priority goes, short of the system's own threads. */
const NICENESS = -15;

/**
 * Looks what the machine has and allows, and moves this process, and so all that it starts, to the load's core and
 * before others.
 */
export function takeCores(): Cores {
  const precedence = takePrecedence();
  if (availableParallelism() < 2 || !hasTaskset()) {
    return { pinned: false, precedence, command: (_, command) => [...command], unpinned: (start) => start() };
  }
  moveSelf('1');
  return {
    pinned: true,
    precedence,
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

/** Inherited by what is started from now on. */
function takePrecedence(): boolean {
  // Whoever started it with `nice` wants it out of the way.
  if (getPriority() > 0) return false;
  try {
    setPriority(NICENESS);
    return true;
  } catch {
    // Only an administrator may.
    return false;
  }
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
