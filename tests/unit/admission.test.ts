// In which order requests begin, how many at a time, and which are refused.
import { beforeEach, describe, expect, it } from 'vitest';

import { Admission, type Work } from '../../server/admission.js';
import type { AppError } from '../../shared/errors.js';
import { Random } from '../sim/random.js';

let now: number;
let said: string[];
let timers: (() => void)[];
let admission: Admission;
/** What each request keeps the process busy for, once it has begun. */
let busyMs: number;
beforeEach(() => {
  now = 1_000_000;
  busyMs = 0;
  said = [];
  timers = [];
  admission = new Admission({
    log: { warn: (_: unknown, what: string) => void said.push(what) } as never,
    clock: {
      now: () => now,
      setTimeout: (callback: () => void) => timers.push(callback),
    },
    random: new Random(3).next,
  });
});

interface Asked {
  began: string[];
  refused: { name: string; error: AppError }[];
  done: (() => void)[];
}

/** Asks so often at once. */
function ask(work: Work, count: number, into: Asked = { began: [], refused: [], done: [] }): Asked {
  for (let i = 0; i < count; i++) {
    const name = `${work} ${i}`;
    admission.enter(work).then(
      (done) => {
        now += busyMs;
        into.began.push(name);
        into.done.push(done);
      },
      (error: AppError) => into.refused.push({ name, error }),
    );
  }
  return into;
}

/** A turn of the event loop takes so long. */
async function turn(ms = 1): Promise<void> {
  now += ms;
  await new Promise((resolve) => void setImmediate(resolve));
  await Promise.resolve();
}

describe('[LOAD1] admission', () => {
  it('begins what comes alone at once, before the event loop turns', async () => {
    const { began } = ask('write', 3);
    await Promise.resolve();
    expect(began).toEqual(['write 0', 'write 1', 'write 2']);
  });

  it('begins a burst in its order, a few in each turn, all of it', async () => {
    const asked = ask('write', 100);
    const perTurn: number[] = [];
    while (asked.began.length < 100) {
      const before = asked.began.length;
      await turn(10);
      perTurn.push(asked.began.length - before);
    }
    expect(asked.began).toEqual(Array.from({ length: 100 }, (_, i) => `write ${i}`));
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(16);
    expect(asked.refused).toEqual([]);
    expect(admission.waiting).toBe(0);
  });

  it('begins fewer in a turn where each takes its time, so that new connections are accepted', async () => {
    busyMs = 4;
    const asked = ask('write', 100);
    await turn(0);
    const before = asked.began.length;
    await turn(0);
    expect(asked.began.length - before).toBe(2);
    // Beside something else that takes long it gets its half.
    await turn(15);
    expect(asked.began.length - before).toBe(6);
  });

  it('refuses who waits for longer than a moment once the queue has not been empty for two seconds, and says it once', async () => {
    const asked = ask('write', 200);
    // Each turn takes 100 ms and brings more than is begun in it.
    for (let n = 0; n < 40; n++) {
      await turn(100);
      ask('write', 20, asked);
    }
    expect(asked.refused.length).toBeGreaterThan(100);
    const { code, retryAfterMs } = asked.refused[0]!.error.toBody();
    expect(code).toBe('overloaded');
    const waits = asked.refused.map(({ error }) => error.toBody().retryAfterMs!);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
    expect(new Set(waits).size).toBeGreaterThan(50);
    expect(retryAfterMs).toBe(waits[0]);
    expect(said).toEqual(['overloaded: a part of what is asked is refused']);
    // It goes on beginning as much as before.
    const before = asked.began.length;
    await turn(100);
    expect(asked.began.length - before).toBeGreaterThanOrEqual(8);
  });

  it('sheds new readers before those who are here', async () => {
    ask('write', 300);
    const [joins, writes]: Asked[] = [1, 2].map(() => ({ began: [], refused: [], done: [] }));
    for (let n = 0; n < 60; n++) {
      await turn(100);
      ask('write', 10, n < 30 ? undefined : writes);
      ask('join', 4, n < 30 ? undefined : joins);
    }
    expect(writes!.began.length).toBeGreaterThan(100);
    expect(joins!.refused.length).toBeGreaterThan(joins!.began.length * 4);
  });

  it('lets everything in again as soon as the queue was empty, and says that it is over', async () => {
    const asked = ask('write', 400);
    for (let n = 0; n < 60 && admission.waiting > 0; n++) await turn(100);
    expect(asked.refused.length).toBeGreaterThan(0);
    expect(admission.waiting).toBe(0);
    now += 10_000;
    for (const timer of timers.splice(0)) timer();
    expect(said.at(-1)).toBe('no longer overloaded');
    const again = ask('write', 50);
    for (let n = 0; n < 20; n++) await turn(100);
    expect([again.began.length, again.refused.length]).toEqual([50, 0]);
  });

  it('bounds what is under way, whatever the queue does', async () => {
    const asked = ask('write', 4_100);
    while (asked.began.length + asked.refused.length < 4_100) await turn(0);
    expect([asked.began.length, admission.underWay]).toEqual([4_000, 4_000]);
    asked.done[0]!();
    asked.done[0]!();
    const more = ask('read', 2);
    await turn();
    await turn();
    expect([more.began.length, more.refused.length]).toEqual([1, 1]);
  });
});
