// How live answers change what is known of a discussion: the writing side of `ThreadState`, loaded with the socket.
// Owns which rows count as arrivals, which of them are held back, and what is known while the page is paused. Knows no
// socket, timer or storage.
import { applyDelta, applyLocated, applyPage, applyRow, applySnapshot } from '../../shared/apply.js';
import { fromSnapshot, ROOTS, type Held } from '../../shared/held.js';
import type { Located, Page } from '../../shared/protocol.js';
import type { Author, Cursor, Delta, Me, Mine, More, Reply } from '../../shared/views.js';
import type { Reached } from './reach.js';
import type { Rest } from './rest.js';
import type { ThreadState } from './thread.js';
import type { OutboxEntry } from './types.js';

export class Feed {
  readonly #state: ThreadState;
  /** While paused, what is known by now: the state keeps what was known then. */
  ahead: Held | null = null;
  /** Once many have arrived: what of them is counted instead of held. */
  rest: Rest | null = null;

  constructor(state: ThreadState) {
    this.#state = state;
  }

  get cursor(): Cursor | null {
    return this.#known?.cursor ?? null;
  }

  /** Leaves what is shown as it is, but for what this reader does; or shows at once what came meanwhile. */
  setPaused(paused: boolean): void {
    const next = this.ahead;
    if (paused) this.ahead ??= this.#state.held;
    else if (next) {
      this.ahead = null;
      this.#show(next, next.rows.values());
    }
  }

  /**
   * Takes the answer to a join. A snapshot never blanks what is read: it replaces the confirmed rows, keeps the own ones
   * on their way, and holds back what is new in it. Throws a RangeError for a delta that does not follow.
   */
  joined(answer: Reached): void {
    const held = this.#known;
    const { you, rules } = answer;
    if (answer.mode === 'delta') {
      const { votes, reactions } = this.#state.you ?? {};
      const before = { votes: { ...votes }, reactions: { ...reactions } };
      for (const { id } of answer.delta.replies) {
        delete before.votes[id];
        delete before.reactions[id];
      }
      this.#state.change({ you: { ...you, ...before }, rules });
      this.mine(you);
      this.delta(answer.delta);
      this.#uncover();
    } else {
      this.#state.change({ you, rules });
      const next = held ? applySnapshot(held, answer, answer.reached) : fromSnapshot(answer);
      this.rest?.begin();
      this.#take(next, next.rows.values());
    }
    this.#state.change({ phase: { is: 'ready' } });
  }

