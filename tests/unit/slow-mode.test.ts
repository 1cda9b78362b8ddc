// How the writers of a lively thread are slowed down.
import { beforeEach, describe, expect, it } from 'vitest';

import { SlowMode } from '../../server/socket/slow-mode.js';
import type { AppError } from '../../shared/errors.js';

let now: number;
let slow: SlowMode;
beforeEach(() => {
  now = 5_000_000;
  slow = new SlowMode({ isOn: true, clock: { now: () => now } });
});

/** Replies by others, so many a second, for so long. */
function chat(perSecond: number, seconds: number, thread = 'hot'): void {
  for (let n = 0; n < perSecond * seconds; n++) {
    now += 1_000 / perSecond;
    slow.wrote(thread, 1);
  }
}

/** How long the author is asked to wait; 0: not at all. */
function wait(author: string, thread = 'hot'): number {
  try {
    slow.mustWait(thread, author);
    return 0;
  } catch (error) {
    const { code, retryAfterMs } = (error as AppError).toBody();
    expect(code).toBe('rate_limited');
    return retryAfterMs!;
  }
}

describe('[LIM2] slow mode', () => {
  it('lets everybody write as they like where a thread is lively, as long as it can be read', () => {
    chat(3, 60);
    for (let n = 0; n < 10; n++) expect(wait('ana')).toBe(0);
  });

  it('gives each writer of a hot thread the same time between two replies, longer the hotter it is', () => {
    chat(10, 60);
    expect([wait('ana'), wait('ben')]).toEqual([0, 0]);
    const [ana, ben] = [wait('ana'), wait('ben')];
    expect(ana).toBeGreaterThan(15_000);
    expect(ana).toBeLessThan(25_000);
    expect(ben).toBe(ana);
    chat(200, 20);
    expect(wait('cleo')).toBe(0);
    expect(wait('cleo')).toBe(60_000);
  });

  it('does not count a reply of which nothing came', () => {
    chat(10, 60);
    slow.mustWait('hot', 'ana')();
    expect(wait('ana')).toBe(0);
    expect(wait('ana')).toBeGreaterThan(0);
  });

  it('takes the reply when the time that was told is over', () => {
    chat(10, 60);
    wait('ana');
    now += wait('ana');
    expect(wait('ana')).toBe(0);
  });

  it('ends by itself when the thread has calmed down, and never was in another one', () => {
    chat(10, 60);
    wait('ana');
    expect(wait('ana', 'quiet')).toBe(0);
    expect(wait('ana', 'quiet')).toBe(0);
    now += 10_000;
    expect([wait('ana'), wait('ana')]).toEqual([0, 0]);
  });

  it('is off with the rate limits', () => {
    slow = new SlowMode({ isOn: false, clock: { now: () => now } });
    chat(200, 20);
    for (let n = 0; n < 10; n++) expect(wait('ana')).toBe(0);
  });
});
