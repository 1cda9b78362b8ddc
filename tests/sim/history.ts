// What the thread was at every seq, and whether what a reader holds fits to it. The judge of a simulation: it shares no
// code with what it judges but the server's presenter.
import { isDeepStrictEqual } from 'node:util';
import { presentReply, presentThread } from '../../server/threads/present.js';
import type { Change, ReplyRow } from '../../server/store/store.js';
import type { Held } from '../../shared/held.js';
import type { Reply, Thread } from '../../shared/views.js';

export class History {
  /** Every version of each row, oldest first. */
  readonly #versions = new Map<string, Reply[]>();
  /** The ends of commits, and the thread as it was there. */
  readonly #infos = new Map<number, Thread>();
  readonly #bornAt: string[] = [];
  /** Rows that were found to fit; they are never changed, so once is enough. */
  readonly #checked = new WeakSet<Reply>();
  readonly #countsAhead: boolean;
  head = 0;

  /** `countsAhead`: what somebody chose is shown with the answer, before the row has come with its seq. */
  constructor(countsAhead = false) {
    this.#countsAhead = countsAhead;
  }

  /** Takes a commit; `rows` are those that it changed, in full. */
  record(change: Change, rows: readonly ReplyRow[]): void {
    this.#infos.set(change.to, presentThread(change.thread));
    this.head = change.to;
    for (const row of rows) {
      const reply = presentReply(row);
      const versions = this.#versions.get(row.id);
      if (versions) versions.push(reply);
      else this.#versions.set(row.id, [reply]);
      if (row.born > change.from) this.#bornAt[row.born] = row.id;
    }
  }

  /** The rows as they are now. */
  get rows(): Map<string, Reply> {
    return new Map([...this.#versions].map(([id, versions]) => [id, versions.at(-1)!]));
  }

  /** Ids whose text, as it was first written, held these words. */
  idsWith(words: string): string[] {
    return [...this.#versions].flatMap(([id, [first]]) => (first!.html.includes(words) ? [id] : []));
  }

  /**
   * What is wrong with a reader who says that it has read up to its cursor; null: nothing. No row may be older than the
   * cursor says, none may be something that never was, and of all born since its snapshot, up to `until`, none may be
   * missing.
   */
  faultOf(held: Held, until = Infinity): string | null {
    const { seq } = held.cursor;
    const info = this.#infos.get(seq);
    if (seq > 0 && !info) return `the cursor ${seq} lies inside a commit, or ahead of the thread (${this.head})`;
    if (info && !isDeepStrictEqual(info, held.thread))
      return `the thread at ${seq} was ${json(info)}, not ${json(held.thread)}`;
    for (const row of held.rows.values()) {
      const fault = this.#faultOfRow(row, seq);
      if (fault) return fault;
    }
    for (let born = held.since + 1; born <= Math.min(seq, until); born++) {
      const id = this.#bornAt[born];
      if (id !== undefined && !held.rows.has(id)) return `reply ${id}, born at ${born}, is missing at ${seq}`;
    }
    return null;
  }

  #faultOfRow(row: Reply, cursor: number): string | null {
    const versions = this.#versions.get(row.id);
    if (!versions) return `reply ${row.id} never was`;
    const last = versions.findLast((version) => version.seq <= cursor);
    if (last && row.seq < last.seq) return `reply ${row.id} is as of ${row.seq}, but was ${last.seq} at ${cursor}`;
    if (this.#checked.has(row)) return null;
    const same = versions.find((version) => version.seq === row.seq);
    const counts = this.#countsAhead ? { score: 0, reactions: {} } : {};
    if (!same || !isDeepStrictEqual({ ...same, ...counts }, { ...row, ...counts }))
      return `at ${row.seq} the reply was ${json(same)}, not ${json(row)}`;
    this.#checked.add(row);
    return null;
  }
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
