// What the digest lane is told, and when.
import { expect, it } from 'vitest';
import { MergedLane } from '../../server/socket/merged-lane.js';
import { roomOf } from '../../server/socket/lanes.js';
import { digestOf } from '../../server/threads/present.js';
import { DIGEST_EVERY_MS } from '../../shared/limits.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { EPOCH, makeDelta, makeRemoved, makeReply, makeThread, THREAD } from '../support/replies.js';

it('[PUMP10] new replies are left out by what they answer; what was there before comes as ever', () => {
  const info = makeThread({ count: 9 });
  const old = makeReply('old', { born: 3, seq: 12, rev: 2 });
  const touched = [{ id: 'root', seq: 13, score: 1, replies: 2 }];
  const fresh = [
    makeReply('a', { born: 11 }),
    makeReply('b', { born: 13, parent: 'root', root: 'root', depth: 1 }),
    makeReply('c', { born: 14 }),
  ];
  expect(digestOf(makeDelta(10, 14, [old, ...fresh], { touched, info }))).toEqual(
    makeDelta(10, 14, [old], { touched, info, left: { '': [11, 14], root: [13] } }),
  );
});

it('[PUMP10] a new one that changed within the range comes whole: who came in between holds it as it was', () => {
  const answered = makeReply('a', { born: 11, seq: 14, replies: 1 });
  const broughtBack = makeReply('b', { born: 12, seq: 15 });
  const removed = makeRemoved('c', { born: 13, seq: 16 });
  const changed = [answered, broughtBack, removed];
  expect(digestOf(makeDelta(10, 17, [...changed, makeReply('d', { born: 17 })]))).toEqual(
    makeDelta(10, 17, changed, { left: { '': [17] } }),
  );
});

it('[PUMP10] a delta without new replies is as it is', () => {
  const delta = makeDelta(10, 11, [makeReply('a', { born: 3, seq: 11 })]);
  expect(digestOf(delta)).toBe(delta);
});

it('[PUMP10] is told four times a second, and not before what was told is written to all', async () => {
  const clock = new VirtualClock(new Random(1));
  const emitted: unknown[] = [];
  let [seq, busy] = [10, 0];
  const lane = new MergedLane({
    lane: 'digest',
    everyMs: DIGEST_EVERY_MS,
    shape: digestOf,
    clock: clock as never,
    live: {
      position: () => ({ epoch: EPOCH, seq }),
      published: (_, from) => makeDelta(from!, seq, [makeReply('new', { born: seq })]),
    },
    has: () => true,
    busyMs: (room) => (expect(room).toBe(roomOf(THREAD, 'digest')), busy),
    emit: (_, ...push) => emitted.push(push),
  });
  lane.start();
  lane.enter(THREAD);
  const pass = async (): Promise<number> => {
    seq++;
    await clock.pass(DIGEST_EVERY_MS);
    return emitted.length;
  };
  expect([await pass(), await pass()]).toEqual([1, 2]);
  busy = Infinity;
  expect([await pass(), await pass()]).toEqual([2, 2]);
  busy = 100;
  // Five times as long as the writing took.
  expect([await pass(), await pass(), await pass()]).toEqual([3, 3, 4]);
  expect(emitted.at(-2)).toEqual(['thread:delta', makeDelta(12, 15, [], { left: { '': [15] } })]);
});
