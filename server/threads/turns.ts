// Whose turn it is to change a thread: one after the other by the thread's lock, so whoever is not next waits here and not on
// a connection to the database, of which there are few for all threads. Owns the order; what is done in a turn is given.
import { AppError } from '../../shared/errors.js';
import type { Clock } from '../clock.js';
import { ANSWER_WITHIN_MS, RETRY_AFTER_MS } from '../deadline.js';

/** One has the lock, and the next waits for it in the database, so that it is never idle. */
const AT_ONCE = 2;

interface Line {
  busy: number;
  /** In order. */
  waiting: (() => void)[];
}

export class Turns {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #lines = new Map<string, Line>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Rejects with `overloaded`, and does nothing, where the turn comes so late that whoever asked was told so already. */
  async take<T>(threadId: string, run: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(threadId) ?? { busy: 0, waiting: [] };
    this.#lines.set(threadId, line);
    const since = this.#clock.now();
    // Who ends a turn hands its place on.
    if (line.busy < AT_ONCE) line.busy += 1;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    try {
      if (this.#clock.now() - since >= ANSWER_WITHIN_MS) {
        throw new AppError('overloaded', { retryAfterMs: RETRY_AFTER_MS });
      }
      return await run();
    } finally {
      const next = line.waiting.shift();
      if (next) next();
      else if (--line.busy === 0) this.#lines.delete(threadId);
    }
  }
}
