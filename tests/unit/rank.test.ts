import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rank, RANK_MAX } from '../../server/threads/rank.js';

describe('the rank of a reply', () => {
  it('is the lower end of the 95 % Wilson interval, in millionths', () => {
    // Computed independently: 1 of 1 is 0.206549..., 60 of 70 is 0.756615....
    expect(rank(1, 0)).toBe(206_549);
    expect(rank(5, 5)).toBe(236_593);
    expect(rank(60, 10)).toBe(756_615);
    expect(rank(100, 0)).toBe(963_006);
  });

  it('puts many good votes above one, and few bad ones above many', () => {
    const order = [rank(60, 10), rank(10, 1), rank(5, 0), rank(2, 0), rank(1, 0), rank(3, 6), rank(1, 4), rank(0, 0)];
    expect(order).toEqual(order.toSorted((a, b) => b - a));
    expect(new Set(order).size).toBe(order.length);
  });

  it('is nothing without ups', () => {
    for (const downs of [0, 1, 7, 1_000_000]) expect(rank(0, downs)).toBe(0);
  });

  it('is an integer in bounds that never falls with an up and never rises with a down', () => {
    const votes = fc.oneof(fc.nat(50), fc.nat(5_000_000));
    fc.assert(
      fc.property(votes, votes, (ups, downs) => {
        const here = rank(ups, downs);
        expect(Number.isInteger(here) && here >= 0 && here <= RANK_MAX).toBe(true);
        expect(rank(ups + 1, downs)).toBeGreaterThanOrEqual(here);
        expect(rank(ups, downs + 1)).toBeLessThanOrEqual(here);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses what is no count', () => {
    for (const votes of [-1, 0.5, NaN, Infinity]) expect(() => rank(votes, 1), String(votes)).toThrow(RangeError);
  });
});
