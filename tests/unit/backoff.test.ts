import { describe, expect, it } from 'vitest';
import { Backoff } from '../../widget/net/backoff.js';

/** Jitter that always takes this share of its bound. */
const share = (value: number): Backoff => new Backoff({ random: () => value });

describe('the wait before another attempt', () => {
  it('has a bound that doubles from one second to thirty', () => {
    const backoff = share(0.999_999);
    const bounds = Array.from({ length: 8 }, () => Math.round(backoff.next()));
    expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is anything from nothing to its bound, so that readers come back spread', () => {
    const shares = [0.8, 0, 0.5];
    const backoff = new Backoff({ random: () => shares.pop()! });
    expect([backoff.next(), backoff.next(), backoff.next()]).toEqual([500, 0, 3_200]);
  });

  it('is never shorter than the server asked for, and spread behind that', () => {
    expect(share(0).next(2_000)).toBe(2_000);
    expect(share(0.5).next(2_000)).toBe(2_500);
  });

  it('is short again after a reset', () => {
    const backoff = share(0.5);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it('stays within its bounds after a thousand attempts', () => {
    const backoff = share(0.5);
    for (let i = 0; i < 2_000; i++) backoff.next();
    expect(backoff.next()).toBe(15_000);
  });
});
