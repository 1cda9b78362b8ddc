// A bus within one process: several nodes of a test or simulation, or a single node that talks to nobody.
import type { Bus, GapHint, Hint } from './bus.js';
import { Outgoing } from './outgoing.js';

/** The line that local buses share. */
export class LocalLine {
  readonly listeners = new Map<LocalBus, (hint: Hint | GapHint) => void>();
}

export class LocalBus implements Bus {
  readonly #line: LocalLine;
  readonly #outgoing = new Outgoing();
  #stopped = false;

  constructor(line: LocalLine) {
    this.#line = line;
  }

  start(listener: (hint: Hint | GapHint) => void): Promise<void> {
    this.#line.listeners.set(this, listener);
    return Promise.resolve();
  }

  publish(hint: Hint): void {
    if (this.#stopped) return;
    if (this.#outgoing.size === 0) queueMicrotask(() => this.#send());
    this.#outgoing.add(hint);
  }

  get waiting(): number {
    return this.#outgoing.waiting;
  }

  #send(): void {
    for (const hint of this.#outgoing.take()) {
      for (const [bus, listener] of this.#line.listeners) if (bus !== this) listener(hint);
    }
    this.#outgoing.done();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#line.listeners.delete(this);
    return Promise.resolve();
  }
}
