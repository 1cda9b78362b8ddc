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

  /** After how many milliseconds there will be so many tokens; 0 where there are. */
  wait(key: string, wanted = 1): number {
    const { tokens } = this.#filled(key);
    return tokens >= wanted ? 0 : Math.ceil(((wanted - tokens) / this.#rate.perSecond) * 1000);
  }

  /** Takes so many tokens, or gives them back where they are negative. The caller has seen that they are there. */
  spend(key: string, tokens = 1): void {
    this.#filled(key).tokens -= tokens;
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