  /** Applies a delta that follows or is known. Throws a RangeError for any other (CUR1). */
  delta(delta: Delta): void {
    const held = this.#known;
    if (!held) throw new RangeError('Not joined.');
    const next = applyDelta(held, delta);
    if (next === held) return;
    this.rest?.thin(next, held, delta, (reply) => this.#isOwn(reply));
    this.#take(next, delta.replies);
  }

  /**
   * Adds the page that was asked for with `asked`, at once visible. False: it is the answer to a question that a
   * snapshot has overtaken, and was left out.
   */
  page(parent: string | null, asked: More, page: Page): boolean {
    const { held, back } = this.#state;
    const list = parent ?? ROOTS;
    if (held?.levels.get(list) !== asked) return false;
    this.mine(page.mine);
    const shown = new Set(back);
    for (const { id } of page.replies) shown.delete(id);
    const add = (to: Held, as: Page): Held => this.#given(as, to, applyPage(to, parent, as));
    const next = add(held, page);
    if (this.ahead) {
      const level = this.ahead.levels.get(list) ?? null;
      this.ahead = add(this.ahead, level?.after === asked.after ? page : { ...page, more: level });
    }
    const extra = extraOf(next, this.#state.pending);
    this.#state.change({ held: next, back: this.#withoutOwn(shown, next), extra });
    return true;
  }

  /** Takes in a reply that was looked for, asked for in this epoch. */
  located(located: Located, epoch: string | undefined): void {
    const { held } = this.#state;
    if (!held || held.cursor.epoch !== epoch) return;
    this.mine(located.mine);
    const add = (to: Held): Held => this.#given(located, to, applyLocated(to, located));
    if (this.ahead) this.ahead = add(this.ahead);
    this.#state.change({ held: add(held) });
  }

  /** Merges a row from an acknowledgement that was asked for in this epoch. */
  row(reply: Reply, epoch: string | undefined): void {
    const held = this.#known;
    if (!held || held.cursor.epoch !== epoch) return;
    this.#take(this.#given({ replies: [reply] }, held, applyRow(held, reply)), [reply], true);
  }

  /** The own replies on their way. */
  pending(pending: readonly OutboxEntry[], author: Author): void {
    const drafts = pending.map((entry) => draftOf(entry, author, this.#state.get(entry.parent ?? ROOTS)));
    this.#state.change({ pending, drafts, extra: extraOf(this.#state.held, pending) });
    this.#uncover();
  }

  /** Who this reader is from now on: somebody may write and vote. */
  me(me: Me): void {
    this.#state.change({ you: { votes: {}, ...this.#state.you, me, can: { write: true, vote: true } } });
    this.#uncover();
  }

  /** What this reader has chosen on the replies of an answer. */
  mine(mine?: Mine): void {
    const { you } = this.#state;
    if (!you || !mine) return;
    const now = { votes: { ...you.votes, ...mine.votes }, reactions: { ...you.reactions, ...mine.reactions } };
    this.#state.change({ you: { ...you, ...now } });
  }

  #given({ replies }: Pick<Page, 'replies'>, before: Held, next: Held): Held {
    this.rest?.given(next, before, replies);
    return next;
  }

  get #known(): Held | null {
    return this.ahead ?? this.#state.held;
  }

  /** While paused only what this reader did is shown: `isOwn`, or own rows. */
  #take(next: Held, changed: Iterable<Reply>, isOwn = false): void {
    const { held, back, pending } = this.#state;
    if (!this.ahead || !held) return this.#show(next, changed);
    this.ahead = next;
    let shown = held;
    for (const row of changed) if (isOwn || this.#isOwn(row)) shown = applyRow(shown, row);
    this.#state.change({ held: shown, back: this.#withoutOwn(back, shown), extra: extraOf(shown, pending) });
  }

  /** Another thread, or one that went back, begins anew. */
  #show(next: Held, changed: Iterable<Reply>): void {
    const { held, pending } = this.#state;
    const isSame = held?.cursor.epoch === next.cursor.epoch && held.cursor.seq <= next.cursor.seq;
    if (isSame) this.#replace(held, next, changed);
    else this.#state.change({ held: next, back: new Set(), fresh: new Set(), extra: extraOf(next, pending) });
  }

  /** Shows `next`, but for what others wrote meanwhile: that waits behind the pill. */
  #replace(held: Held, next: Held, changed: Iterable<Reply>): void {
    const back = new Set([...this.#state.back].filter((id) => next.rows.has(id)));
    const fresh = new Set(this.#state.fresh);
    for (const { id } of changed) {
      const row = next.rows.get(id);
      if (!row || row.born <= held.cursor.seq || held.rows.has(id) || this.#isOwn(row)) continue;
      back.add(id);
      fresh.add(id);
    }
    const extra = extraOf(next, this.#state.pending);
    this.#state.change({ held: next, back: this.#withoutOwn(back, next), fresh, extra });
  }

  /** Who this reader is, or what it writes, has changed. */
  #uncover(): void {
    const { held, back } = this.#state;
    if (held) this.#state.change({ back: this.#withoutOwn(back, held) });
  }

  /** Nothing is held back that this reader wrote, or that it answers: these are never out of their writer's sight. */
  #withoutOwn(ids: ReadonlySet<string>, { rows }: Pick<Held, 'rows'>): Set<string> {
    const back = new Set(ids);
    if (back.size === 0) return back;
    for (const row of [...rows.values(), ...this.#state.drafts]) {
      if (!this.#isOwn(row)) continue;
      for (let up: Reply | undefined = row; up; up = rows.get(up.parent ?? ROOTS)) back.delete(up.id);
    }
    return back;
  }

  #isOwn({ id, author }: Reply): boolean {
    const { you, pending } = this.#state;
    return author.id === you?.me?.id || pending.some((entry) => entry.id === id);
  }
}

/** What the thread's own count does not hold yet: rows ahead of the cursor, and own ones on their way. */
function extraOf(held: Held | null, pending: readonly OutboxEntry[]): number {
  let extra = 0;
  for (const { born } of held?.rows.values() ?? []) if (born > held!.cursor.seq) extra++;
  for (const { id, state } of pending) if (state !== 'failed' && !held?.rows.has(id)) extra++;
  return extra;
}

/** How an entry of the outbox looks until the server has answered; `above` is what it answers, where that is held. */
export function draftOf({ id, parent, createdAt }: OutboxEntry, author: Author, above?: Reply): Reply {
  return {
    id,
    parent,
    root: above?.root ?? id,
    depth: above ? above.depth + 1 : 0,
    born: 0,
    seq: 0,
    rev: 1,
    author,
    html: '',
    createdAt: new Date(createdAt).toISOString(),
    state: 'published',
    score: 0,
    replies: 0,
  };
}
