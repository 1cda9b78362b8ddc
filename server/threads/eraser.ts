// Erases the texts of removed replies once their time to come back is over. Owns when; every node does it, and they
// don't get into each other's way.
import type { Clock, Timer } from '../clock.js';
import type { Log } from '../log.js';
import type { Store } from '../store/store.js';

/** How long a text may outlive its time. */
const EVERY_MS = 60_000;
/** Of one statement. */
const BATCH = 500;

export class Eraser {
  readonly #store: Pick<Store, 'eraseRemoved'>;
  readonly #clock: Clock;
  readonly #log: Log;
  #timer: Timer | null = null;
  #stopped = false;

  constructor({ store, clock, log }: { store: Pick<Store, 'eraseRemoved'>; clock: Clock; log: Log }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Begins with what came due while nobody ran. */
  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped && (await this.#store.eraseRemoved(BATCH)) === BATCH);
    } catch (error) {
      this.#log.warn({ error }, 'texts of removed replies could not be erased; trying again in a minute');
    }
    if (!this.#stopped) this.#timer = this.#clock.setTimeout(() => void this.#run(), EVERY_MS);
  }
}
