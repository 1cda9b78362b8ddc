// One of the people who use a discussion while it is broken: writes, answers, edits, votes, removes and takes removals back,
// one deed after the other, each insisted on until the server has decided. Remembers what was decided; judges nothing.
import { setTimeout as pause } from 'node:timers/promises';

import type { ErrorBody } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import type { Reply } from '../../shared/views.js';
import type { Random } from '../sim/random.js';
import { openLine, type StubbornLine } from '../support/stubborn-line.js';

/** Some 300 deeds a second of sixteen people, so that a run stays readable. */
const REST_MS = 40;
/** The last replies of a discussion, which people answer and vote on. */
const LIVELY = 60;

/** What its author knows of a reply of theirs. */
export interface Own {
  parent: string | null;
  /** A word that its text has and no other text has. */
  word: string;
  rev: number;
  removed: boolean;
}

/** What the people of one discussion see of each other. */
export interface Common {
  lively: string[];
  /** Every reply that somebody ever asked to remove. */
  shunned: Set<string>;
}

export interface Refusal {
  deed: Deed;
  /** The reply that the deed was about. */
  id: string;
  error: ErrorBody;
}

export interface Author {
  /** Acknowledged replies, in the order of the acknowledgements. */
  own: Map<string, Own>;
  /** Every id under which a reply was ever sent. */
  sent: Map<string, { parent: string | null }>;
  /** By reply: the last vote that was acknowledged. */
  votes: Map<string, -1 | 0 | 1>;
  refused: Refusal[];
  /** Deeds that were acknowledged: those that take a seq each, and votes, of which several may share one. */
  done: { changes: number; votes: number };
  /** Begins nothing more, and resolves when everything begun is decided. */
  finish(): Promise<void>;
  close(): void;
}

export interface AuthorOptions {
  url: string;
  key: string;
  name: string;
  common: Common;
  random: Random;
  /** With the seq of a row that was acknowledged. */
  onAcknowledged(seq: number): void;
}

/** How often each comes, in a hundred. */
const HABITS = { create: 45, answer: 20, edit: 12, vote: 13, remove: 6, restore: 4 };
export type Deed = keyof typeof HABITS;

export async function startAuthor({ url, key, name, common, random, onAcknowledged }: AuthorOptions): Promise<Author> {
  const line = await openLine(url, key, name);
  const author = new Person(line, name, common, random, onAcknowledged);
  let finishing = false;
  const living = (async () => {
    while (!finishing) {
      await author.doOne();
      await pause(REST_MS);
    }
  })();
  return Object.assign(author, {
    finish: async () => {
      finishing = true;
      await living;
    },
    close: () => line.close(),
  });
}

class Person {
  readonly own: Author['own'] = new Map();
  readonly sent: Author['sent'] = new Map();
  readonly votes: Author['votes'] = new Map();
  readonly refused: Refusal[] = [];
  readonly done = { changes: 0, votes: 0 };
  readonly #line: StubbornLine;
  readonly #name: string;
  readonly #common: Common;
  readonly #random: Random;
  readonly #onAcknowledged: (seq: number) => void;

  constructor(line: StubbornLine, name: string, common: Common, random: Random, onAcknowledged: (seq: number) => void) {
    this.#line = line;
    this.#name = name;
    this.#common = common;
    this.#random = random;
    this.#onAcknowledged = onAcknowledged;
  }

  async doOne(): Promise<void> {
    let left = this.#random.below(100);
    const [deed] = Object.entries(HABITS).find(([, share]) => (left -= share) < 0)! as [Deed, number];
    const mine = (removed: boolean): string | undefined =>
      this.#random.pick([...this.own].filter(([, one]) => one.removed === removed).map(([id]) => id));
    if (deed === 'create') return this.#create(null);
    const id = deed === 'answer' || deed === 'vote' ? this.#random.pick(this.#common.lively) : mine(deed === 'restore');
    if (id === undefined) return this.#create(null);
    if (deed === 'answer') return this.#create(id);
    if (deed === 'edit') return this.#edit(id);
    if (deed === 'vote') return this.#vote(id);
    return deed === 'remove' ? this.#remove(id) : this.#restore(id);
  }

  async #create(parent: string | null): Promise<void> {
    const id = newId();
    const word = `word-${id}`;
    this.sent.set(id, { parent });
    const { thread } = this.#line;
    const answer = await this.#line.insist('reply:create', { thread, id, parent, body: `${this.#name}: ${word}` });
    if (!answer.ok) return this.#keep(parent ? 'answer' : 'create', id, answer.error);
    this.own.set(id, { parent, word, rev: answer.data.reply.rev, removed: false });
    this.#changed(answer.data.reply);
    this.#common.lively.push(id);
    if (this.#common.lively.length > LIVELY) this.#common.lively.shift();
  }

  async #edit(id: string): Promise<void> {
    const own = this.own.get(id)!;
    const word = `word-${newId()}`;
    const body = `${this.#name} again: ${word}`;
    const answer = await this.#line.insist('reply:edit', { id, body, base: own.rev });
    if (!answer.ok) return this.#keep('edit', id, answer.error);
    this.own.set(id, { ...own, word, rev: answer.data.reply.rev });
    this.#changed(answer.data.reply);
  }

  async #remove(id: string): Promise<void> {
    this.#common.shunned.add(id);
    this.#common.lively = this.#common.lively.filter((other) => other !== id);
    const answer = await this.#line.insist('reply:remove', { id });
    if (!answer.ok) return this.#keep('remove', id, answer.error);
    this.own.set(id, { ...this.own.get(id)!, rev: answer.data.reply.rev, removed: true });
    this.#changed(answer.data.reply);
  }

  async #restore(id: string): Promise<void> {
    const answer = await this.#line.insist('reply:restore', { id });
    if (!answer.ok) return this.#keep('restore', id, answer.error);
    this.own.set(id, { ...this.own.get(id)!, rev: answer.data.reply.rev, removed: false });
    this.#changed(answer.data.reply);
  }

  async #vote(id: string): Promise<void> {
    const had = this.votes.get(id) ?? 0;
    const value = this.#random.pick(([-1, 0, 1] as const).filter((one) => one !== had))!;
    const answer = await this.#line.insist('reply:vote', { id, value });
    if (!answer.ok) return this.#keep('vote', id, answer.error);
    this.votes.set(id, value);
    this.done.votes += 1;
  }

  #changed({ seq }: Reply): void {
    this.done.changes += 1;
    this.#onAcknowledged(seq);
  }

  #keep(deed: Deed, id: string, error: ErrorBody): void {
    this.refused.push({ deed, id, error });
  }
}
