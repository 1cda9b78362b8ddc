// Which processes still work in a data folder. Reads what the system tells about processes; signals none.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

const PROGRAMS = new Set(['postgres', 'initdb']);

/**
 * The ids of living processes of a PostgreSQL server whose data are in `cluster` (a path without links), or of the initdb
 * that makes them. Zombies don't count: in a container whose first process reaps nobody they stay for ever, and they
 * hold nothing.
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

function worksIn(pid: string, cluster: string): boolean {
  // The server and all its processes have their data folder as working directory. Root without CAP_SYS_PTRACE, as in most
  // containers, can't read this of another user's process, but the command line is open to all: it names the folder for
  // initdb and for the server itself, whose children end with it.
  return workingDirectory(pid) === cluster || names(readOrEmpty(`/proc/${pid}/cmdline`).split('\0'), cluster);
}

function names([program = '', ...words]: string[], cluster: string): boolean {
  return PROGRAMS.has(path.basename(program)) && words.includes(cluster);
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
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
    const ours = /\/bin\/(postgres|initdb) /.test(command ?? '') && command?.includes(` -D ${cluster} `) === true;
    return ours && !state?.startsWith('Z') ? [Number(pid)] : [];
  });
}
