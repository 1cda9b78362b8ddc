// The threads that have readers on this node: one pump each, the poll that guarantees them (PUMP3), and the answers to
// returning readers (PUMP5). Owns no sockets: who listens is told by `open` and `close`.
import { CATCH_UP_ROWS_MAX } from '../../shared/limits.js';
import type { Cursor, Delta, Snapshot, Sort } from '../../shared/views.js';
import type { Clock, Timer } from '../clock.js';
import type { Log } from '../log.js';
import { NO_METRICS, type Metrics } from '../metrics/metrics.js';
import type { Change, Store, ThreadRow } from '../store/store.js';
import { Deltas } from './deltas.js';
import { presentDelta, presentPage, presentThread } from './present.js';
import { Pump } from './pump.js';
import { SingleFlight } from './single-flight.js';

/** How long a lost hint can stay unseen: the longest delay of a remote reply when the bus is down. */
const POLL_MS = 2_000;
/** A thread without readers stays warm this long, for those who reload or come back from a bad line. */
const LINGER_MS = 30_000;

export interface LiveOptions {
  store: Store;
  clock: Clock;
  log: Log;
  metrics?: Metrics;
  publish(delta: Delta): void;
  /** See `PumpOptions`. */
  busyMs?(threadId: string): number;
  resync(thread: ThreadRow): void;
}

interface Active {
  readers: number;
  pump: Pump | null;
  /** While its first read is under way. */
  making: Promise<Pump | null> | null;
  linger: Timer | null;
}

