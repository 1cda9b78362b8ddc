// Who is choosing while it is read what they have chosen: no answer may be older than an acknowledgement that its line had
// before it, or a reader sees their choice taken back that stands.
import type { Actor } from './policy.js';

/** For whoever presses on and on. */
const READS_MAX = 3;

export class Choosing {
  readonly #acknowledged = new WeakMap<Actor, number>();

  /** Called as a choice of theirs is acknowledged. */
  chose(actor: Actor): void {
    this.#acknowledged.set(actor, (this.#acknowledged.get(actor) ?? 0) + 1);
  }

  /** What `read` finds; it reads again where they chose meanwhile. */
  async settled<T>(actor: Actor, read: () => Promise<T>): Promise<T> {
    for (let reads = 1; ; reads++) {
      const before = this.#acknowledged.get(actor);
      const found = await read();
      if (this.#acknowledged.get(actor) === before || reads === READS_MAX) return found;
    }
  }
}
