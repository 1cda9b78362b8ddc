// The load of the soak: readers who come and go, guests who write, and pages fetched over HTTP, all at once and for as
// long as one wants. Owns the rates; counts what was done and what went wrong.
import { Agent, request } from 'node:http';

import { Latencies } from '../harness/latencies.js';
import { seeded } from '../harness/schedule.js';
import { addressOf, SoakReaders } from './soak-readers.js';
import { SoakWriters } from './soak-writers.js';

/** Few, so that what the server remembers of each (its last 500 changes) is full within minutes. */
const THREADS = 5;
const WRITERS = 40;
const TICK_MS = 50;

/** How often in a second. */
const RATES: Readonly<Record<keyof SoakWriters['acts'], number>> = {
  create: 8,
  edit: 0.5,
  remove: 0.3,
  vote: 4,
  locate: 1,
  history: 0.2,
  page: 2,
  news: 0.5,
  preview: 0.5,
  typing: 2,
  rename: 0.1,
  open: 1 / 60,
};
const FETCHES = 10;
/** Into each thread before anything counts: pages have their full size then. */
const FILL = 25;
/** Between two of these: the limits of what one may write hold here as well. */
const FILL_MS = 40;

export interface SoakCounts {
  /** Since the last time this was asked; null: none. */
  ackP99: number | null;
  readers: number;
  came: number;
  pushes: number;
  acts: number;
  fetched: number;
  unchanged: number;
  /** How often, by what went wrong; ever. */
  faults: Record<string, number>;
}

export class Soak {
  readonly #random = seeded(7);
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 20 });
  readonly #tags = new Map<string, string>();
  readonly #faults = new Map<string, number>();
  #keys: string[] = [];
  #port = 0;
  #latency = new Latencies();
  #readers: SoakReaders | null = null;
  #writers: SoakWriters | null = null;
  #timer: NodeJS.Timeout | undefined;
  #acts = 0;
  #fetched = 0;
  #unchanged = 0;

  /** Begins; what was begun before ends with `pause`. */
  async start({ port, readers, fill }: { port: number; readers: number; fill: boolean }): Promise<void> {
    this.#port = port;
    if (this.#keys.length === 0) this.#keys = Array.from({ length: THREADS }, (_, i) => `soak-${i}`);
    const onFault = (fault: string): void => void this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    const shared = { port, keys: this.#keys, random: this.#random, onFault };
    this.#writers = new SoakWriters({ ...shared, count: WRITERS, onAcknowledged: (ms) => this.#latency.add(ms) });
    await this.#writers.connect();
    if (fill) await this.#fill();
    this.#readers = new SoakReaders({ ...shared, count: readers });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Everybody leaves. */
  pause(): void {
    clearInterval(this.#timer);
    this.#readers?.end();
    this.#writers?.end();
    this.#agent.destroy();
  }

  counts(): SoakCounts {
    const { count, p99 } = this.#latency.summary();
    this.#latency = new Latencies();
    return {
      ackP99: count > 0 ? p99 : null,
      readers: this.#readers?.present ?? 0,
      came: this.#readers?.came ?? 0,
      pushes: this.#readers?.pushes ?? 0,
      acts: this.#acts,
      fetched: this.#fetched,
      unchanged: this.#unchanged,
      faults: Object.fromEntries(this.#faults),
    };
  }

  async #fill(): Promise<void> {
    for (let i = 0; i < FILL * THREADS; i++) {
      this.#writers!.acts.create();
      await new Promise((resolve) => setTimeout(resolve, FILL_MS));
    }
  }

  /** As often as the rates say, on average. */
  #tick(): void {
    const isDue = (perSecond: number): boolean => this.#random() < (perSecond * TICK_MS) / 1_000;
    for (const [name, act] of Object.entries(this.#writers!.acts)) {
      if (!isDue(RATES[name as keyof typeof RATES])) continue;
      this.#acts += 1;
      act();
    }
    if (isDue(FETCHES)) this.#fetch(this.#keys[Math.floor(this.#random() * this.#keys.length)]!);
  }

  /** A page's first paint: half of them have an earlier answer and only ask whether it still holds. */
  #fetch(key: string): void {
    const sort = this.#random() < 0.8 ? 'oldest' : 'best';
    const name = `${key} ${sort}`;
    const known = this.#random() < 0.5 ? this.#tags.get(name) : undefined;
    const asked = request({
      host: '127.0.0.1',
      port: this.#port,
      agent: this.#agent,
      path: `/api/v1/sites/demo/thread?key=${key}&sort=${sort}`,
      headers: {
        'accept-encoding': this.#random() < 0.8 ? 'br' : 'gzip',
        'x-forwarded-for': addressOf(this.#random()),
        ...(known === undefined ? {} : { 'if-none-match': known }),
      },
    });
    const onError = (error: Error): void =>
      void this.#faults.set(error.message, (this.#faults.get(error.message) ?? 0) + 1);
    asked.on('error', onError);
    asked.on('response', (response) => {
      const { etag } = response.headers;
      if (response.statusCode === 304) this.#unchanged += 1;
      else if (response.statusCode !== 200) onError(new Error(`a page was answered with ${response.statusCode}`));
      if (etag !== undefined && this.#keys.includes(key)) this.#tags.set(name, etag);
      this.#fetched += 1;
      response.on('error', onError);
      response.resume();
    });
    asked.end();
  }
}
