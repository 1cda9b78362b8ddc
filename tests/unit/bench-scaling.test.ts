import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { COSTS, loadOf, needsOf, NODE } from '../bench/model/model.js';
import { simulate } from '../bench/model/simulate.js';
import { scalingTable } from '../bench/model/table.js';

describe('the model of many readers', () => {
  it('stands in docs/scaling.md as it computes (else run: npm run docs)', () => {
    const text = readFileSync(new URL('../../docs/scaling.md', import.meta.url), 'utf8');
    expect(/<!-- scaling -->\n\n?([^]*?)\n\n?<!-- \/scaling -->/.exec(text)?.[1]).toBe(scalingTable());
  }, 30_000);

  it('gives no node more than it may carry, and not many more nodes than that takes', () => {
    for (const readers of [1_000, 77_000, 1_000_000, 100_000_000]) {
      const { nodes, busy } = needsOf(readers);
      expect(busy.core).toBeLessThanOrEqual(NODE.busyMax);
      expect(busy.memory).toBeLessThanOrEqual(NODE.memoryMax);
      if (nodes > 1) expect(Math.max(busy.core / NODE.busyMax, busy.memory / NODE.memoryMax)).toBeGreaterThan(0.7);
    }
  });

  it('counts each reply and each push of a small crowd', () => {
    // One thread: every reader hears every reply.
    const { threads, repliesPerSecond, pushesPerSecond, hintsPerSecond } = loadOf(100);
    expect(threads).toBe(1);
    expect(repliesPerSecond).toBeCloseTo(100 / 1_800);
    expect(pushesPerSecond).toBeCloseTo(repliesPerSecond * 100);
    expect(hintsPerSecond).toBeCloseTo(repliesPerSecond);
  });

  it.each([10_000, 1_000_000])('uses as much of a core when it is played through with %i readers', (readers) => {
    const needs = needsOf(readers);
    expect(simulate(needs).core).toBeGreaterThan(needs.busy.core * 0.85);
    expect(simulate(needs).core).toBeLessThan(needs.busy.core * 1.15);
  });

  it('needs more nodes where a push costs more, and waits longer on a busier one', () => {
    const dear = { ...COSTS, pushMicros: COSTS.pushMicros * 3 };
    expect(needsOf(1_000_000, dear).nodes).toBeGreaterThan(needsOf(1_000_000).nodes * 1.3);
    const needs = needsOf(10_000);
    expect(simulate(needs, dear).p99).toBeGreaterThan(simulate(needs).p99 * 2);
  });
});
