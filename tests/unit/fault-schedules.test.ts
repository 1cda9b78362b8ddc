// What the short form of the fault suite covers (tests/faults/schedules.ts): every fault, or it is said why not.
import { describe, expect, it } from 'vitest';

import { FAULTS } from '../faults/faults.js';
import { LEFT_TO_SEEDS, schedulesOf } from '../faults/schedules.js';
import { STAGES } from '../faults/stages.js';

const scheduled = new Set(STAGES.flatMap((stage) => schedulesOf(stage)).flatMap(({ faults }) => faults));
const left = LEFT_TO_SEEDS.flatMap(({ faults }) => faults);

describe('a fault', () => {
  it('stands in a schedule, or among those that are left to seeds, with the reason', () => {
    expect(Object.keys(FAULTS).filter((fault) => !scheduled.has(fault) && !left.includes(fault))).toEqual([]);
    expect(left.filter((fault) => scheduled.has(fault))).toEqual([]);
    expect(new Set(left).size).toBe(left.length);
    for (const { why } of LEFT_TO_SEEDS) expect(why.length).toBeGreaterThan(20);
  });

  it('that is named exists', () => {
    expect([...scheduled, ...left].filter((fault) => !(fault in FAULTS))).toEqual([]);
  });

  it('of a line happens to some line in a schedule, and each line has some', () => {
    const ofLines = Object.keys(FAULTS).filter((fault) => fault.startsWith('line of '));
    const parts = (fault: string): string[] => fault.split(': ', 2);
    for (const part of [0, 1]) {
      const kinds = new Set(ofLines.map((fault) => parts(fault)[part]!));
      const had = new Set(
        [...scheduled].filter((fault) => ofLines.includes(fault)).map((fault) => parts(fault)[part]!),
      );
      expect([...kinds].filter((kind) => !had.has(kind))).toEqual([]);
    }
  });
});
