// The use cases of choosing: votes and reactions on replies. Asks the policy, and folds what many choose at once into
// few commits (PUMP8). Knows neither sockets nor SQL.
import { AppError } from '../../shared/errors.js';
import type { DataOf, RequestOf } from '../../shared/protocol.js';
import type { Change, Choice, ReplyRow, Store } from '../store/store.js';
import type { Access } from './access.js';
import type { Choosing } from './choosing.js';
import { Folding } from './folding.js';
import { mustAccept, mustBeSomebody, mustStand, mustTakeVote, type Actor } from './policy.js';
import { rank } from './rank.js';
import type { Turns } from './turns.js';

export interface ChoicesOptions {
  store: Pick<Store, 'choose' | 'votes' | 'reactions'>;
  access: Access;
  turns: Turns;
  choosing: Pick<Choosing, 'chose'>;
  /** Hands on what was committed. */
  committed(change: Change): void;
}

interface Chosen {
  now: ReplyRow;
  /** The thread took none of them; one that stood already is none the worse for that. */
  isClosed: boolean;
}

export class Choices {
  readonly #store: ChoicesOptions['store'];
  readonly #access: Access;
  readonly #turns: Turns;
  readonly #choosing: Pick<Choosing, 'chose'>;
  readonly #committed: (change: Change) => void;
  readonly #folding: Folding<Choice, Chosen>;

  constructor({ store, access, turns, choosing, committed }: ChoicesOptions) {
    this.#store = store;
    this.#access = access;
    this.#turns = turns;
    this.#choosing = choosing;
    this.#committed = committed;
    this.#folding = new Folding((key, choices) => this.#choose(key, choices));
  }

  async vote(actor: Actor, request: { id: string; value: -1 | 0 | 1 }): Promise<{ score: number; value: -1 | 0 | 1 }> {
    const author = mustBeSomebody(actor);
    mustTakeVote(actor.site.rules, request.value);
    const row = await this.#access.replyOfSite(actor, request.id);
    mustStand(row);
    const { id, value } = request;
    const { now, isClosed } = await this.#folding.add(keyOf(row), { authorId: author.id, value });
    // Sent again after a lost answer it is the success that it was (REQ8).
    if (isClosed && ((await this.#store.votes(author.id, [id])).get(id) ?? 0) !== value)
      throw new AppError('thread_closed');
    this.#choosing.chose(actor);
    return { score: now.ups - now.downs, value };
  }

  async react(actor: Actor, { id, emoji, on }: RequestOf<'reply:react'>): Promise<DataOf<'reply:react'>> {
    const author = mustBeSomebody(actor);
    // What the owner has taken off the list may still be taken back.
    if (on) mustAccept(actor.site.rules, emoji);
    const row = await this.#access.replyOfSite(actor, id);
    mustStand(row);
    const { now, isClosed } = await this.#folding.add(keyOf(row), { authorId: author.id, emoji, on });
    const mine = (await this.#store.reactions(author.id, [id])).get(id) ?? [];
    if (isClosed && mine.includes(emoji) !== on) throw new AppError('thread_closed');
    this.#choosing.chose(actor);
    return { reactions: now.reactions ?? {}, mine };
  }

  /** PUMP8. What came of them; the same for all who chose at once. */
  async #choose(key: string, choices: readonly Choice[]): Promise<Chosen> {
    const [threadId = '', id = ''] = key.split(' ');
    const done = await this.#turns.take(threadId, () => this.#store.choose(id, choices, rank));
    if (!done) throw new AppError('not_found');
    mustStand(done.row);
    if (done.is === 'written') this.#committed(done.change);
    return { now: done.row, isClosed: done.is === 'closed' };
  }
}

/** What is folded: the choices on one reply. */
const keyOf = ({ threadId, id }: ReplyRow): string => `${threadId} ${id}`;
