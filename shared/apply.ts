// The one reducer: what a reader holds of a thread, and how answers and deltas change it. Pure: every function returns
// a new state (or the same one where nothing changed). Used by the widget, the simulator and the tests.
import { relate } from './cursor.js';
import type { Page } from './protocol.js';
import type { Cursor, Delta, More, Reply, Snapshot, Thread } from './views.js';

/** The key of the roots in `Held.levels`. */
export const ROOTS = '';

/**
 * One list of siblings of which only some were fetched: the next page, and the last row of the pages so far. A row
 * of this list that is held but sorts behind `edge` arrived live: it is shown behind the "more" button.
 */
export interface Level {
  more: More;
  edge: Reply | null;
}

/** What a reader holds of a thread. Rows carry no `more`: that is kept in `levels`, by parent id (`ROOTS` for the roots). */
export interface Held {
  cursor: Cursor;
  thread: Thread;
  rows: ReadonlyMap<string, Reply>;
  levels: ReadonlyMap<string, Level>;
}

/** Starts over from a snapshot. */
export function fromSnapshot(snapshot: Snapshot): Held {
  const rows = new Map<string, Reply>();
  const levels = new Map<string, Level>();
  merge(rows, levels, snapshot.replies);
  setLevel(levels, ROOTS, snapshot.more, lastOf(snapshot.replies, null));
  return { cursor: snapshot.cursor, thread: snapshot.thread, rows, levels };
}

/**
 * Applies a delta that follows the cursor (CUR1 `next`) or is known already (`old`: returns the same state).
 * Throws a RangeError for a gap or another epoch: the caller has to join instead.
 */
export function applyDelta(held: Held, delta: Delta): Held {
  const relation = relate(held.cursor, delta);
  if (relation === 'old') return held;
  if (relation !== 'next') throw new RangeError(`delta (${delta.from}, ${delta.to}] does not follow: ${relation}`);
  const rows = new Map(held.rows);
  for (const reply of delta.replies) put(rows, reply);
  for (const touched of delta.touched ?? []) {
    const row = rows.get(touched.id);
    if (row && row.seq < touched.seq) rows.set(row.id, { ...row, ...touched });
  }
  return {
    cursor: { epoch: delta.epoch, seq: delta.to },
    thread: delta.info ?? held.thread,
    rows,
    levels: held.levels,
  };
}

/** Adds a page of the children of `parent` (null: the roots). Never moves the cursor (CUR2). */
export function applyPage(held: Held, parent: string | null, page: Page): Held {
  const rows = new Map(held.rows);
  const levels = new Map(held.levels);
  merge(rows, levels, page.replies);
  setLevel(levels, parent ?? ROOTS, page.more, lastOf(page.replies, parent));
  return { ...held, rows, levels };
}

/** Merges one row known from an acknowledgement; the cursor stays (CUR2). */
export function applyRow(held: Held, reply: Reply): Held {
  const rows = new Map(held.rows);
  put(rows, reply);
  return { ...held, rows };
}

function merge(rows: Map<string, Reply>, levels: Map<string, Level>, replies: readonly Reply[]): void {
  for (const reply of replies) put(rows, reply);
  const partial = replies.filter((reply) => reply.more && !levels.has(reply.id));
  if (partial.length === 0) return;
  const heldChildren = countBy(rows.values());
  const sentChildren = countBy(replies);
  for (const { id, more } of partial) {
    // A page may repeat a row with fewer of its children than are held already: then nothing is missing.
    const total = (sentChildren.get(id) ?? 0) + more!.count;
    if ((heldChildren.get(id) ?? 0) < total) levels.set(id, { more: more!, edge: lastOf(replies, id) });
  }
}

/** How many of these are children of each parent. */
function countBy(replies: Iterable<Reply>): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const { parent } of replies) counts.set(parent, (counts.get(parent) ?? 0) + 1);
  return counts;
}

/** Rows merge by id; the higher seq wins (CUR3). */
function put(rows: Map<string, Reply>, reply: Reply): void {
  const known = rows.get(reply.id);
  if (known && known.seq >= reply.seq) return;
  const { more: _, ...row } = reply;
  rows.set(reply.id, row);
}

function setLevel(levels: Map<string, Level>, key: string, more: More | null, edge: Reply | null): void {
  if (more) levels.set(key, { more, edge: edge ?? levels.get(key)?.edge ?? null });
  else levels.delete(key);
}

/** The last child of `parent` in the order in which the server sent them. */
function lastOf(replies: readonly Reply[], parent: string | null): Reply | null {
  return replies.findLast((reply) => reply.parent === parent) ?? null;
}
