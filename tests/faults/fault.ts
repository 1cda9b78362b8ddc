// What a fault is. It begins, lasts, and is over when its promise resolves: what comes after is recovery. All chance comes
// from the run's generator.
import type { Random } from '../sim/random.js';
import type { Stage } from './stage.js';

export interface Fault {
  /** Why there is no such thing on this stage; null where there is. */
  lacks?(stage: Stage): string | null;
  /** Why this machine does not let us do it; null where it does. */
  forbidden?(stage: Stage): string | null;
  /** Rejects where it was not felt: a fault that doesn't bite proves nothing. */
  run(stage: Stage, random: Random): Promise<void>;
}

/** A whole number from `from` up to, not including, `to`. */
export const between = (random: Random, from: number, to: number): number => from + random.below(to - from);
