// Owns the rank key behind `sort: 'best'`. Pure; knows nothing of rows or votes.

/** The largest rank: a rank is a lower bound of the share of ups, in millionths. */
export const RANK_MAX = 1_000_000;

/** The standard normal quantile of a two-sided 95 % interval. */
const Z = 1.959_963_984_540_054;

/**
 * An integer from 0 to `RANK_MAX`, higher is better: the lower end of the 95 % Wilson score interval for the share of
 * ups among the votes, so that 60 of 70 stands above 1 of 1. Never falls with one more up, never rises with one more
 * down, 0 without ups. Throws a RangeError for counts that are not whole numbers from 0 on.
 *
 * Formula: Evan Miller, "How Not To Sort By Average Rating", https://www.evanmiller.org/how-not-to-sort-by-average-rating.html
 */
export function rank(ups: number, downs: number): number {
  if (!isCount(ups) || !isCount(downs)) throw new RangeError(`votes are counts, not ${ups} and ${downs}`);
  if (ups === 0) return 0;
  const n = ups + downs;
  const share = ups / n;
  const z2 = Z * Z;
  const spread = Z * Math.sqrt((share * (1 - share) + z2 / (4 * n)) / n);
  const bound = (share + z2 / (2 * n) - spread) / (1 + z2 / n);
  return Math.min(RANK_MAX, Math.max(0, Math.floor(bound * RANK_MAX)));
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
