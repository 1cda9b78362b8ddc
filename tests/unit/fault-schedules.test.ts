// What the short form of the fault suite covers (tests/faults/schedules.ts): every fault, or it is said why not.
import { describe, expect, it } from 'vitest';

import { faultOf, isPair, partsOf } from '../faults/at-once.js';
import { FAULTS } from '../faults/faults.js';
import { LEFT_TO_SEEDS, schedulesOf } from '../faults/schedules.js';
import type { Fault } from '../faults/fault.js';
import type { Stage } from '../faults/stage.js';
import { STAGES } from '../faults/stages.js';
import { Random } from '../sim/random.js';

const all = STAGES.flatMap((stage) => schedulesOf(stage)).flatMap(({ faults }) => faults.map(partsOf));
const pairs = all.filter((parts) => parts.length > 1);
/** Alone, as who has two at once can't say which of them was survived. */
const scheduled = new Set(all.filter((parts) => parts.length === 1).flat());
const left = LEFT_TO_SEEDS.flatMap(({ faults }) => faults);

describe('a fault', () => {
  it('stands in a schedule, or among those that are left to seeds, with the reason', () => {
    expect(Object.keys(FAULTS).filter((fault) => !scheduled.has(fault) && !left.includes(fault))).toEqual([]);
    expect(left.filter((fault) => scheduled.has(fault))).toEqual([]);
    expect(new Set(left).size).toBe(left.length);
    for (const { why } of LEFT_TO_SEEDS) expect(why.length).toBeGreaterThan(20);
  });

  it('that is named exists', () => {
    expect([...all.flat(), ...left].filter((fault) => !(fault in FAULTS))).toEqual([]);
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

describe('two faults at once', () => {
  it('happen to different things, and stand in a schedule where there are a bus and a database of their own', () => {
    for (const pair of pairs) expect([pair, pair.length, isPair(pair[0]!, pair[1]!)]).toEqual([pair, 2, true]);
    expect(pairs.length).toBe(6);
  });

  it('both happen, the second while the first lasts, and both end whatever becomes of one', async () => {
    const told: string[] = [];
    let end = (): void => {};
    // Well after the other has failed.
    const first = new Promise<void>((resolve) => (end = () => setTimeout(resolve, 50)));
    const chances: number[] = [];
    const faults: Record<string, Fault> = {
      'a: lasts': {
        run: async (_stage, random) => {
          chances.push(random.next());
          told.push('first');
          await first;
          told.push('over');
        },
      },
      'b: fails': {
        run: (_stage, random) => {
          chances.push(random.next());
          told.push('second');
          end();
          return Promise.reject(new Error('not felt'));
        },
      },
    };
    const fault = faultOf('a: lasts + b: fails', faults)!;
    const stage = {} as Stage;
    await expect(fault.run(stage, new Random(7))).rejects.toThrow('not felt');
    expect(told).toEqual(['first', 'second', 'over']);
    expect(new Set(chances).size).toBe(2);
    const before = chances.splice(0);
    await expect(fault.run(stage, new Random(7))).rejects.toThrow('not felt');
    expect(chances).toEqual(before);
    expect(faultOf('a: lasts + c: is none', faults)).toBeUndefined();
  });

  it('are left out where one of them is', () => {
    const lacking: Fault = {
      lacks: () => 'no such thing',
      forbidden: () => 'not allowed',
      run: () => Promise.resolve(),
    };
    const fault = faultOf('a: x + b: y', { 'a: x': { run: () => Promise.resolve() }, 'b: y': lacking })!;
    expect(fault.lacks?.({} as Stage)).toBe('no such thing');
    expect(fault.forbidden?.({} as Stage)).toBe('not allowed');
  });
});
