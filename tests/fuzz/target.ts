// The server that everything is sent to: a process of its own on a real database, with a reader who follows along and a
// guest who must be served at any time. Owns saying what is wrong with it.
import { existsSync, readdirSync } from 'node:fs';

import { newId } from '../../shared/ids.js';
import { connect } from '../../server/database/connect.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { startReader, type FaithfulReader } from '../support/faithful-reader.js';
import { send } from '../support/http.js';
import { INSIDE, weigh } from '../support/inside.js';
import {
  alarmsIn,
  makeDataFolder,
  startProcess,
  type DataFolder,
  type Program,
  type ServerProcess,
} from '../support/server-process.js';
import { until } from '../support/until.js';
import { KEYS, type Known } from './events.js';

/** A server that is busy with thousands of requests still says within this time that it is well. */
const HEALTH_MS = 2_000;
/** And a guest's reply is stored. */
const WRITE_MS = 6_000;
/** Lines that fell silent are given up after a ping and its time-out, 45 to 50 s. */
const GIVEN_UP_MS = 60_000;
/** What the process may keep: its caches are bounded and were empty at first. */
const HEAP_GROWTH_MAX = 48 * 1024 * 1024;
const DESCRIPTORS_GROWTH_MAX = 12;

interface Parts {
  url: string;
  known: Known;
  /** Of the guest that all lines speak as. */
  token: string;
  server: ServerProcess;
  data: DataFolder;
  readers: FaithfulReader[];
  guest: TestClient;
  thread: string;
  before: Held;
}

/** What the process holds. */
interface Held {
  heapBytes: number;
  descriptors: number;
}

export class Target {
  readonly #parts: Parts;
  readonly #lost: string[] = [];
  /** Of the log, in characters. */
  #read = 0;
  #clients = 0;
  /** All clients from now on have this one; null: each its own. */
  address: string | null = null;

