// Of a stream that waits, what is beyond a bound: counted, not held, and behind the buttons of its lists when it is asked for.
// So that what a page holds does not grow with how long it is open. Owns what is left out and the way back to it; loaded
// where many arrive.
import { fromSnapshot, ROOTS, type Held } from '../../shared/held.js';
import type { Located } from '../../shared/protocol.js';
import type { Delta, More, Reply, Snapshot, Touched } from '../../shared/views.js';
import type { Feed } from './feed.js';
import type { ThreadState } from './thread.js';
import type { LiveThread, Outcome } from './types.js';

/** Arrivals that are held while they wait. */
const WAITING_MAX = 200;
/** What is kept of rows that are not held (counters, which are gone): more than change while a page is on its way. */
const KEPT_MAX = 1_000;
/** Where a list goes on is not known yet: before the id of the last reply up to which it is held without a gap. */
const BEHIND = '@';

export class Rest {
  /** Replies of others that are left out and can be read. */
  get count(): number {
    return this.#state.apart;
  }

  readonly #state: ThreadState;
  readonly #feed: Feed;
  readonly #live: Pick<LiveThread, 'read'>;
  readonly #max: number;
  /** The seq up to which every row born since the snapshot is held; what is born later is left out. */
  until = Infinity;
  /** How many were ever left out. */
  counted = 0;
  /** How many rows are left out, by what they answer. */
  readonly #lists = new Map<string, number>();
  /** Of those the ones that are removed, and so not counted: they may be told of twice, and be brought back. */
  readonly #gone = new Set<string>();
  /** What was taken note of last. */
  #given: readonly Reply[] = [];

  constructor(state: ThreadState, feed: Feed, live: Pick<LiveThread, 'read'>, max = WAITING_MAX) {
    this.#state = state;
    this.#feed = feed;
    this.#live = live;
    this.#max = max;
  }

  /** What a paused page does not show: new replies, those that were edited or removed, and whether it was closed or opened. */
  get changes(): number {
    const { held } = this.#state;
    const { ahead } = this.#feed;
    if (!ahead || !held) return 0;
    let changes = this.count + Number(ahead.thread.state !== held.thread.state);
    for (const { id, rev, state, born } of ahead.rows.values()) {
      const shown = held.rows.get(id);
      const isNew = born > held.cursor.seq && state === 'published';
      if (shown ? shown.rev !== rev || shown.state !== state : isNew) changes++;
    }
    // After a long gap more is known of them all than of each.
    return Math.max(changes, ahead.thread.count - held.thread.count);
  }

