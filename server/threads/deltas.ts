// What returning readers missed, presented once for all who missed the same. Owns how much of that is kept; the changes are
// the ring's.
import { LRUCache } from 'lru-cache';

import type { Delta } from '../../shared/views.js';
import { presentDelta } from './present.js';
import type { Recent } from './recent.js';

/** Of all threads together, in characters. */
const SIZE_MAX = 8_000_000;
/** Of a reply, beside its text. */
const REPLY_SIZE = 300;

export class Deltas {
  readonly #kept = new LRUCache<string, Delta>({ maxSize: SIZE_MAX, sizeCalculation: sizeOf });

  /** Everything after `seq`, the same object while nothing is added; null where the ring doesn't reach back so far. */
  since(recent: Recent, seq: number): Delta | null {
    const name = `${recent.thread.id} ${recent.epoch} ${recent.head} ${seq}`;
    const known = this.#kept.get(name);
    if (known) return known;
    const change = recent.since(seq);
    if (!change) return null;
    const delta = presentDelta(change);
    this.#kept.set(name, delta);
    return delta;
  }
}

function sizeOf({ replies, touched = [] }: Delta): number {
  const texts = replies.reduce((sum, { html }) => sum + html.length, 0);
  return texts + (1 + replies.length + touched.length) * REPLY_SIZE;
}
