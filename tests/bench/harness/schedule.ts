// When things are meant to happen. Owns the plan of an open loop, made before the load begins; it fires nothing
// (ticker.ts) and measures nothing.

/** A small generator of numbers in [0, 1), the same for the same seed (mulberry32): every contestant gets one plan. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Plan {
  perSecond: number;
  seconds: number;
  seed: number;
  /**
   * How far an event may be moved inside its slot, as a part of the slot, from 0 to 1. More than 0 keeps events from
   * falling into step with a timer of the server; less than 1 keeps a least distance between them.
   */
  jitter?: number;
}

/** The intended times in milliseconds from the beginning, ascending: exactly `perSecond * seconds` of them, rounded. */
export function schedule({ perSecond, seconds, seed, jitter = 1 }: Plan): number[] {
  const slot = 1_000 / perSecond;
  const random = seeded(seed);
  return Array.from({ length: Math.round(perSecond * seconds) }, (_, i) => (i + random() * jitter) * slot);
}
