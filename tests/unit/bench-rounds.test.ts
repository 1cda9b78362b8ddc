// Which rounds of a benchmark count, and how they are compared.
import { describe, expect, it } from 'vitest';

import { formatGates, formatRatio, formatTable } from '../bench/harness/report.js';
import { compare, interleave, orderOf, ratio, remarks, sound, type Round, type Run } from '../bench/harness/rounds.js';

const run = (figures: number, { void: faults = [] as string[], disturbed = [] as string[] } = {}): Run<number> => ({
  figures,
  void: faults,
  disturbance: { foreign: 0, reasons: disturbed },
});
const same = (figures: number): number => figures;

describe('the order of contestants', () => {
  it('goes back and forth: A B B A', async () => {
    const order: string[] = [];
    await interleave(['A', 'B'], 4, (contestant) => {
      order.push(contestant);
      return Promise.resolve(run(1));
    });
    expect(order.join('')).toBe('ABBAABBA');
    expect(orderOf(['A', 'B', 'C'], 1)).toEqual(['C', 'B', 'A']);
  });

  it('keeps the figures of each contestant with it, whichever came first', async () => {
    const rounds = await interleave(['A', 'B'], 2, (contestant, round) =>
      Promise.resolve(run(contestant === 'A' ? round : 100 + round)),
    );
    expect(rounds.map(({ A, B }) => [A.figures, B.figures])).toEqual([
      [0, 100],
      [1, 101],
    ]);
  });
});

describe('ratio', () => {
  it('compares round by round, not sum by sum', () => {
    const rounds = [
      { A: run(1), B: run(2) },
      { A: run(30), B: run(20) },
      { A: run(8), B: run(8) },
    ];
    expect(ratio(rounds, 'A', 'B', same)).toEqual({ median: 1, min: 0.5, max: 1.5, rounds: 3, disturbed: false });
  });

  it('leaves out a round in which either of the two is void', () => {
    const rounds = [
      { A: run(1), B: run(2) },
      { A: run(9, { void: ['a push is missing'] }), B: run(1) },
      { A: run(9), B: run(1, { void: ['the generator was busy'] }) },
    ];
    expect(ratio(rounds, 'A', 'B', same)).toMatchObject({ median: 0.5, rounds: 1 });
    expect(sound(rounds, 'A')).toEqual([1, 9]);
  });

  it('leaves out disturbed rounds where there are quiet ones, and says so where there are none', () => {
    const quiet = { A: run(1), B: run(2) };
    const disturbed = { A: run(9, { disturbed: ['others'] }), B: run(1) };
    expect(ratio([quiet, disturbed], 'A', 'B', same)).toMatchObject({ median: 0.5, rounds: 1, disturbed: false });
    expect(ratio([disturbed], 'A', 'B', same)).toMatchObject({ median: 9, rounds: 1, disturbed: true });
  });

  it('is null where every round is void, never a number', () => {
    const rounds: Round<'A' | 'B', number>[] = [{ A: run(1, { void: ['why'] }), B: run(1) }];
    expect(ratio(rounds, 'A', 'B', same)).toBeNull();
    expect(formatRatio(null)).toBe('void');
  });
});

it('a difference is made of the same rounds as a ratio', () => {
  const rounds = [
    { A: run(5), B: run(2) },
    { A: run(99, { disturbed: ['others'] }), B: run(1) },
  ];
  expect(compare(rounds, 'A', 'B', (mine, theirs) => mine - theirs)).toMatchObject({ median: 3, max: 3, rounds: 1 });
});

it('every void or disturbed run is named with its reason', () => {
  const rounds = [
    { A: run(1, { void: ['3 pushes are missing'] }), B: run(1, { disturbed: ['it swapped', 'it slipped'] }) },
  ];
  expect(remarks(rounds, 'B1')).toEqual([
    'void: B1, round 1, A: 3 pushes are missing',
    'disturbed: B1, round 1, B: it swapped; it slipped',
  ]);
});

describe('the report', () => {
  it('shows a ratio with its range, and marks one that is made of disturbed rounds', () => {
    expect(formatRatio({ median: 0.84, min: 0.8, max: 0.91, rounds: 3, disturbed: false })).toBe('0.84 (0.80 to 0.91)');
    expect(formatRatio({ median: 12.3, min: 12.3, max: 12.3, rounds: 1, disturbed: true })).toBe('~12.3');
  });

  it('aligns figures to the right and names to the left', () => {
    const rows = [
      ['10/s', '1.50'],
      ['200/s', '~120 (90 to 130)'],
    ];
    expect(formatTable({ title: 'T', columns: ['load', 'p50'], rows })).toBe(
      [
        '',
        'T',
        'load                p50',
        '-----  ----------------',
        '10/s               1.50',
        '200/s  ~120 (90 to 130)',
      ].join('\n'),
    );
  });

  it('counts a gate as reached only by the whole range, and a void one as void', () => {
    const found = { median: 0.9, min: 0.8, max: 1.1, rounds: 2, disturbed: false };
    const text = formatGates([
      { name: 'first', limit: 1.2, aim: 0.6, ratio: found },
      { name: 'second', limit: 1, ratio: found },
      { name: 'third', limit: 0.5, ratio: found },
      { name: 'fourth', limit: 1, ratio: null },
      { name: 'aim alone', aim: 1, ratio: found },
    ]);
    expect(text).toContain('first: 0.90 (0.80 to 1.10); gate 1.2 reached, aim 0.6 missed');
    expect(text).toContain('Gates: 1 reached, 1 missed, 1 open (the rounds disagree), 1 void.');
  });
});
