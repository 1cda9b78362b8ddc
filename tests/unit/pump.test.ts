// When the pump publishes and when it waits: beside what the simulator shows of it.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../server/clock.js';
import { createLog } from '../../server/log.js';
import { NO_METRICS } from '../../server/metrics/metrics.js';
import type { Change, Changes } from '../../server/store/store.js';
import { Pump } from '../../server/threads/pump.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { threadAt } from '../support/replies.js';

const log = createLog({ level: 'fatal', pretty: false, to: { write: () => {} } });

let clock: VirtualClock;
let pump: Pump;
/** The ranges of the deltas. */
let published: [from: number, to: number][];
/** When they were. */
let publishedAt: number[];
let busyMs: number;
let read: (from: number) => Promise<Changes>;
beforeEach(() => {
  clock = new VirtualClock(new Random(1));
  published = [];
  publishedAt = [];
  busyMs = 0;
  read = () => Promise.reject(new Error('the database is away'));
  pump = new Pump({
    thread: threadAt(0),
    store: { changes: (_, from) => read(from) },
    clock: clock as Clock,
    log,
    metrics: NO_METRICS,
    publish: ({ from, to }) => {
      published.push([from, to]);
      publishedAt.push(clock.now());
    },
    busyMs: () => busyMs,
    resync: () => {},
  });
});

function change(from: number, to: number): Change {
  return { thread: threadAt(to), from, to, rows: [], counters: [] };
}

describe('[PUMP2] a delta', () => {
  it('waits until the last one is written to all its readers, and then brings all that came meanwhile', async () => {
    pump.offer(change(0, 1));
    await clock.pass(0);
    busyMs = Infinity;
    for (let seq = 1; seq < 100; seq++) {
      pump.offer(change(seq, seq + 1));
      await clock.pass(100);
    }
    expect(published).toEqual([[0, 1]]);
    // What a beat tells: with more it would make every reader ask for what is on its way to them (CUR4).
    expect([pump.published, pump.recent.head]).toEqual([1, 100]);
    busyMs = 80;
    await clock.pass(400);
    expect(published).toEqual([
      [0, 1],
      [1, 100],
    ]);
  });

  it('takes a fifth of the time on average: sooner after a quiet time, and not again before that is made up for', async () => {
    busyMs = 80;
    let seq = 0;
    const writeUntil = async (count: number): Promise<void> => {
      while (published.length < count) {
        pump.offer(change(seq, ++seq));
        await clock.pass(1);
      }
    };
    await writeUntil(1);
    // Twice the time that it takes.
    await clock.pass(800);
    await writeUntil(5);
    const apart = publishedAt.slice(1).map((time, i) => Math.round(time - publishedAt[i]!));
    expect(apart).toEqual([801, 25, 375, 400]);
  });

  it('of what is written here goes out at once, also where the database did not tell what is written elsewhere', async () => {
    // Hinted, and read in vain for so long that the next attempt is seconds away.
    pump.nudge(1);
    await clock.pass(10_000);
    pump.offer(change(0, 1));
    await clock.pass(0);
    expect(published).toEqual([[0, 1]]);
    pump.nudge(2);
    read = async (from) => ({ thread: threadAt(2), change: change(from, 2) });
    await clock.pass(25);
    expect(published).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });
});
