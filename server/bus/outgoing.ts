// Merges what a node wants to say until it is sent: per thread the highest head, per thread the last presence. Bounded:
// while the line is away, the oldest is forgotten (the poll of the heads finds it, presence is told again).
import type { Hint } from './bus.js';

/** More threads than move on one node within the seconds that a poll takes; some 2 MB. */
const WAITING_MAX = 10_000;

export class Outgoing {
  readonly #hints = new Map<string, Hint>();
  #underWay = 0;

  get size(): number {
    return this.#hints.size;
  }

  add(hint: Hint): void {
    const key = `${hint.kind} ${hint.thread}`;
    const waiting = this.#hints.get(key);
    if (hint.kind === 'head' && waiting?.kind === 'head' && waiting.head >= hint.head) return;
    this.#hints.set(key, hint);
    if (this.#hints.size > WAITING_MAX) this.#hints.delete(this.#hints.keys().next().value!);
  }

  /** What is to be said, with what is being sent and not known to have arrived. */
  get waiting(): number {
    return this.size + this.#underWay;
  }

  /** All of it: it is under way until `done`. */
  take(): Hint[] {
    const hints = [...this.#hints.values()];
    this.#hints.clear();
    this.#underWay = hints.length;
    return hints;
  }

  /** What was taken has arrived, or is lost. */
  done(): void {
    this.#underWay = 0;
  }
}
