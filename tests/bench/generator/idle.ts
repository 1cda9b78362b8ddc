// The load of B7: readers that do nothing but stay. Counts what their server asks of them, so that pings in step are
// seen.
import { Crowd, type Kind } from './crowd.js';

export interface IdleOptions {
  kind: Kind;
  port: number;
  readers: number;
  keys: readonly string[];
}

export interface IdleCounts {
  /** Pings of the busiest second over those of the mean one; null where there were none. */
  pingPeak: number | null;
  /** Since the last time this was asked. */
  pings: number;
  pushes: number;
  /** Readers that were cut off, ever. */
  lost: number;
}

export class Idle {
  #crowd: Crowd | null = null;
  /** Pings by second. */
  readonly #seconds = new Map<number, number>();
  #since = performance.now();
  #pushes = 0;

  /** Comes and goes again: what a server makes once, for its first readers, is made then. */
  async visit(options: IdleOptions): Promise<void> {
    const crowd = new Crowd({ ...options, onPush: () => {} });
    await crowd.connect();
    crowd.end();
  }

  async stay(options: IdleOptions): Promise<void> {
    this.#crowd = new Crowd({
      ...options,
      onPush: () => {
        this.#pushes += 1;
      },
      onPing: () => {
        const second = Math.floor(performance.now() / 1_000);
        this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
      },
    });
    await this.#crowd.connect();
  }

  /** Since the last call. */
  counts(): IdleCounts {
    const elapsed = (performance.now() - this.#since) / 1_000;
    const pings = [...this.#seconds.values()].reduce((sum, count) => sum + count, 0);
    const found = {
      pings,
      pingPeak: pings === 0 ? null : Math.max(...this.#seconds.values()) / (pings / elapsed),
      pushes: this.#pushes,
      lost: this.#crowd?.lost.length ?? 0,
    };
    this.#seconds.clear();
    this.#pushes = 0;
    this.#since = performance.now();
    return found;
  }
}
