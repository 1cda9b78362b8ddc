// Publishes what changed in one active thread, in order, to the readers of this node (PUMP1). Owns when to read and
// when to publish; where a delta goes is the caller's.
import { CATCH_UP_ROWS_MAX } from '../../shared/limits.js';
import type { Delta } from '../../shared/views.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Change, Store, ThreadRow } from '../store/store.js';
import { presentDelta } from './present.js';
import { Recent } from './recent.js';

/**
 * Least time between two deltas of one thread: load turns into batching (PUMP2). Below the first figure no eye sees a
 * difference. A thread with so many readers that a delta takes long to write leaves four fifths of the time to everything
 * else, up to the second figure: what is written meanwhile goes out together. So it is on average: after a time in which it
 * left more, one delta may come up to the second figure sooner.
 */
const SPACING_MS = 25;
const SPACING_MAX_MS = 400;
export const SPACING_PER_BUSY = 5;
/** After a failed read: first and longest wait. The poll and the next write try as well. */
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 4_000;

export interface PumpOptions {
  thread: ThreadRow;
  store: Pick<Store, 'changes'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  publish(delta: Delta): void;
  /** How long the process was busy with writing the thread's last push to its readers; Infinity while it still is. */
  busyMs(threadId: string): number;
  /** Its readers can't be brought up to date by deltas: another epoch, or too much at once. They have to join again. */
  resync(thread: ThreadRow): void;
}

/**
 * Local writes, other nodes' writes, lost hints and restarts all end in `nudge` or `offer`, and in one loop: publish what
 * is known beyond the last delta, else read head and rows in one statement. What local writers hand over is known at
 * once where it continues exactly, so that a reader who comes back never finds less than was acknowledged here.
 * Nothing is published twice and no range is left out, whatever order the calls come in.
 */
export class Pump {
  readonly #options: PumpOptions;
  /** What is known; its head runs ahead of `#published` by at most one spacing. */
  #recent: Recent;
  #published: number;
  #handed: Change[] = [];
  #wanted: number;
  #epochSuspect = false;
  #running = false;
  #stopped = false;
  #publishedAt = -Infinity;
  /** Until when what was published, but for the last delta, has taken its share of the time. */
  #paidUntil = -Infinity;
  /** Since when there is news that was not published. */
  #newsAt: number | null = null;
  #retryMs = RETRY_FIRST_MS;
  /** Ends a sleep: there is more to do. */
  #wake: () => void = () => {};

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#recent = new Recent(options.thread);
    this.#published = options.thread.head;
    this.#wanted = options.thread.head;
  }

  get recent(): Recent {
    return this.#recent;
  }

  /** How far its readers were told. */
  get published(): number {
    return this.#published;
  }

  /** Something is known of the thread's clock: its head here, and the epoch where it was read along. */
  nudge(head: number, epoch: string = this.#recent.epoch): void {
    if (epoch !== this.#recent.epoch) this.#epochSuspect = true;
    this.#wanted = Math.max(this.#wanted, head);
    if (this.#wanted > this.#published) this.#newsAt ??= this.#options.clock.now();
    this.#run();
  }

  /** A local writer's committed change: published without a read where it continues the range exactly. */
  offer(change: Change): void {
    if (change.thread.epoch === this.#recent.epoch) this.#handed.push(change);
    this.#takeHanded();
    if (this.#recent.head > this.#published) this.#wake();
    this.nudge(change.to, change.thread.epoch);
  }

  stop(): void {
    this.#stopped = true;
  }

  #run(): void {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    void this.#loop();
  }

  async #loop(): Promise<void> {
    while (!this.#stopped && this.#hasWork()) {
      const { thread, busyMs, clock } = this.#options;
      const busy = busyMs(thread.id);
      // What is not written yet would only be followed by more.
      const wait = busy === Infinity ? SPACING_MS : this.#dueAt(busy) - clock.now();
      if (wait > 0) await this.#sleep(wait);
      else if (this.#recent.head > this.#published) this.#publish();
      else await this.#read(this.#recent.head);
    }
    // In the same step as the last look at the work: what comes a moment later begins a new loop.
    this.#running = false;
  }

  /** `busyMs`: of the last delta. */
  #dueAt(busyMs: number): number {
    return Math.max(this.#publishedAt + SPACING_MS, this.#paidAfter(busyMs) - SPACING_MAX_MS);
  }

  #paidAfter(busyMs: number): number {
    return Math.max(this.#paidUntil, this.#publishedAt) + spacingOf(busyMs);
  }

  #hasWork(): boolean {
    return this.#epochSuspect || this.#wanted > this.#published;
  }

  /** Feeds every handed change that follows; keeps those behind a gap, drops those that are known. */
  #takeHanded(): void {
    if (this.#epochSuspect) return;
    const handed = this.#handed.sort((a, b) => a.from - b.from);
    this.#handed = [];
    for (const change of handed) {
      if (change.from === this.#recent.head) this.#recent.add(change);
      else if (change.from > this.#recent.head) this.#handed.push(change);
    }
  }

  async #read(from: number): Promise<void> {
    const { store, log, metrics, thread } = this.#options;
    const wanted = this.#wanted;
    try {
      const read = await store.changes(thread.id, from, CATCH_UP_ROWS_MAX);
      metrics.pumpRead('ok');
      this.#retryMs = RETRY_FIRST_MS;
      // Meanwhile the readers may be gone, or a local writer may have told more.
      if (this.#stopped || this.#recent.head !== from) return;
      if (!read) return this.stop();
      const follows = read.thread.epoch === this.#recent.epoch && read.thread.head >= from;
      if (!follows || !read.change) return this.#restart(read.thread);
      this.#epochSuspect = false;
      this.#recent.add(read.change);
      this.#takeHanded();
      // A hint that promised more than the database has (a rolled back restore) must not spin the loop.
      if (this.#recent.head === from && this.#wanted === wanted) {
        this.#wanted = from;
        this.#newsAt = null;
      }
      this.#wanted = Math.max(this.#wanted, this.#recent.head);
      if (this.#recent.head > this.#published) this.#publish();
    } catch (error) {
      metrics.pumpRead('failed');
      log.warn({ error, thread: thread.id, retryMs: this.#retryMs }, 'reading the changes of a thread failed');
      await this.#sleep(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
    }
  }

  #publish(): void {
    const { busyMs, clock, thread } = this.#options;
    const change = this.#recent.since(this.#published);
    this.#published = this.#recent.head;
    this.#paidUntil = this.#paidAfter(busyMs(thread.id));
    this.#publishedAt = clock.now();
    if (this.#newsAt !== null) this.#options.metrics.delivered(this.#publishedAt - this.#newsAt);
    if (this.#wanted <= this.#published) this.#newsAt = null;
    if (change) this.#options.publish(presentDelta(change));
    else this.#options.resync(this.#recent.thread);
  }

  #restart(thread: ThreadRow): void {
    this.#epochSuspect = false;
    this.#handed = [];
    this.#recent = new Recent(thread);
    this.#published = thread.head;
    this.#newsAt = null;
    // What is wanted stays: it may have been told after this read. If not, the next one finds that there is no more.
    this.#publishedAt = this.#options.clock.now();
    this.#options.resync(thread);
  }

  #sleep(ms: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, ms);
      this.#wake = () => {
        clock.clearTimeout(timer);
        resolve();
      };
    });
  }
}

function spacingOf(busyMs: number): number {
  return Math.min(Math.max(SPACING_MS, busyMs * SPACING_PER_BUSY), SPACING_MAX_MS);
}
