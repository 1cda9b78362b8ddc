// How long to wait before trying again. Owns the number of attempts so far and no timer.
import type { Clock } from '../state/clock.js';

/** The first wait is up to this long: a server that was restarted is back about then. */
const BASE_MS = 1_000;
/** No wait is longer: a reader who comes back to the page should not stare at "offline" for minutes. */
const CAP_MS = 30_000;

/**
 * Exponential with full jitter: a wait is anything between nothing and the bound, so that thousands of readers who
 * lost the same server come back spread out. (M. Brooker, "Exponential Backoff And Jitter", AWS, 2015.)
 */
export class Backoff {
  readonly #clock: Pick<Clock, 'random'>;
  #attempts = 0;

  constructor(clock: Pick<Clock, 'random'>) {
    this.#clock = clock;
  }

  /** The next wait in milliseconds; where the server said how long, at least that, and spread behind it. */
  next(retryAfterMs = 0): number {
    const bound = Math.min(CAP_MS, BASE_MS * 2 ** this.#attempts++);
    return retryAfterMs + this.#clock.random() * bound;
  }

  /** It went well: the next wait is short again. */
  reset(): void {
    this.#attempts = 0;
  }
}
