// The server as a process of its own, as it is built: for tests that kill it.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

import { endServerProcesses } from '../../server/database/embedded/leftovers.js';
import { isBuildFresh, runBuild } from '../../tools/build.mjs';
import { scratchFolder } from './scratch.js';
import { until } from './until.js';

const repository = resolve(import.meta.dirname, '../..');

export interface Program {
  /** What node runs. */
  main: string;
  remove(): void;
}

/**
 * A copy of the built server, beside what it looks for; with `pages`, the widget and the demo. Inside the repository, where
 * it finds its packages.
 */
export async function copyProgram({ pages = false } = {}): Promise<Program> {
  if (!isBuildFresh()) await runBuild();
  const artifacts = join(repository, 'tests', '.artifacts');
  mkdirSync(artifacts, { recursive: true });
  const folder = mkdtempSync(join(artifacts, 'program-'));
  cpSync(join(repository, 'dist', 'server'), join(folder, 'dist', 'server'), { recursive: true });
  for (const part of ['widget', 'demo']) {
    if (pages) symlinkSync(join(repository, 'dist', part), join(folder, 'dist', part));
    else mkdirSync(join(folder, 'dist', part));
  }
  for (const part of ['drizzle', 'package.json']) symlinkSync(join(repository, part), join(folder, part));
  return { main: join(folder, 'dist', 'server', 'main.js'), remove: () => rmSync(folder, { recursive: true }) };
}

export interface DataFolder {
  path: string;
  /** The process id of its PostgreSQL. */
  databasePid(): number;
  /** A way to that PostgreSQL beside the server's. */
  databaseUrl: string;
  /** Ends what may still run on it, and removes it. */
  remove(): Promise<void>;
}

/** A new data folder that the database's user can reach; on a disk, for what is about how much a server can do. */
export function makeDataFolder({ onDisk = false } = {}): DataFolder {
  const parent = onDisk ? mkdtempSync('/tmp/afterword-chaos-') : scratchFolder('afterword-chaos-');
  chmodSync(parent, 0o711);
  const path = join(parent, 'data');
  const cluster = join(path, 'pgdata');
  return {
    path,
    databaseUrl: `postgres://afterword@localhost/postgres?host=${encodeURIComponent(join(path, 'run'))}`,
    databasePid: () => Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10),
    remove: async () => {
      await endServerProcesses(cluster);
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

export interface ServerProcess {
  child: ChildProcess;
  /** Everything on standard output and error so far. */
  output(): string;
  errors(): string;
  /** Resolves with the address when the ready line is there; rejects where the process ends before. */
  ready: Promise<string>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
}

const READY = /^Afterword is ready at (http:\/\/\S+)$/m;

/** Starts it with this environment and no other; with `ipc`, messages can be sent to what it was made to load. */
export function startProcess(program: Program, env: Record<string, string>, { ipc = false } = {}): ServerProcess {
  const child = spawn(process.execPath, [program.main], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', AFTERWORD_RATE_LIMITS: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  });
  let output = '';
  let errors = '';
  child.stdout!.on('data', (chunk) => (output += chunk));
  child.stderr!.on('data', (chunk) => (errors += chunk));
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const ready = until(
    () => READY.test(output) || child.exitCode !== null || child.signalCode !== null,
    'the ready line',
    {
      withinMs: 15_000,
    },
  ).then(() => {
    const [, url] = READY.exec(output) ?? [];
    if (url === undefined) throw new Error(`the server ended before it was ready:\n${errors}`);
    return url;
  });
  ready.catch(() => {});
  return {
    child,
    output: () => output,
    errors: () => errors,
    ready,
    exited,
    kill: (signal) => void child.kill(signal),
  };
}

/** Of a server's log, the lines that an operator would have to look at. */
export function alarmsIn(log: string): string[] {
  return log.split('\n').filter((line) => /"level":"(error|fatal)"|Unhandled|Uncaught/i.test(line));
}

/** Below the ports that the system gives to whoever dials: one of those may be taken while a server is being restarted. */
const PORTS = { from: 20_000, below: 32_000 };

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.below - PORTS.from));
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
