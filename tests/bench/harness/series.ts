// What is said of figures that were taken every few seconds: how they began, how they ended, and where they lead. Pure
// arithmetic.
import { median } from './statistics.js';

export interface Point {
  /** Seconds since the beginning. */
  at: number;
  value: number;
}

const HOUR = 3_600;
/** Points of a slope at most: every pair of them is looked at. */
const POINTS_MAX = 240;

/** Medians of the first and of the last tenth. */
export function tenths(points: readonly Point[]): { first: number; last: number } {
  const count = Math.max(1, Math.round(points.length / 10));
  const values = (part: readonly Point[]): number => median(part.map(({ value }) => value));
  return { first: values(points.slice(0, count)), last: values(points.slice(-count)) };
}

/**
 * Growth in an hour: the median of the slopes between all pairs of points (Theil and Sen), which single peaks don't
 * move. Throws a RangeError for fewer than two points.
 */
export function slopePerHour(points: readonly Point[]): number {
  const every = Math.ceil(points.length / POINTS_MAX);
  const kept = points.filter((_, i) => i % every === 0);
  const slopes: number[] = [];
  for (const [i, from] of kept.entries()) {
    for (const to of kept.slice(i + 1)) slopes.push(((to.value - from.value) / (to.at - from.at)) * HOUR);
  }
  return median(slopes);
}
