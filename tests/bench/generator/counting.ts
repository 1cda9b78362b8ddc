// Readers who go over to the lane that counts, as the widget does (CUR9): some time after more waits unread than it keeps. Owns
// when each goes, what it hears while it does, and which reply was born when.
import type { Cursor, Delta } from '../../../shared/views.js';

/** What the widget keeps unread (`Rest`), how long it takes to see a stream in what it leaves out, and the spread (`Digest`). */
const KEPT = 200;
const SEEN_MS = 3_000;
const SPREAD_MS = 10_000;
const SPREAD_MS_A_READER = 2;

interface Joined {
  mode: 'delta';
  delta: Delta;
}

export interface CountingOptions {
  readers: number;
  ask(reader: number, payload: { key: string; lane: 'digest'; limit: number; cursor: Cursor }): Promise<Joined>;
  key: string;
  cursorOf(reader: number): Cursor;
  /** The answer to a join, before what was parked meanwhile. */
  answered(reader: number, delta: Delta): void;
  failed(error: unknown): void;
}

export class Counting {
  readonly #options: CountingOptions;
  readonly #heard: Uint32Array;
  readonly #parked = new Map<number, (() => void)[]>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #events = new Map<number, number>();
  readonly #early = new Map<number, ((event: number) => void)[]>();

  constructor(options: CountingOptions) {
    this.#options = options;
    this.#heard = new Uint32Array(options.readers);
  }

  /** This many replies more have come to a reader as texts. */
  heard(reader: number, replies: number): void {
    const before = this.#heard[reader]!;
    this.#heard[reader] = before + replies;
    if (before > KEPT || before + replies <= KEPT) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        void this.#goOver(reader);
      },
      SEEN_MS + Math.random() * (SPREAD_MS + this.#heard.length * SPREAD_MS_A_READER),
    );
    this.#timers.add(timer);
  }

  /** Begins to count what waits anew, between two runs. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Does `hear` when this reader's join is answered, or at once. */
  park(reader: number, hear: () => void): boolean {
    this.#parked.get(reader)?.push(hear);
    return this.#parked.has(reader);
  }

  /** An event's reply was born; its acknowledgement says so. */
  born(born: number, event: number): void {
    this.#events.set(born, event);
    for (const tell of this.#early.get(born) ?? []) tell(event);
    this.#early.delete(born);
  }

  /** Calls back with the event of this birth, as soon as it is known. */
  eventOf(born: number, tell: (event: number) => void): void {
    const event = this.#events.get(born);
    if (event !== undefined) return tell(event);
    const early = this.#early.get(born);
    if (early) early.push(tell);
    else this.#early.set(born, [tell]);
  }

  async #goOver(reader: number): Promise<void> {
    const { ask, key, cursorOf, answered, failed } = this.#options;
    const parked: (() => void)[] = [];
    this.#parked.set(reader, parked);
    try {
      const { mode, delta } = await ask(reader, { key, lane: 'digest', limit: 1, cursor: cursorOf(reader) });
      if (mode !== 'delta') throw new Error('a join with a cursor was answered with a snapshot');
      this.#parked.delete(reader);
      answered(reader, delta);
    } catch (error) {
      this.#parked.delete(reader);
      failed(error);
    }
    for (const hear of parked) hear();
  }
}
