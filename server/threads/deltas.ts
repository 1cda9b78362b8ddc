// What returning readers missed, presented once for all who missed the same, as long as the thread stands where it stood. Owns how
// much of that is kept; the changes are the ring's.
import type { Delta } from '../../shared/views.js';
import type { ThreadRow } from '../store/store.js';
import { presentDelta } from './present.js';
import type { Recent } from './recent.js';

/** Of one thread, in characters, each kept thrice (here, as text and as bytes): as much as its ring holds, in full, many times over. */
const SIZE_MAX = 1_000_000;
/** Of a reply, beside its text. */
const REPLY_SIZE = 300;

interface Kept {
  bySeq: Map<number, Delta>;
  size: number;
}

export class Deltas {
  /** By the row that the ring was last fed with: the next one takes its place, and nobody asks for what was before it. */
  readonly #kept = new WeakMap<ThreadRow, Kept>();

  /** Everything after `seq`, the same object while nothing is added; null where the ring doesn't reach back so far. */
  since(recent: Recent, seq: number): Delta | null {
    let kept = this.#kept.get(recent.thread);
    const known = kept?.bySeq.get(seq);
    if (known) return known;
    const change = recent.since(seq);
    if (!change) return null;
    const delta = presentDelta(change);
    const size = sizeOf(delta);
    if (!kept || kept.size + size > SIZE_MAX) this.#kept.set(recent.thread, (kept = { bySeq: new Map(), size: 0 }));
    kept.bySeq.set(seq, delta);
    kept.size += size;
    return delta;
  }
}

function sizeOf({ replies, touched = [] }: Delta): number {
  const texts = replies.reduce((sum, { html }) => sum + html.length, 0);
  return texts + (1 + replies.length + touched.length) * REPLY_SIZE;
}
