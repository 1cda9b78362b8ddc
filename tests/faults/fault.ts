// What a fault is. It begins, lasts, and is over when its promise resolves: what comes after is recovery. All chance comes
// from the run's generator.
import type { Random } from '../sim/random.js';
import type { Stage } from './stage.js';

export interface Fault {
  /** Why it can't be done on this stage; null where it can. */
  lacks?(stage: Stage): string | null;
  run(stage: Stage, random: Random): Promise<void>;
}

/** A whole number from `from` up to, not including, `to`. */
export const between = (random: Random, from: number, to: number): number => from + random.below(to - from);
