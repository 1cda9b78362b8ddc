// The server that everything is sent to: a process of its own on a real database, with a reader who follows along and a
// guest who must be served at any time. Owns saying what is wrong with it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { newId } from '../../shared/ids.js';
import { connect } from '../../server/database/connect.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { startReader, type FaithfulReader } from '../support/faithful-reader.js';
import { send } from '../support/http.js';
import {
  makeDataFolder,
  startProcess,
  type DataFolder,
  type Program,
  type ServerProcess,
} from '../support/server-process.js';
import { until } from '../support/until.js';
import { KEYS, type Known } from './events.js';

const INSIDE = pathToFileURL(join(import.meta.dirname, '../faults/inside.mjs')).href;
/** A server that is busy with thousands of requests still says within this time that it is well. */
const HEALTH_MS = 2_000;
/** And a guest's reply is stored. */
const WRITE_MS = 6_000;
/** Lines that fell silent are given up after a ping and its time-out, 45 to 50 s. */
const GIVEN_UP_MS = 60_000;
/** What the process may keep: its caches are bounded and were empty at first. */
const HEAP_GROWTH_MAX = 48 * 1024 * 1024;
const DESCRIPTORS_GROWTH_MAX = 12;

export class Target {
  readonly url: string;
  readonly known: Known;
  /** Of the guest that all lines speak as. */
  readonly token: string;
  readonly #server: ServerProcess;
  readonly #data: DataFolder;
  readonly #readers: FaithfulReader[];
  readonly #guest: TestClient;
  readonly #thread: string;
  readonly #before: { heapBytes: number; descriptors: number };
  readonly #lost: string[] = [];
  /** Of the log, in characters. */
  #read = 0;

  private constructor(parts: {
    url: string;
    known: Known;
    token: string;
    server: ServerProcess;
    data: DataFolder;
    readers: FaithfulReader[];
    guest: TestClient;
    thread: string;
    before: { heapBytes: number; descriptors: number };
  }) {
    this.url = parts.url;
    this.known = parts.known;
    this.token = parts.token;
    this.#server = parts.server;
    this.#data = parts.data;
    this.#readers = parts.readers;
    this.#guest = parts.guest;
    this.#thread = parts.thread;
    this.#before = parts.before;
    this.#guest.socket.on('disconnect', (reason) => this.#lost.push(`the guest's line was lost: ${reason}`));
  }

  /** Starts it; `env` beside what every test's server has. */
  static async start(program: Program, env: Record<string, string> = {}): Promise<Target> {
    const data = makeDataFolder();
    const all = {
      AFTERWORD_DATA_DIR: data.path,
      AFTERWORD_DRAIN_SECONDS: '0',
      NODE_OPTIONS: `--import ${INSIDE}`,
      ...env,
    };
    const server = startProcess(program, all, { ipc: true });
    try {
      const url = await server.ready;
      const guest = await connectGuest(url, 'Witness');
      const { thread } = await guest.snapshot('witness');
      const { token, known } = await prepare(url);
      const before = await weigh(server);
      const readers = KEYS.map((key) => startReader(url, key));
      return new Target({ url, known, token, server, data, readers, guest, thread: thread.id, before });
    } catch (error) {
      server.kill('SIGKILL');
      await server.exited;
      await data.remove();
      throw error;
    }
  }

  get isAlive(): boolean {
    return this.#server.child.exitCode === null && this.#server.child.signalCode === null;
  }

