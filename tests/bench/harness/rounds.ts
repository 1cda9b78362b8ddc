// Several rounds of several contestants, and what may be said of them. Owns their order (A B B A), which runs count,
// and the ratio of two of them; measures nothing.
import type { Disturbance } from './watch.js';
import { range, verdict, type Range } from './statistics.js';

export interface Run<F> {
  figures: F;
  /** Why the figures mean nothing; empty: they do. */
  void: string[];
  disturbance: Disturbance;
}

/** One run of each contestant, near each other in time. */
export type Round<C extends string, F> = Record<C, Run<F>>;

/** Every second round goes backwards, so that what changes slowly meets each contestant alike. */
export function orderOf<C>(contestants: readonly C[], round: number): C[] {
  return round % 2 === 0 ? [...contestants] : contestants.toReversed();
}

export async function interleave<C extends string, F>(
  contestants: readonly C[],
  rounds: number,
  run: (contestant: C, round: number) => Promise<Run<F>>,
): Promise<Round<C, F>[]> {
  const done: Round<C, F>[] = [];
  for (let round = 0; round < rounds; round++) {
    const runs: Partial<Round<C, F>> = {};
    for (const contestant of orderOf(contestants, round)) runs[contestant] = await run(contestant, round);
    done.push(runs as Round<C, F>);
  }
  return done;
}

/** How two contestants compare: over the rounds, less is better. */
export interface Comparison extends Range {
  rounds: number;
  /** All rounds that count were disturbed: nothing better is there. */
  disturbed: boolean;
}

/** `figure` of `contestant` over that of `baseline`. See `compare`. */
export function ratio<C extends string, F>(
  rounds: readonly Round<C, F>[],
  contestant: C,
  baseline: C,
  figure: (figures: F) => number,
): Comparison | null {
  return compare(rounds, contestant, baseline, (mine, theirs) => figure(mine) / figure(theirs));
}

/**
 * Compares round by round. Rounds in which one of the two is void don't count, nor do disturbed ones where there are
 * others. Null: no round is left.
 */
export function compare<C extends string, F>(
  rounds: readonly Round<C, F>[],
  contestant: C,
  baseline: C,
  how: (mine: F, theirs: F) => number,
): Comparison | null {
  const sound = rounds.filter((round) => round[contestant].void.length + round[baseline].void.length === 0);
  const isQuiet = (run: Run<F>): boolean => run.disturbance.reasons.length === 0;
  const quiet = sound.filter((round) => isQuiet(round[contestant]) && isQuiet(round[baseline]));
  const counted = quiet.length > 0 ? quiet : sound;
  if (counted.length === 0) return null;
  const results = counted.map((round) => how(round[contestant].figures, round[baseline].figures));
  return { ...range(results), rounds: counted.length, disturbed: quiet.length === 0 };
}

/** The runs of one contestant that aren't void. */
export function sound<C extends string, F>(rounds: readonly Round<C, F>[], contestant: C): F[] {
  return rounds
    .map((round) => round[contestant])
    .filter((run) => run.void.length === 0)
    .map((run) => run.figures);
}

/** One line for each run that doesn't count or was disturbed. */
export function remarks<C extends string, F>(rounds: readonly Round<C, F>[], where: string): string[] {
  return rounds.flatMap((round, i) =>
    Object.entries<Run<F>>(round).flatMap(([contestant, run]) => {
      const which = `${where}, round ${i + 1}, ${contestant}`;
      return [
        ...(run.void.length > 0 ? [`void: ${which}: ${run.void.join('; ')}`] : []),
        ...(run.disturbance.reasons.length > 0 ? [`disturbed: ${which}: ${run.disturbance.reasons.join('; ')}`] : []),
      ];
    }),
  );
}

/** Less is better. */
export interface Gate {
  /** What is compared with what. */
  name: string;
  /** Absent: there is an aim only. */
  limit?: number;
  aim?: number;
  ratio: Comparison | null;
}

export type Standing = 'reached' | 'missed' | 'open' | 'void';

/** Null: there is nothing to reach. */
export function standing(found: Comparison | null, limit: number | undefined): Standing | null {
  if (limit === undefined) return null;
  return found ? verdict(found, limit) : 'void';
}
