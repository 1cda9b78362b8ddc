// What this reader wishes to have chosen on replies, votes and reactions alike: shown at once, kept until the server has
// it, the last wish winning. Owns the counts as this reader is to see them. Knows no socket: how one is sent is given to it.
import type { ErrorBody } from '../../shared/errors.js';
import type { DataOf } from '../../shared/protocol.js';
import type { Reply, You } from '../../shared/views.js';
import type { Clock, Timer } from './clock.js';
import { isAboutName } from './outbox.js';
import { reactionTo } from './reactions.js';
import type { Keep } from './storage.js';
import type { ThreadState } from './thread.js';
import type { Outcome } from './types.js';

/** What is chosen: an emoji, or '' for the vote. */
export type What = string;
/** A vote is -1, 0 or 1, a reaction 0 or 1. */
export type Value = -1 | 0 | 1;

/**
 * `base`: the count without this reader, from the first sending on: a push may bring it with them before the answer does. Null:
 * not known, an earlier page may have sent it.
 */
interface Wish {
  value: Value;
  base?: number | null;
  failures: number;
}

export interface MineOptions {
  state: ThreadState;
  keep: Keep;
  /** Names the discussion. */
  scope: string;
  clock: Clock;
  backoff: { next(retryAfterMs?: number): number; reset(): void };
  send(id: string, what: What, value: Value): Promise<Outcome<Settled>>;
}

type Settled = DataOf<'reply:vote' | 'reply:react'>;

/** A server that fails on a wish this often will go on failing. */
const FAILURES_MAX = 5;

/** One request at a time: what is pressed meanwhile folds into the next. Absolute values, so sending twice is harmless. */
export class Mine {
  /** Why the last wish for a reply came to nothing, by its id. */
  readonly failed = new Map<string, ErrorBody>();
  /** Why nothing is sent until a name, or another one, is given. */
  nameless: ErrorBody | null = null;
  readonly #options: MineOptions;
  readonly #prefix: string;
  /** By reply and what is chosen on it, oldest first. */
  readonly #wishes = new Map<string, Wish>();
  isOpen = false;
  /** Who they are, and so what they chose before, is known since the line was level for the first time. */
  #isTold = false;
  #isSending = false;
  #pause: Timer | null = null;

