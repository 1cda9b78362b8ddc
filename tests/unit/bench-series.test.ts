import { describe, expect, it } from 'vitest';

import { plot } from '../bench/harness/plot.js';
import { slopePerHour, tenths, type Point } from '../bench/harness/series.js';

const points = (count: number, value: (i: number) => number): Point[] =>
  Array.from({ length: count }, (_, i) => ({ at: i * 10, value: value(i) }));

describe('slopePerHour', () => {
  it('finds what grows by a unit every ten seconds', () => {
    expect(slopePerHour(points(100, (i) => 50 + i))).toBeCloseTo(360);
  });

  it('is not moved by single peaks', () => {
    expect(slopePerHour(points(100, (i) => (i % 10 === 9 ? 900 : 50)))).toBe(0);
    expect(slopePerHour(points(100, (i) => (i === 99 ? 1e6 : 50 + i)))).toBeCloseTo(360);
  });

  it('looks at as much of a long run as of a short one', () => {
    expect(slopePerHour(points(5_000, (i) => 2 * i))).toBeCloseTo(720);
  });

  it('has no slope of a single point', () => {
    expect(() => slopePerHour(points(1, () => 1))).toThrow(RangeError);
  });
});

describe('tenths', () => {
  it('takes the median of the first and of the last tenth', () => {
    expect(tenths(points(100, (i) => (i === 3 ? 1e6 : i)))).toEqual({ first: 5.5, last: 94.5 });
  });
});

describe('plot', () => {
  const svg = plot({
    description: 'Memory & <more>',
    charts: [{ title: 'Memory', unit: 'MB', lines: [{ name: 'heap', points: points(61, (i) => i) }] }],
  });

  it('draws every line from the first point to the last, between the axes', () => {
    expect(svg).toContain('d="M62 144');
    expect(svg).toContain('L744 ');
  });

  it('names axes and units, and describes itself', () => {
    for (const text of ['Memory, MB', '>heap<', '>100<', '10 min', 'aria-label="Memory &amp; &lt;more>"']) {
      expect(svg).toContain(text);
    }
  });

  it('is the same file for the same figures, and readable on a dark page', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});
