// How the writers of a lively thread are slowed down.
import { beforeEach, describe, expect, it } from 'vitest';

import { SlowMode } from '../../server/socket/slow-mode.js';
import type { AppError } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';

let now: number;
let slow: SlowMode;
beforeEach(() => {
  now = 5_000_000;
  slow = new SlowMode({ isOn: true, clock: { now: () => now } });
});

/** One reply by somebody new at this address, or null where they have to wait. */
function write(address: string, thread = 'hot', author = newId()): number | null {
  const reply = newId();
  try {
    slow.mustWait({ thread, reply, author, address });
    slow.wrote(thread, [reply]);
    return null;
  } catch (error) {
    const { code, retryAfterMs } = (error as AppError).toBody();
    expect(code).toBe('rate_limited');
    return retryAfterMs!;
  }
}

/** Replies by others, each from an address of its own unless told otherwise, so many a second, for so long. */
function chat(perSecond: number, seconds: number, address = (n: number) => `192.0.${n >> 8}.${n & 255}`): void {
  for (let n = 0; n < perSecond * seconds; n++) {
    now += 1_000 / perSecond;
    write(address(n));
  }
}

/** How long the author is asked to wait; 0: not at all. */
function wait(author: string, { thread = 'hot', address = '198.51.100.1' } = {}): number {
  try {
    slow.mustWait({ thread, reply: newId(), author, address });
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
    slow.mustWait({ thread: 'hot', reply: newId(), author: 'ana', address: '198.51.100.1' })();
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
    expect(wait('ana', { thread: 'quiet' })).toBe(0);
    expect(wait('ana', { thread: 'quiet' })).toBe(0);
    now += 10_000;
    expect([wait('ana'), wait('ana')]).toEqual([0, 0]);
  });

  it('is off with the rate limits', () => {
    slow = new SlowMode({ isOn: false, clock: { now: () => now } });
    chat(200, 20);
    for (let n = 0; n < 10; n++) expect(wait('ana')).toBe(0);
  });

  it('makes nobody wait for what one address writes, under however many names, but those who write from there', () => {
    chat(20, 120, () => '203.0.113.1');
    for (let n = 0; n < 10; n++) expect(wait('ana')).toBe(0);
    expect(wait('pupil', { address: '203.0.113.1' })).toBe(0);
    expect(wait('pupil', { address: '203.0.113.1' })).toBeGreaterThan(30_000);
  });

  it('takes all networks of one provider of IPv6 addresses for one, and slows down none of them for another', () => {
    chat(20, 120, (n) => `2001:db8:1:${(n % 500).toString(16)}::${n.toString(16)}`);
    for (const address of ['198.51.100.1', '2001:db8:2::1', '2001:db8:1:ffff::1'])
      for (let n = 0; n < 10; n++) expect(wait('ana', { address })).toBe(0);

    chat(20, 60, (n) => `2001:db8:1:1::${n.toString(16)}`);
    expect(wait('ben', { address: '2001:db8:1:2::1' })).toBe(0);
    expect(wait('ben', { address: '2001:db8:1:2::1' })).toBe(0);
    expect(wait('cleo', { address: '2001:db8:1:1::1' })).toBe(0);
    expect(wait('cleo', { address: '2001:db8:1:1::1' })).toBeGreaterThan(0);
  });

  it('counts a few for all, as soon as more than a handful of places write', () => {
    for (const places of [4, 8]) {
      slow = new SlowMode({ isOn: true, clock: { now: () => now } });
      chat(20, 60, (n) => `192.0.2.${n % places}`);
      wait('ana');
      expect(wait('ana') > 0).toBe(places === 8);
    }
  });

  it('does not take what other nodes tell for many places, but adds it to what is written here', () => {
    const elsewhere = (seconds: number) => {
      for (let n = 0; n < 20 * seconds; n++) {
        now += 50;
        slow.wrote('hot', [newId()]);
        // The same one here, too.
        if (n % 10 === 0) write('203.0.113.1');
      }
    };
    elsewhere(120);
    for (let n = 0; n < 10; n++) expect(wait('ana')).toBe(0);
    for (let n = 0; n < 30; n++) write(`192.0.2.${n}`);
    wait('ana');
    expect(wait('ana')).toBeGreaterThan(0);
  });
});
