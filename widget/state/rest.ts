// Of a stream that waits, what is beyond a bound: counted, not held, and behind the buttons of its lists when it is asked for.
// So that what a page holds does not grow with how long it is open. Owns what is left out and the way back to it; loaded
// where many arrive.
import { ROOTS, type Held } from '../../shared/held.js';
import type { Located } from '../../shared/protocol.js';
import type { More, Reply } from '../../shared/views.js';
import type { Feed } from './feed.js';
import type { ThreadState } from './thread.js';
import type { LiveThread, Outcome } from './types.js';

/** Arrivals that are held while they wait. */
const WAITING_MAX = 200;
/** Counters that are kept for rows that are not held: more than change while a page is on its way. */
const TOUCHED_MAX = 1_000;
/** Where a list goes on is not known yet: it is asked for behind the last reply of it that is held. */
const SOMEWHERE = '';

export class Rest {
  /** Replies of others that are left out and can be read. */
  count = 0;
  readonly #state: ThreadState;
  readonly #feed: Feed;
  readonly #live: Pick<LiveThread, 'read' | 'more'>;
  /** The state that it belongs to, and the seq up to which every row is held; what is born later is left out. */
  #from: { epoch: string; since: number; until: number } | null = null;
  /** Rows that are left out, by what they answer, where that is held. */
  readonly #lists = new Map<string, number>();

  constructor(state: ThreadState, feed: Feed, live: Pick<LiveThread, 'read' | 'more'>) {
    this.#state = state;
    this.#feed = feed;
    this.#live = live;
  }

  /** Takes out of `next`, which a delta has just made of `before`, what is too much. `isOwn`: never left out. */
  thin(next: Held, before: Held, changed: readonly Reply[], isOwn: (reply: Reply) => boolean): void {
    const [rows, touched] = [next.rows as Map<string, Reply>, next.touched as Map<string, unknown>];
    const { held, back } = this.#state;
    const { epoch } = next.cursor;
    if (this.#from?.epoch !== epoch || this.#from.since !== next.since) this.#begin();
    const waiting = back.size + rows.size - (held?.rows.size ?? 0);
    if (waiting > WAITING_MAX) this.#from ??= { epoch, since: next.since, until: before.cursor.seq };
    for (const row of changed) {
      if (!this.#from || row.born <= this.#from.until || next.paged.has(row.id) || isOwn(row)) continue;
      rows.delete(row.id);
      const isNew = row.born > before.cursor.seq;
      const isRead = row.state === 'published';
      if (isNew === isRead) this.count += isNew ? 1 : -1;
      const list = row.parent ?? ROOTS;
      if (isNew && (list === ROOTS || rows.has(list))) this.#lists.set(list, (this.#lists.get(list) ?? 0) + 1);
    }
    for (const id of touched.keys()) if (touched.size > TOUCHED_MAX) touched.delete(id);
  }

  #begin(): void {
    this.#from = null;
    this.count = 0;
    this.#lists.clear();
  }

  /** Oldest first: puts what is left out behind the buttons of its lists. */
  open(): void {
    const { held } = this.#state;
    if (!held || !this.#from) return;
    const levels = new Map(held.levels);
    for (const [list, count] of this.#lists) {
      const known = levels.get(list);
      levels.set(list, { after: known?.after ?? SOMEWHERE, count: count + (known?.count ?? 0) });
    }
    const arrived = [...held.rows.values()].filter(({ born }) => born > held.since).map(({ id }) => id);
    const paged = new Set([...held.paged, ...arrived]);
    this.#begin();
    this.#state.change({ held: { ...held, since: held.cursor.seq, paged, levels } });
  }

  /** The next page of a list of which it is not known where it goes on; null: it is, and `LiveThread.more` has it. */
  async more(parent: string | null): Promise<Outcome<unknown> | null> {
    const { held, sort } = this.#state;
    const asked = held?.levels.get(parent ?? ROOTS);
    if (!held || asked?.after !== SOMEWHERE) return null;
    const list = [...held.paged].map((id) => held.rows.get(id)!).filter((row) => row.parent === parent);
    const last = list.reduce<Reply | null>((a, b) => (a && a.born > b.born ? a : b), null);
    if (!last) return null;
    const answer = await this.#live.read('thread:locate', { id: last.id, sort });
    if (answer.ok) this.#feed.page(parent, asked as More, answer.data satisfies Located);
    return answer;
  }
}
