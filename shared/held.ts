// What a reader holds of a thread, and how it begins: the part of the reducer that is needed to read the first page.
// Owns the shape; how live answers change it is `apply.ts`.
import type { Cursor, More, Reply, Snapshot, Thread, Touched } from './views.js';

/** The key of the roots in `Held.levels`. */
export const ROOTS = '';

/** What a reader holds of a thread: never changed, always replaced. */
export interface Held {
  cursor: Cursor;
  thread: Thread;
  /**
   * The seq of the snapshot that it began with. Deltas are contiguous from there, so every row born in
   * `(since, cursor.seq]` is held; one born earlier is held where a page gave it, or where it changed since.
   */
  since: number;
  /** By id. Rows carry no `more`: that is in `levels`. */
  rows: ReadonlyMap<string, Reply>;
  /** Ids that the snapshot or a page gave, siblings in the server's order. */
  paged: ReadonlySet<string>;
  /** The lists of siblings of which only some were fetched, and where they go on: by parent id, or `ROOTS`. */
  levels: ReadonlyMap<string, More>;
  /** The last counters of rows that are not held: a page that was read before they changed may bring the row later. */
  touched: ReadonlyMap<string, Touched>;
}

/** Starts over from a snapshot. */
export function fromSnapshot({ cursor, thread, replies, more }: Snapshot): Held {
  const rows = new Map<string, Reply>();
  const levels = new Map<string, More>();
  if (more) levels.set(ROOTS, more);
  for (const { more: left, ...row } of replies) {
    rows.set(row.id, row);
    if (left) levels.set(row.id, left);
  }
  return { cursor, thread, since: cursor.seq, rows, paged: new Set(rows.keys()), levels, touched: new Map() };
}
