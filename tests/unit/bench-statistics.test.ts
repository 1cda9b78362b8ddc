// What the benchmarks say of many numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Latencies } from '../bench/harness/latencies.js';
import { median, quantile, range, verdict } from '../bench/harness/statistics.js';

describe('median', () => {
  it('is the value in the middle, or the mean of the two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('leaves its argument as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('of nothing is an error, not a number', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('quantile', () => {
  it('is the smallest value that covers its part', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 1)).toBe(100);
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile(hundred, 0)).toBe(1);
    expect(quantile([5], 0.99)).toBe(5);
  });

  it('sorts numbers, not their texts', () => {
    expect(quantile([9, 10, 100], 1)).toBe(100);
  });
});

it('a range holds its median and its ends', () => {
  expect(range([2, 9, 4])).toEqual({ median: 4, min: 2, max: 9 });
});

describe('verdict', () => {
  it('claims only what the whole range says', () => {
    expect(verdict(range([0.8, 1]), 1)).toBe('reached');
    expect(verdict(range([1.1, 1.2]), 1)).toBe('missed');
    expect(verdict(range([0.5, 0.6, 1.01]), 1)).toBe('open');
  });
});

describe('Latencies', () => {
  it('keeps three digits of every percentile, after any journey as text', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60_000_000 }), { minLength: 1, maxLength: 200 }), (micros) => {
        const latencies = new Latencies();
        for (const each of micros) latencies.add(each / 1_000);
        const { count, p50, p99, max } = Latencies.merge([latencies.pack()]).summary();
        expect(count).toBe(micros.length);
        for (const [found, part] of [
          [p50, 0.5],
          [p99, 0.99],
          [max, 1],
        ] as const) {
          const exact = quantile(micros, part) / 1_000;
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.001 + 0.001);
        }
      }),
    );
  });

  it('merges by count: two of one and one of another are three', () => {
    const few = new Latencies();
    few.add(100);
    const many = new Latencies();
    for (let i = 0; i < 99; i++) many.add(1);
    const { count, p50, p99, max } = Latencies.merge([few.pack(), many.pack()]).summary();
    expect(count).toBe(100);
    expect(p50).toBeCloseTo(1, 1);
    expect(p99).toBeCloseTo(1, 1);
    expect(max).toBeCloseTo(100, 0);
  });

  it('refuses what can not be a latency', () => {
    expect(() => new Latencies().add(-0.1)).toThrow(RangeError);
    expect(() => new Latencies().add(Number.NaN)).toThrow(RangeError);
  });
});
