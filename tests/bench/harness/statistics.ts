// What is said of several rounds. Pure arithmetic; which rounds count is decided in rounds.ts.

export interface Range {
  median: number;
  min: number;
  max: number;
}

/** The median of an even number of values is the mean of the two in the middle. Throws a RangeError for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function range(values: readonly number[]): Range {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * The smallest value that at least `part` of all values don't exceed (nearest rank): it is always one of them, never
 * something between two.
 */
export function quantile(values: ArrayLike<number>, part: number): number {
  if (values.length === 0) throw new RangeError('there is no quantile of nothing');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
}

/** Where a range stands to a limit that it should not exceed. A claim needs the whole range on one side. */
export function verdict({ min, max }: Range, limit: number): 'reached' | 'missed' | 'open' {
  if (max <= limit) return 'reached';
  return min > limit ? 'missed' : 'open';
}
