// The recent changes of one active thread, in memory, so that returning readers cost no query (PUMP5). Owns merging
// and the window; knows nothing of sockets or of the database.
import { CATCH_UP_ROWS_MAX } from '../../shared/limits.js';
import { counterOf, type Change, type CounterRow, type ReplyRow, type ThreadRow } from '../store/store.js';

/**
 * A window `(start, head]` over the changes of a thread, as rows by their last change. A row that changes again moves
 * to its new place, so the window holds each row once; beyond `CATCH_UP_ROWS_MAX` rows the oldest leave it.
 *
 * Every change that enters is contiguous with the last one, so that a row whose text changed within the window was
 * seen in full, and can be answered in full.
 */
export class Recent {
  #thread: ThreadRow;
  #start: number;
  /** By id, in the order of their seq: a row that changes is deleted and set again. */
  readonly #rows = new Map<string, ReplyRow | CounterRow>();

  constructor(thread: ThreadRow) {
    this.#thread = thread;
    this.#start = thread.head;
  }

  get thread(): ThreadRow {
    return this.#thread;
  }

  get epoch(): string {
    return this.#thread.epoch;
  }

  /** What it holds is later than this. */
  get start(): number {
    return this.#start;
  }

  /** How far it has been fed. */
  get head(): number {
    return this.#thread.head;
  }

  /** Feeds the next change. Throws a RangeError where it doesn't begin at `head`. */
  add(change: Change): void {
    if (change.from !== this.head) throw new RangeError(`change from ${change.from} does not follow ${this.head}`);
    const changed: (ReplyRow | CounterRow)[] = [...change.rows, ...change.counters];
    for (const row of changed.sort((a, b) => a.seq - b.seq)) {
      const known = this.#rows.get(row.id);
      this.#rows.delete(row.id);
      this.#rows.set(row.id, merged(known, row));
    }
    this.#thread = change.thread;
    this.#trim();
  }

  /**
   * Lets the window reach further back, by what was read of the database after an earlier seq, so that whoever comes next
   * with that cursor costs no read. Does nothing where a gap would be left, or where the read knows more than the window: a
   * row that has changed since `head` is told there as it is later.
   */
  extend({ thread, from, to, rows, counters }: Change): void {
    if (thread.epoch !== this.epoch || from >= this.#start || to < this.#start || to > this.head) return;
    const read = [...rows, ...counters].sort((a, b) => a.seq - b.seq);
    const byId = new Map<string, ReplyRow | CounterRow>(read.map((row) => [row.id, row]));
    const later = [...this.#rows];
    const before = read.filter(({ id }) => !this.#rows.has(id));
    this.#rows.clear();
    for (const row of before) this.#rows.set(row.id, row);
    for (const [id, row] of later) this.#rows.set(id, merged(byId.get(id), row));
    this.#start = from;
    this.#trim();
  }

  #trim(): void {
    for (const [id, row] of this.#rows) {
      if (this.#rows.size <= CATCH_UP_ROWS_MAX) return;
      this.#rows.delete(id);
      this.#start = Math.max(this.#start, row.seq);
    }
  }

  /** Everything after `seq`; null where the window doesn't reach back that far (or `seq` is ahead of it). */
  since(seq: number): Change | null {
    if (seq < this.#start || seq > this.head) return null;
    const rows: ReplyRow[] = [];
    const counters: CounterRow[] = [];
    for (const row of this.#rows.values()) {
      if (row.seq <= seq) continue;
      if (isFull(row) && row.bodySeq > seq) rows.push(row);
      else counters.push(counterOf(row));
    }
    return { thread: this.#thread, from: seq, to: this.head, rows, counters };
  }
}

/** A row as it is now, and in full where it was known in full before. */
function merged(known: ReplyRow | CounterRow | undefined, row: ReplyRow | CounterRow): ReplyRow | CounterRow {
  return isFull(row) || !known || !isFull(known) ? row : { ...known, ...row };
}

function isFull(row: ReplyRow | CounterRow): row is ReplyRow {
  return 'bodySeq' in row;
}
