// Compares a reader's cursor with a range of changes (CUR1). Owns the comparison, nothing else.
import type { Cursor, Delta } from './views.js';

/**
 * `next`: apply it. `old`: everything in it is known. `gap`: something before it is missing.
 * `other-epoch`: the thread was restored, purged or merged; nothing held can be trusted.
 */
export type Relation = 'next' | 'old' | 'gap' | 'other-epoch';

export function relate(cursor: Cursor, delta: Pick<Delta, 'epoch' | 'from' | 'to'>): Relation {
  if (delta.epoch !== cursor.epoch) return 'other-epoch';
  if (delta.to <= cursor.seq) return 'old';
  return delta.from <= cursor.seq ? 'next' : 'gap';
}
