// Keeps which push reached which reader when, and what is wrong about it. Owns the books of one measurement; knows no
// sockets and no protocol.
import { Latencies, type Packed } from '../harness/latencies.js';

export interface Books {
  expected: number;
  received: number;
  /** The same push twice to one reader. */
  doubled: number;
  /** A push after one that was published later. */
  disordered: number;
}

/** Latencies in HDR histograms. `last`: of the last reader of each event. */
export interface Spread {
  each: Packed;
  last: Packed;
}

export class Arrivals {
  readonly #readers: number;
  readonly #events: number;
  /** By event, then by reader; 0: not there yet. */
  readonly #at: Float64Array;
  /** How many readers have each event. */
  readonly #counts: Uint32Array;
  /** By reader: its last event. */
  readonly #latest: Int32Array;
  #received = 0;
  #doubled = 0;
  #disordered = 0;

  constructor(readers: number, events: number) {
    this.#readers = readers;
    this.#events = events;
    this.#at = new Float64Array(readers * events);
    this.#counts = new Uint32Array(events);
    this.#latest = new Int32Array(readers).fill(-1);
  }

  /** How many readers have the event now; 0 where this one had it before. */
  add(reader: number, event: number, at: number): number {
    const place = event * this.#readers + reader;
    if (this.#at[place] !== 0) {
      this.#doubled += 1;
      return 0;
    }
    this.#at[place] = at;
    this.#received += 1;
    if (event < this.#latest[reader]!) this.#disordered += 1;
    else this.#latest[reader] = event;
    this.#counts[event]! += 1;
    return this.#counts[event]!;
  }

  get complete(): boolean {
    return this.#received === this.#readers * this.#events;
  }

  /** When the last of all readers had the event; null where one of them still lacks it. */
  everywhereAt(event: number): number | null {
    if (this.#counts[event] !== this.#readers) return null;
    return this.#at.subarray(event * this.#readers, (event + 1) * this.#readers).reduce((a, b) => Math.max(a, b), 0);
  }

  get books(): Books {
    return {
      expected: this.#readers * this.#events,
      received: this.#received,
      doubled: this.#doubled,
      disordered: this.#disordered,
    };
  }

  /** From `origins[event]`, in the same clock, to the readers; events without an origin are left out. */
  spread(origins: readonly (number | undefined)[]): Spread {
    const each = new Latencies();
    const last = new Latencies();
    origins.forEach((origin, event) => {
      if (origin === undefined) return;
      const row = this.#at.subarray(event * this.#readers, (event + 1) * this.#readers).filter((at) => at !== 0);
      for (const at of row) each.add(at - origin);
      if (row.length > 0) last.add(row.reduce((latest, at) => Math.max(latest, at), 0) - origin);
    });
    return { each: each.pack(), last: last.pack() };
  }
}
