// Time that passes only when it is told to: every timer of widget and server in one queue.
import type { Random } from './random.js';

interface Due {
  readonly brand?: 'timer';
  at: number;
  order: number;
  callback: () => void;
}

export class VirtualClock {
  readonly #random: Random;
  /** By time, then by the order in which they were set; the next one last. */
  readonly #queue: Due[] = [];
  #now = Date.UTC(2026, 0, 1);
  #order = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  readonly now = (): number => this.#now;

  random(): number {
    return this.#random.next();
  }

  setTimeout(callback: () => void, ms: number): Due {
    const due: Due = { at: this.#now + Math.max(0, ms), order: this.#order++, callback };
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isSooner(this.#queue[middle]!, due)) high = middle;
      else low = middle + 1;
    }
    this.#queue.splice(low, 0, due);
    return due;
  }

  clearTimeout(timer: unknown): void {
    const index = this.#queue.indexOf(timer as Due);
    if (index >= 0) this.#queue.splice(index, 1);
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Lets this much time pass; after each timer, everything that waits for no timer runs to its end. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let due = this.#queue.at(-1); due && due.at <= end; due = this.#queue.at(-1)) {
      this.#queue.pop();
      this.#now = due.at;
      due.callback();
      await settle();
    }
    this.#now = end;
  }
}

function isSooner(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** All promises that can go on have gone on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
