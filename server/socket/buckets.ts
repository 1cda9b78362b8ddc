// Token buckets: each key may spend `burst` at once and `perSecond` in the long run. Per node and in memory: a limit is
// there to keep a node healthy and a flood slow, not to count exactly.
import { Fading } from '../fading.js';

/** Keys kept for each kind; the ones not seen for longest are forgotten, which can only let somebody through. */
const KEPT = 50_000;

export interface Rate {
  burst: number;
  perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

export class Buckets {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets: Fading<Bucket>;

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    // By then it is full, as is one that was never there.
    this.#buckets = new Fading({ keptMs: (rate.burst / rate.perSecond) * 1_000, max: KEPT });
  }

  /** Keys that are kept. */
  get size(): number {
    return this.#buckets.size;
  }

  /** After how many milliseconds there will be a token; 0 where there is one. */
  wait(key: string): number {
    const { tokens } = this.#filled(key);
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / this.#rate.perSecond) * 1000);
  }

  /** Takes one token. The caller has seen that there is one. */
  spend(key: string): void {
    this.#filled(key).tokens -= 1;
  }

  #filled(key: string): Bucket {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const bucket = this.#buckets.get(key, now) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.set(key, bucket, now);
    return bucket;
  }
}
