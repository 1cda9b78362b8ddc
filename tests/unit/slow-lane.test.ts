// What the slow lane is told, and when.
import { beforeEach, describe, expect, it } from 'vitest';
import { SLOW_LANE_MS } from '../../shared/limits.js';
import type { Cursor, Delta } from '../../shared/views.js';
import { roomOf } from '../../server/socket/lanes.js';
import { MergedLane } from '../../server/socket/merged-lane.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { EPOCH, makeDelta, THREAD } from '../support/replies.js';

const BEAT = { thread: THREAD, epoch: EPOCH, head: 0, readers: 2, typing: [] };

let clock: VirtualClock;
let position: Cursor | null;
/** What memory reaches back to; null: not far enough. */
let start: number | null;
let emitted: [room: string, event: string, payload: unknown][];
let isHeard: boolean;
let lane: MergedLane;
beforeEach(() => {
  clock = new VirtualClock(new Random(1));
  position = { epoch: EPOCH, seq: 3 };
  start = 0;
  emitted = [];
  isHeard = true;
  const published = (_: string, seq: number | null): Delta | null =>
    start === null ? null : makeDelta(seq ?? start, position!.seq);
  lane = new MergedLane({
    lane: 'slow',
    everyMs: SLOW_LANE_MS,
    clock: clock as never,
    live: { position: () => position, published },
    has: () => isHeard,
    busyMs: () => 0,
    emit: (room, event, payload) => emitted.push([room, event, payload]),
  });
  lane.start();
});

const room = roomOf(THREAD, 'slow');

describe('[PUMP7] the slow lane', () => {
  it('hears together what changed since it was last told, and then how far that was', async () => {
    lane.enter(THREAD);
    position = { epoch: EPOCH, seq: 5 };
    lane.beat({ ...BEAT, head: 4 });
    position = { epoch: EPOCH, seq: 9 };
    lane.beat({ ...BEAT, head: 9, readers: 3 });
    await clock.pass(SLOW_LANE_MS - 500);
    expect(emitted).toEqual([]);
    await clock.pass(500);
    position = { epoch: EPOCH, seq: 11 };
    await clock.pass(SLOW_LANE_MS);
    expect(emitted).toEqual([
      [room, 'thread:delta', makeDelta(3, 9)],
      [room, 'thread:beat', { ...BEAT, head: 9, readers: 3 }],
      [room, 'thread:delta', makeDelta(9, 11)],
      [room, 'thread:beat', { ...BEAT, head: 11, readers: 3 }],
    ]);
  });

  it('hears a beat alone where nothing changed', async () => {
    lane.enter(THREAD);
    lane.beat({ ...BEAT, head: 3 });
    await clock.pass(SLOW_LANE_MS);
    expect(emitted).toEqual([[room, 'thread:beat', { ...BEAT, head: 3 }]]);
  });

  it('of a thread that nobody read before, hears from where memory begins', async () => {
    position = null;
    lane.enter(THREAD);
    position = { epoch: EPOCH, seq: 4 };
    start = 2;
    await clock.pass(SLOW_LANE_MS);
    expect(emitted).toEqual([[room, 'thread:delta', makeDelta(2, 4)]]);
  });

  it('joins again where memory does not reach back, and where the thread is of another epoch', async () => {
    lane.enter(THREAD);
    start = null;
    position = { epoch: EPOCH, seq: 900 };
    await clock.pass(SLOW_LANE_MS);
    start = 0;
    position = { epoch: 'another', seq: 7 };
    await clock.pass(SLOW_LANE_MS);
    expect(emitted).toEqual([
      [room, 'thread:stale', { thread: THREAD, head: 900 }],
      [room, 'thread:stale', { thread: THREAD, head: 7 }],
    ]);
  });

  it('forgets a thread that nobody hears any more, and begins anew with the next reader', async () => {
    lane.enter(THREAD);
    isHeard = false;
    await clock.pass(SLOW_LANE_MS);
    isHeard = true;
    position = { epoch: EPOCH, seq: 20 };
    await clock.pass(SLOW_LANE_MS);
    expect(emitted).toEqual([]);
    lane.enter(THREAD);
    position = { epoch: EPOCH, seq: 21 };
    await clock.pass(SLOW_LANE_MS);
    expect(emitted).toEqual([[room, 'thread:delta', makeDelta(20, 21)]]);
  });
});
