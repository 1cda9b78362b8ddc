// The books of a fan-out: what is missing, doubled or out of order is seen, and latencies count from their origin.
import { describe, expect, it } from 'vitest';

import { Arrivals } from '../bench/generator/arrivals.js';
import { Pushes } from '../bench/generator/pushes.js';
import { Latencies } from '../bench/harness/latencies.js';

const summary = (packed: string) => Latencies.merge([packed]).summary();

describe('Arrivals', () => {
  it('tells how many readers have an event, up to the last one', () => {
    const arrivals = new Arrivals(3, 1);
    expect([0, 1, 2].map((reader) => arrivals.add(reader, 0, 10))).toEqual([1, 2, 3]);
    expect(arrivals.complete).toBe(true);
  });

  it('counts what came twice once, and keeps its first time', () => {
    const arrivals = new Arrivals(2, 1);
    arrivals.add(0, 0, 10);
    expect(arrivals.add(0, 0, 99)).toBe(0);
    expect(arrivals.books).toEqual({ expected: 2, received: 1, doubled: 1, disordered: 0 });
    expect(arrivals.complete).toBe(false);
    expect(summary(arrivals.spread([0]).each).max).toBeCloseTo(10, 1);
  });

  it('sees an event that comes after a later one, for that reader alone', () => {
    const arrivals = new Arrivals(2, 2);
    arrivals.add(0, 1, 10);
    arrivals.add(0, 0, 11);
    arrivals.add(1, 0, 12);
    arrivals.add(1, 1, 13);
    expect(arrivals.books).toEqual({ expected: 4, received: 4, doubled: 0, disordered: 1 });
  });

  it('measures each reader, and the last one of each event, from the origin of that event', () => {
    const arrivals = new Arrivals(2, 2);
    arrivals.add(0, 0, 105);
    arrivals.add(1, 0, 107);
    arrivals.add(0, 1, 203);
    arrivals.add(1, 1, 202);
    const { each, last } = arrivals.spread([100, 200]);
    expect(summary(each)).toMatchObject({ count: 4 });
    expect(summary(each).max).toBeCloseTo(7, 1);
    expect(summary(last)).toMatchObject({ count: 2 });
    expect(summary(last).p50).toBeCloseTo(3, 1);
    expect(summary(last).max).toBeCloseTo(7, 1);
  });

  it('leaves out events without an origin', () => {
    const arrivals = new Arrivals(1, 2);
    arrivals.add(0, 0, 5);
    arrivals.add(0, 1, 500);
    const { each, last } = arrivals.spread([1, undefined]);
    expect(summary(each).count).toBe(1);
    expect(summary(last).count).toBe(1);
  });
});

describe('Pushes', () => {
  const pushes = () => new Pushes((json) => (json.startsWith('beat') ? null : [Number(json.split(' ')[1])]));
  const read = (from: Pushes<number[]>, text: string): number[] | null => {
    // In the middle of a larger buffer, as it comes from a socket.
    const bytes = Buffer.from(`##${text}##`);
    return from.contentOf(bytes, 2, bytes.length - 2);
  };

  it('decodes what many readers get once, and compares the rest', () => {
    const seen = pushes();
    for (let reader = 0; reader < 100; reader++) expect(read(seen, 'delta 7')).toEqual([7]);
    expect(seen.decoded).toBe(1);
  });

  it('takes no push for another that is as long', () => {
    const seen = pushes();
    expect(read(seen, 'delta 1')).toEqual([1]);
    expect(read(seen, 'delta 2')).toEqual([2]);
    expect(read(seen, 'delta 1')).toEqual([1]);
    expect(seen.decoded).toBe(2);
  });

  it('keeps what it knows although the buffer is used again', () => {
    const seen = pushes();
    const bytes = Buffer.from('delta 3');
    seen.contentOf(bytes, 0, bytes.length);
    bytes.fill('x');
    expect(read(seen, 'delta 3')).toEqual([3]);
    expect(seen.decoded).toBe(1);
  });

  it('knows pushes that carry no event, and the size of those that do', () => {
    const seen = pushes();
    expect(read(seen, 'beat of a thread')).toBeNull();
    expect(seen.bytes).toBe(0);
    read(seen, 'delta 12');
    expect(seen.bytes).toBe(8);
  });
});
