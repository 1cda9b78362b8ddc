// After a gap that is too long to be told, the answer to a join is the first page alone. Before it takes the place of what
// is held, this fetches what else stands in sight, so that who reads on goes on reading where they are (CUR10). Owns how far that
// goes; changes nothing that is held. Loaded then.
import { applyLocated, applyPage } from '../../shared/apply.js';
import { fromSnapshot, ROOTS, type Held } from '../../shared/held.js';
import { PAGE_MAX } from '../../shared/limits.js';
import type { Answer, DataOf, JoinAnswer, Located, Page, RequestName, RequestOf } from '../../shared/protocol.js';
import type { Reply, Snapshot, You } from '../../shared/views.js';
import type { Clock } from './clock.js';
import type { ThreadState } from './thread.js';
import { buildTree } from './tree.js';
import type { Node } from './types.js';

export const BOUNDS = {
  /** Who has more in sight than these bring loses sight of the rest. Of one line the server takes 60 at once. */
  requests: 30,
  /** After this long a page that is up to date is worth more than one that has not moved. */
  ms: 20_000,
  /** Who has more than this between the first page and what came live keeps that alone, without what is between. */
  between: 200,
  /** The newest first, what is new stands between: it is fetched, so that one can read on behind it. */
  news: 1_000,
};
/** Requests without an answer, one after the other, until the line is taken for dead; once, for the server may have none. */
const UNANSWERED_MAX = 2;

/** An answer to a join, and what is held by it and by what was fetched after it. */
export type Reached = JoinAnswer & { reached?: Held };

/** The part of the line that is needed here. */
export interface ReachLine {
  readonly connected: boolean;
  request<N extends RequestName>(name: N, payload: RequestOf<N>): Promise<Answer<DataOf<N>> | null>;
  restart(): void;
}

export class Reach {
  readonly #state: ThreadState & { held: Held };
  readonly #line: ReachLine;
  readonly #clock: Clock;
  readonly #bounds: typeof BOUNDS;
  /** A line that said nothing was given up for another one. */
  #isAnother = false;

  /** Of a `state` that holds something. */
  constructor(state: ThreadState, line: ReachLine, clock: Clock, bounds = BOUNDS) {
    this.#state = state as ThreadState & { held: Held };
    this.#line = line;
    this.#clock = clock;
    this.#bounds = bounds;
  }

