// Answers that many readers get alike, so that a wave of them costs one: what they missed, and first pages. Owns how long each
// is true and how much is kept; reading them is the caller's.
import { LRUCache } from 'lru-cache';

import type { Delta, Reply, Snapshot } from '../../shared/views.js';
import { presentDelta } from './present.js';
import type { Recent } from './recent.js';

/** Of all threads together, in characters. */
const SIZE_MAX = 8_000_000;
/** Of a reply, beside its text. */
const REPLY_SIZE = 300;

export class Answers {
  readonly #deltas = new LRUCache<string, Delta>({ maxSize: SIZE_MAX, sizeCalculation: sizeOf });
  readonly #pages = new LRUCache<string, { snapshot: Snapshot; at: number }>({
    maxSize: SIZE_MAX,
    sizeCalculation: ({ snapshot }) => sizeOf(snapshot),
  });

  /** Everything after `seq`, the same object while nothing is added; null where the window doesn't reach back so far. */
  delta(recent: Recent, seq: number): Delta | null {
    const name = `${recent.thread.id} ${recent.epoch} ${recent.head} ${seq}`;
    const known = this.#deltas.get(name);
    if (known) return known;
    const change = recent.since(seq);
    if (!change) return null;
    const delta = presentDelta(change);
    this.#deltas.set(name, delta);
    return delta;
  }

  /** A page that was read at `since` or later and is at the head of what is known; null where there is none. */
  page(name: string, { epoch, head }: Pick<Recent, 'epoch' | 'head'>, since: number): Snapshot | null {
    const known = this.#pages.get(name);
    if (!known || known.at < since) return null;
    const { cursor } = known.snapshot;
    return cursor.epoch === epoch && cursor.seq === head ? known.snapshot : null;
  }

  /** `at`: when it was asked for, which is before it was read. */
  keepPage(name: string, snapshot: Snapshot, at: number): void {
    this.#pages.set(name, { snapshot, at });
  }
}

function sizeOf({ replies }: { replies: readonly Reply[] }): number {
  return replies.reduce((sum, { html }) => sum + html.length + REPLY_SIZE, REPLY_SIZE);
}
