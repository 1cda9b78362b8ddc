// Own replies on their way (CUR5). Owns what is kept of them, when each is sent, and what an answer means for it. Knows no
// socket: how one is sent is given to it.
import type { ErrorBody } from '../../shared/errors.js';
import { isId, newId } from '../../shared/ids.js';
import { IN_FLIGHT_MAX } from '../../shared/limits.js';
import type { Answer } from '../../shared/protocol.js';
import type { Clock, Timer } from './clock.js';
import { reactionTo } from './reactions.js';
import { readObject, type Keep } from './storage.js';
import type { OutboxEntry } from './types.js';

/** A server that fails on a reply this often will go on failing: the reader is told. */
const INTERNAL_MAX = 5;

export interface OutboxOptions {
  keep: Keep;
  /** Names the discussion. */
  scope: string;
  clock: Clock;
  /** How long to wait before sending again, in milliseconds; shorter after `reset`. */
  backoff: { next(retryAfterMs?: number): number; reset(): void };
  /** Sends one; null: no answer came. */
  send(entry: OutboxEntry): Promise<Answer<unknown> | null>;
  /** The token was no good: get another for what is sent next. */
  identify(error: ErrorBody): void;
  changed(): void;
}

/**
 * Each entry is kept under its own key, and what stands under an id never changes: so two tabs that share the storage
 * lose nothing of each other, and both sending an entry is harmless (REQ1). An entry that is gone from storage was sent
 * or taken back in another tab, and is dropped here as well.
 *
 * Sent oldest first, `IN_FLIGHT_MAX` at once, only while open; never before the reply that it answers.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #prefix: string;
  readonly #entries = new Map<string, OutboxEntry>();
  /** Ids for which another token was asked for already, and how often the server failed on an id. */
  readonly #identified = new Set<string>();
  readonly #failures = new Map<string, number>();
  /** Until then nothing is sent, Unix time in milliseconds. */
  resumesAt = 0;
  #isOpen = false;
  #inFlight = 0;
  #pause: Timer | null = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#prefix = `outbox:${options.scope}`;
    this.#load();
  }

  /** Oldest first. */
  get entries(): readonly OutboxEntry[] {
    return [...this.#entries.values()];
  }

  /** Whether something still has to be sent. */
  get isBusy(): boolean {
    return this.entries.some(({ state }) => state !== 'failed');
  }

  /** The line is level: sends what waits, also what other tabs left behind. */
  open(): void {
    this.#isOpen = true;
    this.#endPause();
    this.#load();
    this.#options.changed();
    this.#sendWaiting();
  }

  /** No line: everything waits. */
  hold(): void {
    this.#isOpen = false;
    this.#endPause();
  }

  /** Keeps a reply and sends it as soon as can be; returns its id. */
  add({ parent, body, answers, mentions }: Omit<OutboxEntry, 'id' | 'createdAt' | 'state'>): string {
    // Two never share a moment, so that their order survives.
    const createdAt = Math.max(this.#options.clock.now(), (this.entries.at(-1)?.createdAt ?? 0) + 1);
    const id = newId(createdAt);
    const entry: OutboxEntry = { id, parent, body, answers, mentions, createdAt, state: 'waiting' };
    this.#put(entry);
    this.#sendWaiting();
    return id;
  }

  /** Sends a failed one again: under its id, unless that is taken. */
  retry(id: string): void {
    const entry = this.#entries.get(id);
    if (entry?.state !== 'failed') return;
    this.#forget(id);
    if (entry.error?.code === 'conflict') {
      this.#drop(id);
      this.add(entry);
      return;
    }
    const { error: _, ...rest } = entry;
    this.#put({ ...rest, state: 'waiting' });
    this.#sendWaiting();
  }

  /** Another name was given: what failed for want of a good one is sent again. */
  renamed(): void {
    for (const { id, error } of this.entries) if (error && isAboutName(error)) this.retry(id);
  }

  /** Takes back one that is not in the air and returns its text; '' where there is no such. */
  discard(id: string): string {
    const entry = this.#entries.get(id);
    if (!entry || entry.state === 'sending') return '';
    this.#drop(id);
    return entry.body;
  }

  /** Lets go of what has arrived in the thread, with or without an answer. */
  confirm(hasArrived: (id: string) => boolean): void {
    for (const id of this.#entries.keys()) if (hasArrived(id)) this.#drop(id);
  }

  stop(): void {
    this.hold();
  }

  #sendWaiting(): void {
    for (const entry of this.entries) {
      if (!this.#isOpen || this.#pause !== null || this.#inFlight >= IN_FLIGHT_MAX) return;
      const isBlocked = entry.parent !== null && this.#entries.has(entry.parent);
      if (entry.state === 'waiting' && !isBlocked) void this.#send(entry);
    }
  }

  async #send(entry: OutboxEntry): Promise<void> {
    const { id } = entry;
    if (this.#options.keep.get(this.#prefix + id) === null) return this.#drop(id);
    this.#show({ ...entry, state: 'sending' });
    this.#inFlight++;
    const answer = await this.#options.send(entry);
    this.#inFlight--;
    // It may have arrived by delta meanwhile.
    if (this.#entries.has(id)) this.#settle(entry, answer);
    this.#sendWaiting();
  }

  #settle(entry: OutboxEntry, answer: Answer<unknown> | null): void {
    const { id } = entry;
    if (answer?.ok) {
      this.#options.backoff.reset();
      this.#drop(id);
    } else if (!answer) {
      this.#show(entry);
      this.#rest();
    } else if (this.#isHopeless(id, answer.error)) {
      this.#forget(id);
      const { current: _, ...error } = answer.error;
      this.#put({ ...entry, state: 'failed', error });
    } else {
      this.#show({ ...entry, error: answer.error });
      if (reactionTo(answer.error) === 'wait') this.#rest(answer.error.retryAfterMs);
      else this.#options.identify(answer.error);
    }
  }

  /** Counts what may be tried only so often. */
  #isHopeless(id: string, error: ErrorBody): boolean {
    const reaction = reactionTo(error);
    if (reaction === 'give-up') return true;
    if (reaction === 'identify') {
      const isAgain = this.#identified.has(id);
      this.#identified.add(id);
      return isAgain;
    }
    if (error.code !== 'internal') return false;
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    return failures >= INTERNAL_MAX;
  }

  #forget(id: string): void {
    this.#identified.delete(id);
    this.#failures.delete(id);
  }

  /** Sends nothing for a while: whatever the reason, it would meet the next one as well. */
  #rest(retryAfterMs = 0): void {
    const { clock, backoff } = this.#options;
    // What was in the air together fails together: that is one failure, unless a longer wait is asked for.
    const isLong = this.#pause !== null && this.resumesAt >= clock.now() + retryAfterMs;
    if (!this.#isOpen || isLong) return;
    this.#endPause();
    const ms = backoff.next(retryAfterMs);
    this.resumesAt = clock.now() + ms;
    this.#pause = clock.setTimeout(() => {
      this.#pause = null;
      this.#sendWaiting();
    }, ms);
  }

  #endPause(): void {
    this.#options.clock.clearTimeout(this.#pause);
    this.#pause = null;
  }

  /** Keeps it and shows it. */
  #put(entry: OutboxEntry): void {
    const { id: _, state: __, ...kept } = entry;
    this.#options.keep.set(this.#prefix + entry.id, JSON.stringify(kept));
    this.#show(entry);
  }

  #show(entry: OutboxEntry): void {
    this.#entries.set(entry.id, entry);
    this.#options.changed();
  }

  #drop(id: string): void {
    this.#forget(id);
    this.#options.keep.remove(this.#prefix + id);
    if (this.#entries.delete(id)) this.#options.changed();
  }

  /** Takes over what storage holds; what is in the air stays as it is. */
  #load(): void {
    const { keep } = this.#options;
    const found = new Map<string, OutboxEntry>();
    for (const key of keep.keys(this.#prefix)) {
      const id = key.slice(this.#prefix.length);
      const entry = this.#entries.get(id);
      const kept = entry?.state === 'sending' ? entry : entryFrom(id, readObject(keep, key));
      if (kept) found.set(id, kept);
    }
    this.#entries.clear();
    const inOrder = [...found.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    for (const entry of inOrder) this.#entries.set(entry.id, entry);
  }
}

/** Whether the same reply might be taken under another name. */
export function isAboutName({ code, field }: ErrorBody): boolean {
  return field === 'name' || code === 'sign_in_required';
}

/** What was kept, or null for what nobody here put there. */
function entryFrom(id: string, kept: Record<string, unknown>): OutboxEntry | null {
  const { parent = null, body, answers, mentions, createdAt, error } = kept;
  if (!isId(id) || typeof body !== 'string' || typeof createdAt !== 'number') return null;
  if (parent !== null && typeof parent !== 'string') return null;
  const also = { answers, mentions } as Pick<OutboxEntry, 'answers' | 'mentions'>;
  const entry: OutboxEntry = { id, parent, body, ...also, createdAt, state: 'waiting' };
  return error ? { ...entry, state: 'failed', error: error as ErrorBody } : entry;
}
