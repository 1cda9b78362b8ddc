// Slows the writers of a thread down, each by the same, where more is written than anybody can read (LIM2). Owns how lively
// each thread is, and who wrote there when; nothing is stored.
import { AppError } from '../../shared/errors.js';
import type { Clock } from '../clock.js';
import { Fading } from '../fading.js';

/** Over how long a thread's liveliness is averaged. */
const WINDOW_MS = 10_000;
/** Replies a second beyond which nobody reads along. */
const HOT_PER_SECOND = 5;
/** How long each waits between two replies where a thread just is hot; longer in proportion, up to the second figure. */
const GAP_MS = 10_000;
const GAP_MAX_MS = 60_000;
const THREADS_KEPT = 10_000;
const WRITERS_KEPT = 50_000;

interface Liveliness {
  perSecond: number;
  at: number;
}

export class SlowMode {
  readonly #isOn: boolean;
  readonly #clock: Pick<Clock, 'now'>;
  /** After ten windows nothing is left of a liveliness. */
  readonly #threads = new Fading<Liveliness>({ keptMs: 10 * WINDOW_MS, max: THREADS_KEPT });
  readonly #wroteAt = new Fading<number>({ keptMs: GAP_MAX_MS, max: WRITERS_KEPT });

  constructor({ isOn, clock }: { isOn: boolean; clock: Pick<Clock, 'now'> }) {
    this.#isOn = isOn;
    this.#clock = clock;
  }

  /** So many replies are new in a thread, wherever they were written. */
  wrote(threadId: string, replies: number): void {
    if (!this.#isOn || replies === 0) return;
    const at = this.#clock.now();
    const perSecond = this.#rate(threadId, at) + (replies * 1_000) / WINDOW_MS;
    this.#threads.set(threadId, { perSecond, at }, at);
  }

  /** Falls by the factor e within a window in which nothing is written. */
  #rate(threadId: string, now: number): number {
    const known = this.#threads.get(threadId, now);
    return known ? known.perSecond * Math.exp((known.at - now) / WINDOW_MS) : 0;
  }

  /**
   * Throws `rate_limited` with the time after which this author may write there. What it gives is to be called where nothing
   * came of the reply: then it does not count.
   */
  mustWait(threadId: string, authorId: string): () => void {
    if (!this.#isOn) return () => {};
    const now = this.#clock.now();
    const rate = this.#rate(threadId, now);
    const gapMs = rate < HOT_PER_SECOND ? 0 : Math.min((GAP_MS * rate) / HOT_PER_SECOND, GAP_MAX_MS);
    const key = `${threadId} ${authorId}`;
    const before = this.#wroteAt.get(key, now) ?? -Infinity;
    const waitMs = before + gapMs - now;
    if (waitMs > 0) throw new AppError('rate_limited', { retryAfterMs: Math.ceil(waitMs) });
    // Before it stands: several at once are no way around it.
    this.#wroteAt.set(key, now, now);
    return () => this.#wroteAt.set(key, before, this.#clock.now());
  }
}
