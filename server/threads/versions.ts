// How far each thread is, as far as this node knows: what tells a first page that is kept as ready bytes whether it is still
// the thread's. Asks the database at most once a moment for each thread, however many ask.
import { LRUCache } from 'lru-cache';

import type { Cursor } from '../../shared/views.js';
import type { Clock } from '../clock.js';
import type { Store } from '../store/store.js';
import type { LiveThreads } from './live.js';

/**
 * How long an answer of the database is taken for the present one. Only where another node wrote and its hint was lost can
 * a page be older than the thread, and then by no more than this: what a shared cache is allowed anyway (HTTP4).
 */
const FRESH_MS = 1_000;
/** About 200 bytes each. */
const KEPT = 50_000;

interface Known {
  cursor: Cursor | null;
  until: number;
  /** The question that is under way. */
  reading: Promise<Cursor | null> | null;
}

export class Versions {
  readonly #store: Pick<Store, 'heads'>;
  readonly #live: Pick<LiveThreads, 'position'>;
  readonly #clock: Pick<Clock, 'now'>;
  // Not by `max`, which would make room for all of them at once.
  readonly #known = new LRUCache<string, Known>({ maxSize: KEPT, sizeCalculation: () => 1 });

  constructor(store: Pick<Store, 'heads'>, live: Pick<LiveThreads, 'position'>, clock: Pick<Clock, 'now'>) {
    this.#store = store;
    this.#live = live;
    this.#clock = clock;
  }

  /** Something was written there, by this node or another one: who asks from now on is told of it. */
  moved(threadId: string): void {
    // Forgotten with the question that may be under way, which may not have seen it.
    this.#known.delete(threadId);
  }

  /** Null: no such thread. Never behind what its readers here have been told, nor behind a `moved`. */
  async of(threadId: string): Promise<Cursor | null> {
    const told = this.#live.position(threadId);
    if (told) return told;
    let known = this.#known.get(threadId);
    if (!known) this.#known.set(threadId, (known = { cursor: null, until: 0, reading: null }));
    if (this.#clock.now() < known.until) return known.cursor;
    return await (known.reading ??= this.#read(threadId, known));
  }

  async #read(threadId: string, known: Known): Promise<Cursor | null> {
    try {
      const [found] = await this.#store.heads([threadId]);
      known.cursor = found ? { epoch: found.epoch, seq: found.head } : null;
      known.until = this.#clock.now() + FRESH_MS;
      return known.cursor;
    } finally {
      known.reading = null;
    }
  }
}