export class LiveThreads {
  readonly #options: LiveOptions;
  readonly #active = new Map<string, Active>();
  readonly #snapshots = new SingleFlight<Snapshot | null>();
  readonly #changes = new SingleFlight<Delta | 'snapshot' | null>();
  readonly #deltas = new Deltas();
  #poll: Timer | null = null;
  #stopped = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Begins the poll. */
  start(): void {
    const { clock } = this.#options;
    const next = (): void => {
      if (this.#stopped) return;
      // Jitter: the nodes of one database don't ask at the same moment.
      this.#poll = clock.setTimeout(() => void this.pollNow().finally(next), POLL_MS * (0.75 + Math.random() / 2));
    };
    next();
  }

  stop(): void {
    const { clock } = this.#options;
    this.#stopped = true;
    if (this.#poll !== null) clock.clearTimeout(this.#poll);
    for (const { pump, linger } of this.#active.values()) {
      pump?.stop();
      if (linger !== null) clock.clearTimeout(linger);
    }
    this.#active.clear();
  }

  ids(): string[] {
    return [...this.#active.keys()];
  }

  /** How far this node knows a thread; null where nobody reads it here. */
  position(threadId: string): Cursor | null {
    const recent = this.#active.get(threadId)?.pump?.recent;
    return recent ? { epoch: recent.epoch, seq: recent.head } : null;
  }

  /** How far its readers here were told: at most a moment behind `position`. */
  told(threadId: string): Cursor | null {
    const pump = this.#active.get(threadId)?.pump;
    return pump ? { epoch: pump.recent.epoch, seq: pump.published } : null;
  }

  /**
   * What was published of a thread after `seq`, from memory alone; for null all that memory holds. Gives null where
   * that doesn't reach back so far.
   */
  published(threadId: string, seq: number | null): Delta | null {
    const recent = this.#active.get(threadId)?.pump?.recent;
    const change = recent?.since(seq ?? recent.start);
    return change ? presentDelta(change) : null;
  }

  /** One more reader. Call it, and let the reader hear the thread, before asking for `delta` or `snapshot`. */
  open(threadId: string): void {
    const active = this.#active.get(threadId) ?? { readers: 0, pump: null, making: null, linger: null };
    this.#active.set(threadId, active);
    active.readers += 1;
    if (active.linger !== null) this.#options.clock.clearTimeout(active.linger);
    active.linger = null;
  }

  /** One reader less. */
  close(threadId: string): void {
    const active = this.#active.get(threadId);
    if (!active || --active.readers > 0) return;
    active.linger = this.#options.clock.setTimeout(() => {
      active.pump?.stop();
      this.#active.delete(threadId);
    }, LINGER_MS);
  }

  /** The pump of an active thread. A failed first read is told to all who wait for it; who asks next tries again. */
  async #pumpOf(threadId: string): Promise<Pump | null> {
    const active = this.#active.get(threadId);
    if (!active) return null;
    if (active.pump) return active.pump;
    active.making ??= this.#makePump(threadId, active).finally(() => {
      active.making = null;
    });
    return await active.making;
  }

  async #makePump(threadId: string, active: Active): Promise<Pump | null> {
    const { store, clock, log, metrics = NO_METRICS, publish, busyMs = () => 0, resync } = this.#options;
    const thread = await store.thread(threadId);
    // Everybody may have left meanwhile.
    if (!thread || this.#active.get(threadId) !== active) return null;
    active.pump = new Pump({ thread, store, clock, log, metrics, publish, busyMs, resync });
    return active.pump;
  }

  /** A committed local write. Cheap where nobody reads the thread here. */
  offer(change: Change): void {
    this.#withPump(change.thread.id, (pump) => pump.offer(change));
  }

  /** Something wrote elsewhere. */
  nudge(threadId: string, head: number, epoch?: string): void {
    this.#withPump(threadId, (pump) => pump.nudge(head, epoch));
  }

  #withPump(threadId: string, use: (pump: Pump) => void): void {
    const active = this.#active.get(threadId);
    if (!active) return;
    if (active.pump) return use(active.pump);
    // Its first read is under way and may have seen an older head.
    void active.making?.then((pump) => pump && use(pump)).catch(() => {});
  }

  /** Reads the heads of all active threads; what moved without a hint is found here. */
  async pollNow(): Promise<void> {
    const { store, log } = this.#options;
    const gone = new Set(this.ids());
    try {
      for (const { id, epoch, head } of await store.heads([...gone])) {
        gone.delete(id);
        this.nudge(id, head, epoch);
      }
      for (const id of gone) this.#forget(id);
    } catch (error) {
      log.debug({ error }, 'the poll of the heads failed');
    }
  }

  /** It was taken out of the database: what is known of it is worth nothing, and its readers have to join again. */
  #forget(threadId: string): void {
    const active = this.#active.get(threadId);
    if (!active?.pump) return;
    active.pump.stop();
    this.#options.resync(active.pump.recent.thread);
    active.pump = null;
  }

  /**
   * What a reader at `cursor` missed; 'snapshot' where only that can answer (SEQ6, or too much changed); null: no such
   * thread. The reader must be listening already: what is published from now on it gets by itself.
   */
  async delta(threadId: string, cursor: Cursor): Promise<Delta | 'snapshot' | null> {
    const pump = await this.#pumpOf(threadId);
    if (!pump) return null;
    const { recent } = pump;
    if (cursor.epoch !== recent.epoch) return 'snapshot';
    const known = this.#deltas.since(recent, cursor.seq);
    if (known) return known;
    return await this.#atLeast(
      recent.head,
      (answer) => (answer === 'snapshot' ? Infinity : answer.to),
      () => this.#changes.run(`${threadId} ${cursor.seq}`, () => this.#readDelta(threadId, cursor)),
    );
  }

  async #readDelta(threadId: string, cursor: Cursor): Promise<Delta | 'snapshot' | null> {
    const read = await this.#options.store.changes(threadId, cursor.seq, CATCH_UP_ROWS_MAX);
    if (!read) return null;
    this.nudge(threadId, read.thread.head, read.thread.epoch);
    const unknown = read.thread.epoch !== cursor.epoch || cursor.seq > read.thread.head;
    if (unknown || !read.change) return 'snapshot';
    // All who come back after a restart have missed the same.
    this.#active.get(threadId)?.pump?.recent.extend(read.change);
    return presentDelta(read.change);
  }

  /**
   * The first page; equal questions share one read. Null: no such thread. It isn't kept: who was told more by another node
   * must not be given a page from before. `seen`: what who asks has read of this thread.
   */
  async snapshot(
    threadId: string,
    sort: Sort,
    limit: number,
    seen: Cursor = { epoch: '', seq: 0 },
  ): Promise<Snapshot | null> {
    const published = (await this.#pumpOf(threadId))?.recent.head ?? 0;
    return await this.#atLeast(
      Math.max(published, seen.seq),
      (answer) => answer.cursor.seq,
      () => this.#snapshots.run(`${threadId} ${sort} ${limit}`, () => this.#readSnapshot(threadId, sort, limit)),
    );
  }

  async #readSnapshot(threadId: string, sort: Sort, limit: number): Promise<Snapshot | null> {
    const read = await this.#options.store.firstPage(threadId, sort, limit);
    if (!read) return null;
    const { thread } = read;
    return {
      cursor: { epoch: thread.epoch, seq: thread.head },
      thread: presentThread(thread),
      ...presentPage(read.page, sort),
    };
  }

  /**
   * A flight that was under way already may have read before what this reader did not hear any more: asks again until
   * the answer covers what was published when the reader began to listen. Twice is enough, as the second flight began later.
   */
  async #atLeast<T>(published: number, reaches: (answer: T & {}) => number, ask: () => Promise<T>): Promise<T> {
    const first = await ask();
    return first === null || first === undefined || reaches(first) >= published ? first : await ask();
  }
}
