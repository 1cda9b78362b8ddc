import { beforeEach, describe, expect, it } from 'vitest';

import { Fading } from '../../server/fading.js';
import { Buckets } from '../../server/socket/buckets.js';

let fading: Fading<number>;
beforeEach(() => {
  fading = new Fading({ keptMs: 1_000, max: 100 });
});

describe('what fades', () => {
  it('is kept for its time after it was touched last', () => {
    for (let start = 0; start < 1_000; start += 100) {
      fading = new Fading({ keptMs: 1_000, max: 100 });
      fading.set('first', 0, 0);
      fading.set('a', 1, start);
      expect(fading.get('a', start + 999)).toBe(1);
      fading.set('a', 2, start + 999);
      expect(fading.get('a', start + 1_998)).toBe(2);
    }
  });

  it('is forgotten within twice its time, whoever else is touched, and after a silence', () => {
    fading.set('a', 1, 0);
    for (let now = 0; now <= 2_000; now += 50) fading.set('b', 2, now);
    expect(fading.get('a', 2_000)).toBeUndefined();
    expect(fading.get('b', 9_000)).toBeUndefined();
    expect(fading.size).toBe(0);
  });

  it('is bounded, whatever comes in no time', () => {
    for (let n = 0; n < 10_000; n++) fading.set(`key ${n}`, n, 5);
    expect(fading.size).toBeLessThanOrEqual(200);
    expect(fading.get('key 9999', 5)).toBe(9_999);
  });
});

it('buckets of those who are gone are forgotten when they are full, and not before', () => {
  let now = 0;
  const buckets = new Buckets({ burst: 10, perSecond: 2 }, () => now);
  for (let n = 0; n < 10; n++) buckets.spend('flood');
  for (let reader = 0; reader < 20_000; reader++) {
    now += 10;
    buckets.spend(`reader ${reader}`);
    // Five seconds fill a bucket, and these come a hundred a second.
    expect(buckets.size).toBeLessThan(1_100);
    if (now === 250) expect(buckets.wait('flood')).toBe(250);
  }
  expect(buckets.wait('flood')).toBe(0);
});