  constructor(options: MineOptions) {
    this.#options = options;
    this.#prefix = `${options.scope}mine:`;
    for (const key of options.keep.keys(this.#prefix)) {
      const value = valueOf(options.keep.get(key));
      this.#wishes.set(key.slice(this.#prefix.length), { failures: 0, base: null, value });
    }
  }

  /** Whether something that was chosen on this reply has still to be sent. */
  waits(id: string): boolean {
    return [...this.#wishes.keys()].some((key) => key.startsWith(id));
  }

  /** This reader's choice and the count with it, as they are to be shown. */
  of(reply: Reply, what: What): { value: Value; count: number } {
    const wish = this.#wishes.get(keyOf(reply.id, what));
    const value = wish?.value ?? told(this.#options.state.you, reply.id, what);
    return { value, count: this.#without(reply, what, wish) + value };
  }

  choose(id: string, what: What, value: Value): void {
    const { state, keep } = this.#options;
    const key = keyOf(id, what);
    this.failed.delete(id);
    const wish = this.#wishes.get(key);
    if (this.#isTold && value === told(state.you, id, what) && wish?.base === undefined) this.#drop(key);
    else {
      keep.set(this.#prefix + key, String(value));
      this.#wishes.set(key, { failures: 0, ...wish, value });
    }
    state.change({ you: state.you });
    void this.#send();
  }

  /** Takes back what was chosen on this reply and has not arrived. */
  takeBack(id: string): void {
    for (const key of this.#wishes.keys()) if (key.startsWith(id)) this.#drop(key);
    const { state } = this.#options;
    state.change({ you: state.you });
  }

  /** The line is level, or another name was given: sends what waits. */
  open(): void {
    this.isOpen = this.#isTold = true;
    this.nameless = null;
    this.#endPause();
    void this.#send();
  }

  hold(): void {
    this.isOpen = false;
    this.#endPause();
  }

  #without(reply: Reply, what: What, wish?: Wish): number {
    return wish?.base ?? countOf(reply, what) - told(this.#options.state.you, reply.id, what);
  }

  async #send(): Promise<void> {
    const { state, keep, backoff, send } = this.#options;
    const [next] = this.#wishes;
    if (!next || !this.isOpen || this.#isSending || this.nameless || this.#pause !== null) return;
    const [key, wish] = next;
    const [id, what] = key.split(' ') as [string, What];
    // Another tab may have sent it, or know better.
    const kept = keep.get(this.#prefix + key);
    const value = (wish.value = valueOf(kept));
    // It was chosen and taken back before it was known that it stood so.
    if (kept === null || (wish.base === undefined && value === told(state.you, id, what))) this.#drop(key);
    else {
      const reply = state.get(id);
      if (reply) wish.base = this.#without(reply, what, wish);
      this.#isSending = true;
      const outcome = await send(id, what, value);
      this.#isSending = false;
      if (outcome.ok) {
        backoff.reset();
        this.#settle(id, outcome.data, reply?.seq);
        if (this.#wishes.get(key)?.value === value) this.#drop(key);
      } else this.#failed(key, id, outcome.error);
    }
    state.change({ you: state.you });
    void this.#send();
  }

  /**
   * Takes the answer over. The count is shown where the row has not changed since it was asked for: else a push brought
   * it, or a later one.
   */
  #settle(id: string, data: Settled, seq: number | undefined): void {
    const { state } = this.#options;
    const { held, you } = state;
    if (you && 'mine' in data) state.change({ you: { ...you, reactions: { ...you.reactions, [id]: data.mine } } });
    else if (you && 'value' in data) {
      const { [id]: _, ...votes } = you.votes;
      state.change({ you: { ...you, votes: data.value ? { ...votes, [id]: data.value } : votes } });
    }
    const row = held?.rows.get(id);
    if (!held || row?.seq !== seq || !row) return;
    const count = 'mine' in data ? { reactions: data.reactions } : { score: data.score };
    state.change({ held: { ...held, rows: new Map(held.rows).set(id, { ...row, ...count }) } });
  }

  #failed(key: string, id: string, error: ErrorBody): void {
    const wish = this.#wishes.get(key)!;
    if (isAboutName(error)) {
      this.nameless = error;
      // It did not get anywhere: to choose it back is to wish nothing.
      delete wish.base;
    } else if (reactionTo(error) === 'wait' && (error.code !== 'internal' || ++wish.failures < FAILURES_MAX)) {
      this.#rest(error.retryAfterMs);
    } else {
      this.#drop(key);
      this.failed.set(id, error);
    }
  }

  /** Whatever the reason, the next wish would meet it as well. */
  #rest(retryAfterMs?: number): void {
    if (!this.isOpen) return;
    const { clock, backoff } = this.#options;
    this.#pause = clock.setTimeout(() => {
      this.#pause = null;
      void this.#send();
    }, backoff.next(retryAfterMs));
  }

  #endPause(): void {
    this.#options.clock.clearTimeout(this.#pause);
    this.#pause = null;
  }

  #drop(key: string): void {
    this.#wishes.delete(key);
    this.#options.keep.remove(this.#prefix + key);
  }
}

function keyOf(id: string, what: What): string {
  return `${id} ${what}`;
}

function valueOf(kept: string | null): Value {
  return Math.sign(Number(kept) || 0) as Value;
}

/** The choice as the server told it. */
function told(you: You | null, id: string, what: What): Value {
  return what ? (you?.reactions?.[id]?.includes(what) ? 1 : 0) : (you?.votes[id] ?? 0);
}

/** How often it was chosen, by all. */
function countOf(reply: Reply, what: What): number {
  return what ? (reply.reactions?.[what] ?? 0) : reply.score;
}
