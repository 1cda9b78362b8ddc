// What a server leaves behind when nobody shut it down: living processes, a pid file, socket files. Owns ending and
// clearing them. To be called only by the owner of the data folder: another instance's server looks the same.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { serverProcesses } from './processes.js';

/** Interrupt means a fast, clean shutdown; quit leaves recovery to the next start; kill is for what doesn't answer. */
const QUIT_AFTER_MS = 10_000;
const KILL_AFTER_MS = 12_000;
const LOOK_EVERY_MS = 10;

/** Ends every process that still works in `cluster`, and returns when none is left. */
export async function endServerProcesses(cluster: string): Promise<void> {
  const begun = performance.now();
  const sent = new Map<number, NodeJS.Signals>();
  for (let pids = serverProcesses(cluster); pids.length > 0; pids = serverProcesses(cluster)) {
    const waited = performance.now() - begun;
    const signal = waited > KILL_AFTER_MS ? 'SIGKILL' : waited > QUIT_AFTER_MS ? 'SIGQUIT' : 'SIGINT';
    for (const pid of pids) {
      if (sent.get(pid) !== signal) send(pid, signal);
      sent.set(pid, signal);
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** Makes the folder fit for a new start. Nothing may be running in `cluster`. */
export function clearStaleFiles(cluster: string, run: string): void {
  strikeOutPid(path.join(cluster, 'postmaster.pid'));
  for (const name of readdirSync(run)) rmSync(path.join(run, name), { force: true });
}

/** Above any process id that a system gives out, and below what the server can read. */
const NO_PROCESS = 2_147_483_647;

/**
 * The server takes a pid file for a living server's when a process of that id exists: a zombie, or after a restart of
 * the machine or the container anybody at all. So the id is struck out. The file itself stays, because it also names the
 * shared memory by which the server makes sure that no process of an old one is alive, and clears the file then.
 */
function strikeOutPid(file: string): void {
  if (!existsSync(file)) return;
  const [pid, ...rest] = readFileSync(file, 'utf8').split('\n');
  if (Number.isInteger(Number(pid)) && rest.length > 0) writeFileSync(file, [NO_PROCESS, ...rest].join('\n'));
  // Cut off while it was written: the server would refuse it.
  else rmSync(file);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
