// The one reducer: how answers and deltas change what a reader holds of a thread. Pure: every function returns a new
// state, or the same one where nothing changed. Used by the widget, the simulator and the tests.
import { relate } from './cursor.js';
import { fromSnapshot, ROOTS, type Held } from './held.js';
import type { Located, Page } from './protocol.js';
import type { Delta, Reply, Snapshot, Touched } from './views.js';

/**
 * Applies a delta that follows the cursor (CUR1 `next`); one that is known already (`old`) changes nothing.
 * Throws a RangeError for a gap or another epoch: the caller has to join instead.
 */
export function applyDelta(held: Held, delta: Delta): Held {
  const relation = relate(held.cursor, delta);
  if (relation === 'old') return held;
  if (relation !== 'next') throw new RangeError(`delta does not follow: ${relation}`);
  const next = copy(held);
  for (const reply of delta.replies) put(next, reply);
  for (const touched of delta.touched ?? []) touch(next, touched);
  return { ...next, cursor: { epoch: delta.epoch, seq: delta.to }, thread: delta.info ?? held.thread };
}

/**
 * Starts over from the snapshot of a later join, or from what is `reached` by it and by pages behind it. Rows that are newer than
 * it (known from an acknowledgement) stay, unless the thread itself went back or is another one.
 */
export function applySnapshot(held: Held, snapshot: Snapshot, reached = fromSnapshot(snapshot)): Held {
  const next = copy(reached);
  const { epoch, seq } = next.cursor;
  if (held.cursor.epoch !== epoch || held.cursor.seq > seq) return next;
  for (const row of held.rows.values()) if (row.seq > seq) put(next, row);
  return next;
}

/**
 * Adds a page of the children of `parent` (null: the roots), asked for with the `after` of their level. Never moves the
 * cursor (CUR2).
 */
export function applyPage(held: Held, parent: string | null, page: Page): Held {
  const next = applyLocated(held, page);
  for (const { id } of page.replies) next.paged.add(id);
  if (page.more) next.levels.set(parent ?? ROOTS, page.more);
  else next.levels.delete(parent ?? ROOTS);
  return next;
}

/**
 * Takes in a reply that was looked for with what stands around it. Its rows wait for their pages as those that changed do;
 * where a list of it goes on is known from now on. The cursor stays (CUR2).
 */
export function applyLocated(held: Held, located: Located | Page): Draft {
  const next = copy(held);
  for (const reply of located.replies) {
    // Of a row born after the snapshot every child comes, or came, by delta; one that was paged has its level already.
    if (reply.more && reply.born <= held.since && !next.paged.has(reply.id)) next.levels.set(reply.id, reply.more);
    put(next, reply);
  }
  return next;
}

/** Merges one row known from an acknowledgement; the cursor stays (CUR2). */
export function applyRow(held: Held, reply: Reply): Held {
  const next = copy(held);
  put(next, reply);
  return next;
}

/** A state that may be written to until it is given away. */
type Draft = ReturnType<typeof copy>;

function copy(held: Held) {
  return {
    ...held,
    rows: new Map(held.rows),
    paged: new Set(held.paged),
    levels: new Map(held.levels),
    touched: new Map(held.touched),
  };
}

/** Rows merge by id; the higher seq wins (CUR3). */
function put(draft: Draft, reply: Reply): void {
  const { more: _, ...row } = reply;
  const known = draft.rows.get(row.id);
  if (known && known.seq >= row.seq) return;
  draft.rows.set(row.id, row);
  const later = draft.touched.get(row.id);
  if (!later) return;
  draft.touched.delete(row.id);
  touch(draft, later);
}

/** Counters alone: of a row that is not held they wait for it. */
function touch(draft: Draft, touched: Touched): void {
  const row = draft.rows.get(touched.id);
  if (!row) draft.touched.set(touched.id, touched);
  else if (row.seq < touched.seq) draft.rows.set(row.id, { ...row, ...touched });
}
