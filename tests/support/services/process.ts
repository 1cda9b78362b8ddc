// A server of others, started by a test: on loopback, in a temporary folder, and gone with its folder when the test is over
// or the test's own process is.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';

import { findProgram, SERVICES, type ServiceName } from '../../../tools/services.mjs';
import { until } from '../until.js';

export interface ServiceFolder {
  path: string;
  remove(): void;
}

export interface ServiceProcess {
  pid: number;
  /** What it wrote so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has ended, by itself or not. */
  exited: Promise<void>;
}

export interface ServiceOptions {
  service: ServiceName;
  args: string[];
  /** Whom it runs as; ourselves where it is not given. */
  account?: { uid: number; gid: number };
  /** Whether it takes connections by now. */
  isReady(output: string): boolean | Promise<boolean>;
}

/** A folder in a short path that other users may pass through. */
export function makeServiceFolder(service: ServiceName): ServiceFolder {
  const path = mkdtempSync(`/tmp/afterword-${service}-`);
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Waits on a pipe that only we hold: end of file means that we are gone, however we ended. */
const WATCHER = 'read -r _; kill -TERM "$1" 2>/dev/null; sleep 1; kill -KILL "$1" 2>/dev/null';

/** Resolves when it is ready; throws with what it said where it ends before. */
export async function startService({ service, args, account, isReady }: ServiceOptions): Promise<ServiceProcess> {
  const program = findProgram(service);
  if (!program) throw new Error(`${SERVICES[service].program} is not installed`);
  const child = spawn(program, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], ...account });
  const watcher = spawn('/bin/sh', ['-c', WATCHER, 'sh', String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.unref();
  watcher.stdin.on('error', () => {});
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true;
      watcher.kill('SIGKILL');
      resolve();
    });
  });
  const ready = async (): Promise<boolean> => {
    if (ended) throw new Error(`${service} ended before it was ready:\n${output}`);
    return await isReady(output);
  };
  await until(ready, `${service} to be ready`, { withinMs: 10_000, everyMs: 10 }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${(error as Error).message}\n${output}`);
  });
  return { pid: child.pid!, output: () => output, signal: (signal) => void child.kill(signal), exited };
}
