// Embedded databases for tests: in this process, or each in a process of its own that can be ended from outside. Whatever
// is started here is ended, and its folder removed, when the test is over, however it went.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished, vi } from 'vitest';
import { connect, type Sql } from '../../server/database/connect.js';
import { endServerProcesses } from '../../server/database/embedded/leftovers.js';
import { type EmbeddedDatabase, type EmbeddedOptions, startEmbedded } from '../../server/database/embedded/start.js';
import type { InstanceEvent, InstanceOptions } from './embedded-instance.js';
import { copyCluster } from './made-cluster.js';
import { scratchFolder } from './scratch.js';

const repository = path.resolve(import.meta.dirname, '../..');

/** The longest that anything in these tests may take: a slow machine's initdb, with room. */
const BOUND_MS = 15_000;

/** Waits for a named condition: returns what `check` returns once it is not undefined or false, looking often. */
export function until<T>(name: string, check: () => T | undefined | false, timeout = BOUND_MS): Promise<T> {
  return vi.waitFor(
    () => {
      const value = check();
      if (value === undefined || value === false) throw new Error(`Not in time: ${name}`);
      return value;
    },
    { timeout, interval: 5 },
  );
}

/** A new folder that every user may pass through, in a short path. */
export function temporaryFolder(): string {
  const folder = realpathSync(scratchFolder('afterword-test-'));
  chmodSync(folder, 0o711);
  onTestFinished(async () => {
    await endServerProcesses(path.join(folder, 'data', 'pgdata'));
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A new data folder in which the database has been made, and never started. */
export function madeDataDir(): string {
  const dataDir = path.join(temporaryFolder(), 'data');
  copyCluster(dataDir);
  return dataDir;
}

export interface Started extends EmbeddedDatabase {
  sql: Sql;
  /** What was logged so far. */
  messages: string[];
}

/** An embedded database in this process, with a pool. */
export async function start(options: Omit<EmbeddedOptions, 'log'>): Promise<Started> {
  const messages: string[] = [];
  const embedded = await startEmbedded({ ...options, log: (message) => messages.push(message) });
  const pool = connect({ url: embedded.url });
  const stop = async (): Promise<void> => {
    await pool.close();
    await embedded.stop();
  };
  onTestFinished(stop);
  return { ...embedded, stop, sql: pool.sql, messages };
}

export interface Instance {
  child: ChildProcess;
  events: InstanceEvent[];
  /** The first event of that name, when it has come. */
  first<E extends InstanceEvent['event']>(event: E): Promise<Extract<InstanceEvent, { event: E }>>;
  ended: Promise<void>;
}

/**
 * An embedded database in a process of its own: the leader of a process group, as a program started in a terminal is.
 * `prefix` stands before its command line, to change whose process it is.
 */
export function startInstance(options: InstanceOptions, prefix: string[] = []): Instance {
  const script = path.join(import.meta.dirname, 'embedded-instance.ts');
  const command = [...prefix, process.execPath, '--import', 'tsx', script, JSON.stringify(options)];
  const [program = '', ...words] = command;
  const child = spawn(program, words, { cwd: repository, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const events: InstanceEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line) as InstanceEvent));
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    events,
    ended,
    first: (event) => until(`the event "${event}"`, () => events.find(isOf(event))),
  };
}

function isOf<E extends InstanceEvent['event']>(event: E) {
  return (candidate: InstanceEvent): candidate is Extract<InstanceEvent, { event: E }> => candidate.event === event;
}
