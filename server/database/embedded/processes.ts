// Which processes still work in a data folder. Reads what the system tells about processes; signals none.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * The ids of living processes of a PostgreSQL server whose data are in `cluster` (a path without links). Zombies don't
 * count: in a container whose first process reaps nobody they stay for ever, and they hold nothing.
 */
export function serverProcesses(cluster: string): number[] {
  return process.platform === 'linux' ? fromProc(cluster) : fromPs(cluster);
}

function fromProc(cluster: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => worksIn(pid, cluster) && !isZombie(pid))
    .map(Number);
}

/** The server and all its processes have their data folder as working directory. */
function worksIn(pid: string, cluster: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    // Root without CAP_SYS_PTRACE, as in most containers, can't read this of another user's process. The command line
    // is open to all; it names the folder for the server itself only, whose children end with it.
    const [program, ...rest] = readOrEmpty(`/proc/${pid}/cmdline`).split('\0');
    return program?.endsWith('/postgres') === true && rest.includes(cluster);
  }
}

function isZombie(pid: string): boolean {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // `pid (name) state ...`: the name may hold anything, brackets included.
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
  return state === undefined || state === 'Z' || state === 'X';
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Elsewhere `ps` tells the server itself by its command line; its children end with it. */
function fromPs(cluster: string): number[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,stat=,command='], { encoding: 'utf8' }).split('\n');
  return rows.flatMap((row) => {
    const [, pid, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(row) ?? [];
    const ours = command?.includes('/bin/postgres ') === true && command.includes(` -D ${cluster} `);
    return ours && !state?.startsWith('Z') ? [Number(pid)] : [];
  });
}