  /**
   * Takes out of `next`, which `delta` has just made of `before`, what is too much: arrivals that would have waited.
   * `isOwn`: this reader's, which are never left out.
   */
  thin(next: Held, before: Held, { replies, left }: Delta, isOwn: (reply: Reply) => boolean): void {
    const [rows, touched] = [next.rows as Map<string, Reply>, next.touched as Map<string, Touched>];
    const { held, back } = this.#state;
    const waiting = back.size + rows.size - (held?.rows.size ?? 0);
    if (waiting > this.#max || left) this.until = Math.min(this.until, before.cursor.seq);
    if (left) this.#leave(before, left);
    for (const row of replies) {
      const { id, born, seq, state } = row;
      if (born <= this.until || before.rows.has(id)) continue;
      const isNew = born > before.cursor.seq;
      if (isOwn(row)) {
        if (!isNew) this.#found(row);
        continue;
      }
      rows.delete(id);
      if (isNew) this.#add(row.parent ?? ROOTS, 1);
      const [was, is] = [!isNew && !this.#gone.has(id), state === 'published'];
      this.#count(Number(is) - Number(was));
      if (is) this.#gone.delete(id);
      else this.#gone.add(id);
      // A page that is on its way may bring it as it was.
      if (seq > born) touched.set(id, row);
    }
    for (const kept of [touched, this.#gone]) for (const id of kept.keys()) if (kept.size > KEPT_MAX) kept.delete(id);
  }

  /**
   * Takes note of `replies` that the server gave, of which `next` was just made of `before`: they are left out no more.
   * What answers those that are new may have been left out with them, so it is behind their buttons.
   */
  given(next: Held, before: Held, replies: readonly Reply[]): void {
    // Of a paused page it is told twice: for what is shown, and for what is known.
    const isFirst = before.cursor === this.#feed.cursor && replies !== this.#given;
    if (isFirst) this.#given = replies;
    for (const row of replies) {
      const { id, born, more } = row;
      if (born <= this.until || before.rows.has(id)) continue;
      if (more) (next.levels as Map<string, More>).set(id, more);
      if (isFirst && born <= before.cursor.seq) this.#found(row);
    }
  }

  /** One that was left out is held from now on. */
  #found({ id, parent }: Reply): void {
    if (!this.#gone.delete(id)) this.#count(-1);
    this.#add(parent ?? ROOTS, -1);
  }

  /** What the server left out (CUR9). An own one may be known by its acknowledgement. */
  #leave({ cursor, rows }: Held, left: Record<string, number[]>): void {
    const ahead = new Set<number>();
    for (const { born } of rows.values()) if (born > cursor.seq) ahead.add(born);
    for (const [list, births] of Object.entries(left)) {
      const unknown = births.filter((born) => born > cursor.seq && !ahead.has(born)).length;
      this.#count(unknown);
      this.#add(list, unknown);
    }
  }

  #count(more: number): void {
    this.#state.apart += more;
    this.counted += Math.max(more, 0);
  }

  #add(list: string, more: number): void {
    const count = (this.#lists.get(list) ?? 0) + more;
    if (count > 0) this.#lists.set(list, count);
    else this.#lists.delete(list);
  }

  /** Nothing is left out any more: another snapshot was taken. */
  begin(): void {
    this.until = Infinity;
    this.#state.apart = 0;
    this.#lists.clear();
    this.#gone.clear();
  }

  /**
   * In another order: what is left out stands at the top of `page`, a new first page. A shared cache may have kept it while
   * more was read, which stays: what was shown is not taken away again.
   */
  restart(page: Snapshot): void {
    const { held } = this.#state;
    const next = fromSnapshot(page);
    const { epoch, seq } = next.cursor;
    const ahead = [...(held?.cursor.epoch === epoch ? held.rows.values() : [])].filter((row) => row.seq > seq);
    for (const row of ahead) (next.rows as Map<string, Reply>).set(row.id, row);
    this.begin();
    this.#state.change({ held: next, back: new Set(), fresh: new Set() });
  }

  /** Oldest first: puts what is left out behind the buttons of its lists. */
  open(): void {
    const { held } = this.#state;
    if (!held || this.until === Infinity) return;
    const rows = [...held.rows.values()];
    const arrived = rows.filter(({ born }) => born > held.since).map(({ id }) => id);
    const paged = new Set([...held.paged, ...arrived]);
    // Own ones behind that stand beyond a gap.
    const last = new Map<string, Reply>();
    for (const row of rows) {
      const list = row.parent ?? ROOTS;
      if (paged.has(row.id) && row.born <= this.until && row.born > (last.get(list)?.born ?? 0)) last.set(list, row);
    }
    // Each is another object: a page that is on its way was read before what is left out, and is not waited for.
    const levels = new Map([...held.levels].map(([list, level]) => [list, { ...level }]));
    for (const [list, count] of this.#lists) {
      if (list !== ROOTS && !held.rows.has(list)) continue;
      const [known, behind] = [levels.get(list), last.get(list)];
      const after = known?.after ?? (behind ? BEHIND + behind.id : '');
      levels.set(list, { after, count: count + (known?.count ?? 0) });
    }
    this.begin();
    this.#state.change({ held: { ...held, since: held.cursor.seq, paged, levels } });
  }

  /** The next page of a list of which it is not known where it goes on; null: it is, and `LiveThread.more` has it. */
  async more(parent: string | null): Promise<Outcome<unknown> | null> {
    const { held, sort } = this.#state;
    const asked = held?.levels.get(parent ?? ROOTS);
    if (!asked?.after.startsWith(BEHIND)) return null;
    const answer = await this.#live.read('thread:locate', { id: asked.after.slice(BEHIND.length), sort });
    if (answer.ok) this.#feed.page(parent, asked, answer.data satisfies Located);
    return answer;
  }
}
