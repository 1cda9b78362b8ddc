// Token buckets: each key may spend `burst` at once and `perSecond` in the long run. Per node and in memory: a limit is
// there to keep a node healthy and a flood slow, not to count exactly.
import { LRUCache } from 'lru-cache';

/** Keys kept for each kind; the ones not seen for longest are forgotten, which can only let somebody through. */
const KEPT = 50_000;

export interface Rate {
  burst: number;
  perSecond: number;
}

export class Buckets {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new LRUCache<string, { tokens: number; at: number }>({ max: KEPT });

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Takes `cost` tokens; 0 where they were there, else after how many milliseconds they will be. Takes nothing then. */
  take(key: string, cost = 1): number {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < cost) return Math.ceil(((cost - bucket.tokens) / perSecond) * 1000);
    bucket.tokens -= cost;
    return 0;
  }
}
