// Afterword as its users have it: packed, and installed from the tarball into an empty folder, which is removed at the end
// with everything that still runs in it.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { endServerProcesses } from '../../server/database/embedded/leftovers.js';
import { until } from './until.js';

const repository = resolve(import.meta.dirname, '../..');
const READY = /^Afterword is ready at (http:\/\/\S+)$/m;

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

export interface Running {
  url: string;
  /** As Ctrl-C in the terminal; resolves when all of it has ended. */
  stop(): Promise<void>;
  /** As a supervisor does, which knows the first process only. */
  terminate(): Promise<void>;
}

export interface Installed {
  folder: string;
  /** `npx afterword ...` */
  afterword(args: readonly string[], env?: Record<string, string>): Promise<Outcome>;
  /** `npx afterword`, until its ready line. */
  start(env?: Record<string, string>): Promise<Running>;
  /** The same without npx, run by what these words begin. */
  startBehind(before: readonly string[], env?: Record<string, string>): Promise<Running>;
  remove(): Promise<void>;
}

/** Takes some ten seconds: what npm has in its cache is not fetched again. */
export function installPacked(): Installed {
  const parent = mkdtempSync('/tmp/afterword-installed-');
  // As root the database runs as another user, who must get through.
  chmodSync(parent, 0o711);
  const folder = join(parent, 'empty');
  mkdirSync(folder);
  const run = (command: string, args: string[], cwd: string): string =>
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  // Builds what is stale.
  run(process.execPath, [join('tools', 'afterword.mjs'), 'version'], repository);
  const tarball = run('npm', ['pack', '--silent', '--pack-destination', parent], repository).trim();
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  run('npm', ['install', join(parent, tarball), '--omit=dev', ...quiet], folder);

  const environment = (env: Record<string, string>): Record<string, string> => ({
    PATH: process.env['PATH']!,
    HOME: process.env['HOME']!,
    ...env,
  });
  const running = new Set<() => Promise<unknown>>();
  const program = join(folder, 'node_modules', 'afterword', 'tools', 'afterword.mjs');
  const launch = async ([command = '', ...args]: readonly string[], env: Record<string, string>): Promise<Running> => {
    // The server may not be the last in the chain: signals go to all of it, as from a terminal.
    const child = spawn(command, args, {
      cwd: folder,
      env: environment({ PORT: '0', AFTERWORD_DRAIN_SECONDS: '0', ...env }),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    let hasEnded = false;
    // All of the chain holds its end of the output.
    const exited = new Promise<void>((done) => {
      child.once('close', () => {
        hasEnded = true;
        running.delete(stop);
        done();
      });
    });
    const end = async (pid: number, signal: NodeJS.Signals): Promise<void> => {
      if (!hasEnded) process.kill(pid, signal);
      await exited;
    };
    const stop = (): Promise<void> => end(-child.pid!, 'SIGINT');
    const terminate = (): Promise<void> => end(child.pid!, 'SIGTERM');
    running.add(stop);
    await until(() => READY.test(out) || child.exitCode !== null, 'the ready line', { withinMs: 20_000 });
    const [, url] = READY.exec(out) ?? [];
    if (url === undefined) throw new Error(`ended before it was ready:\n${err}`);
    return { url, stop, terminate };
  };
  return {
    folder,
    afterword: (args, env = {}) =>
      new Promise((done) => {
        const child = execFile(
          'npx',
          ['--no-install', 'afterword', ...args],
          { cwd: folder, env: environment(env), timeout: 30_000 },
          (error, out, err) => done({ code: error ? Number(error.code ?? -1) : 0, out, err }),
        );
        child.stdin?.end();
      }),
    start: (env = {}) => launch(['npx', '--no-install', 'afterword'], env),
    startBehind: (before, env = {}) => launch([...before, process.execPath, program, 'start'], env),
    async remove() {
      await Promise.all([...running].map((stop) => stop()));
      await endServerProcesses(join(folder, 'data', 'pgdata'));
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