  private constructor(parts: Parts) {
    this.#parts = parts;
    parts.guest.socket.on('disconnect', (reason) => this.#lost.push(`the guest's line was lost: ${reason}`));
  }

  /** With `limits`, as it is shipped, behind a proxy on this machine: what is sent has addresses (`from`). */
  static async start(program: Program, { limits = false } = {}): Promise<Target> {
    const data = makeDataFolder();
    const limited = { AFTERWORD_RATE_LIMITS: 'on', AFTERWORD_TRUST_PROXY: '127.0.0.1' };
    const env = { AFTERWORD_DATA_DIR: data.path, AFTERWORD_DRAIN_SECONDS: '0', ...INSIDE, ...(limits ? limited : {}) };
    const server = startProcess(program, env, { ipc: true });
    try {
      const url = await server.ready;
      const guest = await connectGuest(url, 'Witness');
      const { thread } = await guest.snapshot('witness');
      const { token, known } = await prepare(url, limits ? 4 : 10);
      const before = await weighed(server);
      const readers = KEYS.map((key) => startReader(url, key));
      return new Target({ url, known, token, server, data, readers, guest, thread: thread.id, before });
    } catch (error) {
      server.kill('SIGKILL');
      await server.exited;
      await data.remove();
      throw error;
    }
  }

  get url(): string {
    return this.#parts.url;
  }

  /** What the proxy says of the next client. */
  from(): Record<string, string> {
    const n = this.#clients++;
    return { 'x-forwarded-for': this.address ?? `198.18.${(n >> 8) & 255}.${n & 255}` };
  }

  get known(): Known {
    return this.#parts.known;
  }

  get token(): string {
    return this.#parts.token;
  }

  get isAlive(): boolean {
    return this.#parts.server.child.exitCode === null && this.#parts.server.child.signalCode === null;
  }

  /** Everything that must hold at any moment; what doesn't, in words. */
  async problems(): Promise<string[]> {
    const found = [...this.#alarms(), ...this.#lost.splice(0)];
    if (!this.isAlive) return [...found, `the server has ended: ${this.#parts.server.errors().slice(-600)}`];
    const health = await timed(() => send(this.url, '/healthz'));
    if (health.error) found.push(`no health check: ${health.error}`);
    else if (health.ms > HEALTH_MS) found.push(`the health check took ${Math.round(health.ms)} ms`);
    const create = { thread: this.#parts.thread, id: newId(), body: 'still here' };
    const written = await patiently(() => timed(() => this.#parts.guest.must('reply:create', create)));
    if (written.error) found.push(`a guest can't write: ${written.error}`);
    else if (written.ms > WRITE_MS) found.push(`a guest's reply took ${Math.round(written.ms)} ms`);
    return found;
  }

  /** What an operator would have to look at, since this was asked last. */
  #alarms(): string[] {
    const log = this.#parts.server.errors();
    const alarms = alarmsIn(log.slice(this.#read));
    this.#read = log.length;
    return alarms.map((line) => line.slice(0, 800));
  }

  /** What must hold when nobody sends anything any more: everybody level, the data sound, and nothing left behind. */
  async remains(): Promise<string[]> {
    const found = await this.problems();
    if (!this.isAlive) return found;
    for (const [n, reader] of this.#parts.readers.entries()) found.push(...(await this.#isLevel(reader, KEYS[n]!)));
    for (const reader of this.#parts.readers) reader.close();
    this.#parts.guest.close();
    const database = connect({ url: this.#parts.data.databaseUrl, max: 1 });
    found.push(...(await inconsistencies(database.sql)));
    await database.close();
    const { heapBytes, descriptors } = this.#parts.before;
    const isBack = async (): Promise<boolean> => {
      const now = await weighed(this.#parts.server);
      return now.heapBytes - heapBytes < HEAP_GROWTH_MAX && now.descriptors - descriptors < DESCRIPTORS_GROWTH_MAX;
    };
    await until(isBack, 'memory and handles to be back', { withinMs: GIVEN_UP_MS, everyMs: 500 }).catch(async () => {
      found.push(
        `before ${JSON.stringify(this.#parts.before)}, now ${JSON.stringify(await weighed(this.#parts.server))}`,
      );
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

  async end(): Promise<void> {
    for (const reader of this.#parts.readers) reader.close();
    this.#parts.guest.close();
    this.#parts.server.kill('SIGKILL');
    await this.#parts.server.exited;
    await this.#parts.data.remove();
  }
}

const sorted = (value: object): object =>
  Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Threads with so many replies of one guest each, answered, edited, and removed. */
async function prepare(url: string, count: number): Promise<{ token: string; known: Known }> {
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
    for (let n = 0; n < count; n++) {
      const id = newId();
      const parent = n >= count / 2 ? here[n - count / 2]! : null;
      await client.must('reply:create', { thread: thread.id, id, parent, body: `seed ${n}` });
      here.push(id);
    }
    await client.must('reply:remove', { id: here[3] });
    replies.push(...here);
  }
  client.close();
  return { token, known: { threads, replies, epoch } };
}

async function weighed(server: ServerProcess): Promise<Held> {
  const { heapBytes } = await weigh(server);
  const folder = `/proc/${server.child.pid}/fd`;
  return { heapBytes, descriptors: existsSync(folder) ? readdirSync(folder).length : 0 };
}

/** Again when it is told to come later, after the time that it is told: as a client does. */
async function patiently(ask: () => Promise<Timed>): Promise<Timed> {
  const told = await ask();
  const [, ms] = /"rate_limited".*"retryAfterMs":(\d+)/.exec(told.error ?? '') ?? [];
  if (ms === undefined) return told;
  await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  return await patiently(ask);
}

interface Timed {
  ms: number;
  error?: string;
}

async function timed(run: () => Promise<unknown>): Promise<Timed> {
  const from = performance.now();
  const error = await run().then(
    () => undefined,
    (reason: unknown) => String(reason),
  );
  return { ms: performance.now() - from, ...(error === undefined ? {} : { error }) };
}