  /** What stands in sight by now, on top of `answer`; where that can't be had, as far as it got. When the line is lost nobody waits for it. */
  async reach(answer: JoinAnswer & Snapshot): Promise<Reached> {
    const { you: before } = this.#state;
    const mine = { votes: { ...answer.you.votes }, reactions: { ...answer.you.reactions } };
    /** What there is no more. */
    const gone = new Set<string>();
    let reached = fromSnapshot(answer);
    let unanswered = 0;
    const end = this.#clock.now() + this.#bounds.ms;
    for (let requests = 0; requests < this.#bounds.requests && this.#clock.now() < end; requests++) {
      const next = this.#next(reached, gone);
      if (!next) {
        this.#isAnother = false;
        break;
      }
      const { row, list } = next;
      const got = await (list === null ? this.#locate(row, reached) : this.#page(list, reached));
      if (got?.ok) {
        const { data } = got;
        unanswered = 0;
        reached = list === null ? applyLocated(reached, data) : applyPage(reached, list || null, data);
        Object.assign(mine.votes, data.mine?.votes);
        Object.assign(mine.reactions, data.mine?.reactions);
        if (list === null && !reached.rows.has(row.id)) gone.add(row.id);
      } else if (!got) {
        if (!this.#line.connected) break;
        if (++unanswered < UNANSWERED_MAX) continue;
        if (!this.#isAnother) this.#line.restart();
        this.#isAnother = !this.#isAnother;
        break;
      } else if (got.error.retryAfterMs) await this.#wait(Math.min(got.error.retryAfterMs, end - this.#clock.now()));
      else if (list === null) gone.add(row.id);
      else break;
    }
    return { ...answer, you: this.#since(before, { ...answer.you, ...mine }), reached: this.#placed(reached) };
  }

  /** What was acknowledged meanwhile, of a choice or of who this is, is newer than what the answers told of it: `told`. */
  #since(before: You | null, told: You): You {
    const { you } = this.#state;
    if (!you || you === before) return told;
    const votes = newer(you.votes, before?.votes, told.votes);
    const reactions = newer(you.reactions, before?.reactions, told.reactions);
    const { me, can } = you.me === before?.me ? told : you;
    return { ...told, me, can, votes, reactions };
  }

  /**
   * What came alone stands where it stood, too; what is between is behind the button of its list. With all that came below it:
   * its own list goes on behind that, whatever a page of it will say.
   */
  #placed(reached: Held): Held {
    const paged = new Set(reached.paged);
    const place = ({ id }: Reply): void => {
      if (paged.has(id)) return;
      paged.add(id);
      for (const row of reached.rows.values()) if (row.parent === id) place(row);
    };
    for (const row of inSight(this.#state)) if (reached.rows.has(row.id) && !isFound(row, this.#state.held)) place(row);
    return { ...reached, paged };
  }

  /**
   * What is to be fetched next: the first row in sight that is not there, top lists first: by them the others are found. `list`:
   * the one whose next page may have it; null: it is looked for alone.
   */
  #next(reached: Held, gone: Set<string>): { row: Reply; list: string | null } | null {
    const { held, sort } = this.#state;
    const { between, news } = this.#bounds;
    const isFarBelow = sort === 'newest' && reached.thread.count - held.thread.count > news;
    for (const row of inSight(this.#state)) {
      const { id } = row;
      if (gone.has(id) || reached.paged.has(id)) continue;
      const list = row.parent ?? ROOTS;
      const isFarBehind = sort !== 'newest' && !held.paged.has(id) && (held.levels.get(list)?.count ?? 0) > between;
      if (isFound(row, held) || isFarBelow || isFarBehind) {
        if (!reached.rows.has(id)) return { row, list: null };
      } else if (reached.levels.has(list)) {
        if (sort === 'best' || !isPast(row, sort, reached)) return { row, list };
        gone.add(id);
      }
    }
    return null;
  }

  #page(list: string, { thread, levels }: Held): Promise<Answer<Page> | null> {
    const after = levels.get(list)?.after || undefined;
    const page = { thread: thread.id, parent: list || null, sort: this.#state.sort, limit: PAGE_MAX };
    return this.#line.request('thread:page', { ...page, after });
  }

  #locate({ id }: Reply, { thread }: Held): Promise<Answer<Located> | null> {
    return this.#line.request('thread:locate', { thread: thread.id, id, sort: this.#state.sort });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimeout(resolve, ms));
  }
}

/** `told`, but for what has changed between `before` and `now`. */
function newer<T>(
  now: Record<string, T> = {},
  before: Record<string, T> = {},
  told: Record<string, T> = {},
): Record<string, T> {
  const all = { ...told };
  for (const id of Object.keys({ ...before, ...now })) {
    if (now[id] === before[id]) continue;
    delete all[id];
    if (now[id]) all[id] = now[id];
  }
  return all;
}

/** It was looked for, and no page brought it. */
function isFound({ id, born }: Reply, { paged, since }: Held): boolean {
  return !paged.has(id) && born <= since;
}

/** Top lists first; where a branch is shown alone also what is shown again when it is left. */
function* inSight(state: ThreadState & { held: Held }): Iterable<Reply> {
  for (const { roots } of [state.tree(), buildTree(state)]) {
    for (let nodes: readonly Node[] = roots; nodes.length > 0; nodes = nodes.flatMap(({ children }) => children)) {
      for (const { reply, pending } of nodes) if (!pending) yield reply;
    }
  }
}

/** By birth, what did not come where it stood is there no more. */
function isPast({ born, parent }: Reply, sort: 'oldest' | 'newest', { rows, paged }: Held): boolean {
  for (const id of paged) {
    const row = rows.get(id)!;
    if (row.parent === parent && (sort === 'oldest' ? row.born > born : row.born < born)) return true;
  }
  return false;
}
