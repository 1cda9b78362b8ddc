// The plan of the benchmarks' open loop, and the thread that fires it.
import { describe, expect, it } from 'vitest';

import { schedule, seeded } from '../bench/harness/schedule.js';
import { now } from '../bench/harness/clock.js';
import { runPlan } from '../bench/harness/ticker.js';

describe('schedule', () => {
  it('holds exactly as many events as the rate asks for, ascending, each in its own slot', () => {
    const times = schedule({ perSecond: 200, seconds: 3, seed: 7 });
    expect(times).toHaveLength(600);
    times.forEach((time, i) => {
      expect(time).toBeGreaterThanOrEqual(i * 5);
      expect(time).toBeLessThan((i + 1) * 5);
    });
  });

  it('is the same for the same seed, and another for another', () => {
    const plan = { perSecond: 50, seconds: 2 };
    expect(schedule({ ...plan, seed: 1 })).toEqual(schedule({ ...plan, seed: 1 }));
    expect(schedule({ ...plan, seed: 1 })).not.toEqual(schedule({ ...plan, seed: 2 }));
  });

  it('keeps the least distance that the jitter leaves', () => {
    const times = schedule({ perSecond: 2, seconds: 500, seed: 3, jitter: 0.5 });
    const distances = times.slice(1).map((time, i) => time - times[i]!);
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(250);
  });

  it('falls into step with no timer: its events spread evenly over the time between two ticks of 25 ms', () => {
    const times = schedule({ perSecond: 200, seconds: 50, seed: 4 });
    const quarters = [0, 0, 0, 0];
    for (const time of times) quarters[Math.floor(((time % 25) / 25) * 4)]! += 1;
    for (const count of quarters) expect(count / times.length).toBeCloseTo(0.25, 1);
  });
});

it('seeded numbers lie in [0, 1) and around one half', () => {
  const random = seeded(42);
  const numbers = Array.from({ length: 10_000 }, random);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toBeCloseTo(0.5, 1);
});

describe('runPlan', () => {
  it('fires every event once, in order, never early, and tells the intended time and how late each was', async () => {
    const times = schedule({ perSecond: 500, seconds: 0.1, seed: 5 });
    const fired: { i: number; intended: number; at: number }[] = [];
    const slips = await runPlan(times, (i, intended) => fired.push({ i, intended, at: now() }));
    expect(fired.map(({ i }) => i)).toEqual(times.map((_, i) => i));
    for (const { at, intended } of fired) expect(at).toBeGreaterThanOrEqual(intended);
    fired.slice(1).forEach(({ intended }, i) => {
      expect(intended - fired[0]!.intended).toBeCloseTo(times[i + 1]! - times[0]!, 6);
    });
    expect(slips).toHaveLength(times.length);
    expect(Math.min(...slips)).toBeGreaterThanOrEqual(0);
  });

  it('goes on with the plan while an event takes long: what comes late counts from its intended time', async () => {
    const slips = await runPlan([0, 5, 10], (i) => {
      if (i === 0) for (const end = now() + 40; now() < end;);
    });
    expect(slips[1]).toBeGreaterThan(30);
    expect(slips[2]).toBeGreaterThan(25);
  });

  it('of no events ends at once', async () => {
    expect(await runPlan([], () => {})).toEqual([]);
  });
});
