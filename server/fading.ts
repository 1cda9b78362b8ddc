// A map for what is worth nothing a while after it was touched last: limits of those who come and go. Owns forgetting, in
// lots and without a timer, so that it holds no more than who was there lately.

export class Fading<V> {
  readonly #keptMs: number;
  readonly #max: number;
  #recent = new Map<string, V>();
  #before = new Map<string, V>();
  #turnedAt = -Infinity;

  /**
   * A key is kept for `keptMs` after it was touched, and forgotten within twice that while the map is used. Where more than
   * `max` are touched in that time the earlier ones are forgotten sooner.
   */
  constructor({ keptMs, max }: { keptMs: number; max: number }) {
    this.#keptMs = keptMs;
    this.#max = max;
  }

  /** At most twice `max`. */
  get size(): number {
    return this.#recent.size + this.#before.size;
  }

  /** `now`: milliseconds that only go forward. */
  get(key: string, now: number): V | undefined {
    this.#forget(now);
    return this.#recent.get(key) ?? this.#before.get(key);
  }

  /** Touches the key. */
  set(key: string, value: V, now: number): void {
    this.#forget(now);
    this.#before.delete(key);
    this.#recent.set(key, value);
    if (this.#recent.size >= this.#max) this.#turn(now);
  }

  #forget(now: number): void {
    const passed = now - this.#turnedAt;
    // After a long silence nobody was there lately.
    if (passed >= 2 * this.#keptMs) this.#recent = new Map();
    if (passed >= this.#keptMs) this.#turn(now);
  }

  /** Who was not touched since the turn before is older than what is kept. */
  #turn(now: number): void {
    this.#before = this.#recent;
    this.#recent = new Map();
    this.#turnedAt = now;
  }
}