  /** Everything that must hold at any moment; what doesn't, in words. */
  async problems(): Promise<string[]> {
    const found = [...this.#alarms(), ...this.#lost.splice(0)];
    if (!this.isAlive) return [...found, `the server has ended: ${this.#server.errors().slice(-600)}`];
    const health = await timed(() => send(this.url, '/healthz'));
    if (health.error) found.push(`no health check: ${health.error}`);
    else if (health.ms > HEALTH_MS) found.push(`the health check took ${Math.round(health.ms)} ms`);
    const create = { thread: this.#thread, id: newId(), body: 'still here' };
    const written = await timed(() => this.#guest.must('reply:create', create));
    if (written.error) found.push(`a guest can't write: ${written.error}`);
    else if (written.ms > WRITE_MS) found.push(`a guest's reply took ${Math.round(written.ms)} ms`);
    return found;
  }

  /** What an operator would have to look at, since this was asked last. */
  #alarms(): string[] {
    const log = this.#server.errors();
    const lines = log.slice(this.#read).split('\n');
    this.#read = log.length;
    return lines
      .filter((line) => /"level":"(error|fatal)"|Unhandled|Uncaught/i.test(line))
      .map((line) => line.slice(0, 800));
  }

  /** What must hold when nobody sends anything any more: everybody level, the data sound, and nothing left behind. */
  async remains(): Promise<string[]> {
    const found = await this.problems();
    if (!this.isAlive) return found;
    for (const [n, reader] of this.#readers.entries()) found.push(...(await this.#isLevel(reader, KEYS[n]!)));
    for (const reader of this.#readers) reader.close();
    this.#guest.close();
    const database = connect({ url: this.#databaseUrl, max: 1 });
    found.push(...(await inconsistencies(database.sql)));
    await database.close();
    const { heapBytes, descriptors } = this.#before;
    const isBack = async (): Promise<boolean> => {
      const now = await weigh(this.#server);
      return now.heapBytes - heapBytes < HEAP_GROWTH_MAX && now.descriptors - descriptors < DESCRIPTORS_GROWTH_MAX;
    };
    await until(isBack, 'memory and handles to be back', { withinMs: GIVEN_UP_MS, everyMs: 500 }).catch(async () => {
      found.push(`before ${JSON.stringify(this.#before)}, now ${JSON.stringify(await weigh(this.#server))}`);
    });
    return found;
  }

  async #isLevel(reader: FaithfulReader, key: string): Promise<string[]> {
    const client = await connectGuest(this.url, 'Judge');
    const fresh = await client.snapshot(key, { limit: 50 });
    client.close();
    const isLevel = (): boolean => reader.held()?.cursor.seq === fresh.cursor.seq;
    try {
      await until(isLevel, 'the last delta', { withinMs: 10_000 });
    } catch {
      return [`the reader of ${key} stands at ${reader.held()?.cursor.seq}, the thread at ${fresh.cursor.seq}`];
    }
    const held = reader.held()!;
    const stale = fresh.replies.filter(({ more: _, ...reply }) => {
      const row = held.rows.get(reply.id);
      return row !== undefined && JSON.stringify(sorted(row)) !== JSON.stringify(sorted(reply));
    });
    return stale.map(({ id }) => `the reader of ${key} holds another ${id} than a fresh one`);
  }

  get #databaseUrl(): string {
    return `postgres://afterword@localhost/postgres?host=${encodeURIComponent(`${this.#data.path}/run`)}`;
  }

  async end(): Promise<void> {
    for (const reader of this.#readers) reader.close();
    this.#guest.close();
    this.#server.kill('SIGKILL');
    await this.#server.exited;
    await this.#data.remove();
  }
}

const sorted = (value: object): object =>
  Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Threads with replies of one guest, answered, edited, and removed. */
async function prepare(url: string): Promise<{ token: string; known: Known }> {
  const client = await connectGuest(url, 'Fuzz');
  const { token } = await client.must('me:guest', { name: 'Fuzz' });
  const threads: string[] = [];
  const replies: string[] = [];
  let epoch = '';
  for (const key of KEYS) {
    const { thread, cursor } = await client.snapshot(key, { url: 'https://example.com/', title: 'A title' });
    threads.push(thread.id);
    epoch = cursor.epoch;
    const here: string[] = [];
    for (let n = 0; n < 10; n++) {
      const id = newId();
      const parent = n > 4 ? here[n - 5]! : null;
      await client.must('reply:create', { thread: thread.id, id, parent, body: `seed ${n}` });
      here.push(id);
    }
    await client.must('reply:remove', { id: here[3] });
    replies.push(...here);
  }
  client.close();
  return { token, known: { threads, replies, epoch } };
}

interface Weight {
  heapBytes: number;
  descriptors: number;
}

async function weigh({ child }: ServerProcess): Promise<Weight> {
  const { heapBytes } = await new Promise<{ heapBytes: number }>((resolve) => {
    child.once('message', (weight) => resolve(weight as { heapBytes: number }));
    child.send({ weigh: true });
  });
  const folder = `/proc/${child.pid}/fd`;
  return { heapBytes, descriptors: existsSync(folder) ? readdirSync(folder).length : 0 };
}

async function timed(run: () => Promise<unknown>): Promise<{ ms: number; error?: string }> {
  const from = performance.now();
  const error = await run().then(
    () => undefined,
    (reason: unknown) => String(reason),
  );
  return { ms: performance.now() - from, ...(error === undefined ? {} : { error }) };
}
