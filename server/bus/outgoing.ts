// Merges what a node wants to say until it is sent: per thread the highest head, per thread the last presence.
import type { Hint } from './bus.js';

export class Outgoing {
  readonly #hints = new Map<string, Hint>();

  get size(): number {
    return this.#hints.size;
  }

  add(hint: Hint): void {
    const key = `${hint.kind} ${hint.thread}`;
    const waiting = this.#hints.get(key);
    if (hint.kind === 'head' && waiting?.kind === 'head' && waiting.head >= hint.head) return;
    this.#hints.set(key, hint);
  }

  /** All of it; nothing waits afterwards. */
  take(): Hint[] {
    const hints = [...this.#hints.values()];
    this.#hints.clear();
    return hints;
  }
}
