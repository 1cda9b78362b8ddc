import { beforeEach, describe, expect, it } from 'vitest';
import { BEAT_EVERY_MS, BEAT_GAP_MS } from '../../shared/limits.js';
import { makeDelta, THREAD } from '../support/replies.js';
import { asDelta, asSnapshot, SyncDesk } from '../support/sync-desk.js';

let desk: SyncDesk;
beforeEach(() => {
  desk = new SyncDesk();
});

describe('[CUR1] a delta', () => {
  it('that follows is applied, one that is known is dropped, one that overlaps moves the cursor to its end', async () => {
    await desk.goLive(10);
    desk.push(10, 11);
    desk.push(10, 11);
    desk.push(8, 9);
    desk.push(9, 13);
    expect([desk.seq, desk.reader.applied, desk.line.joins.length]).toEqual([13, ['10-11', '9-13'], 1]);
  });

  it('with a gap before it is parked, and one join asks for what is missing', async () => {
    await desk.goLive(10);
    desk.push(11, 12);
    desk.push(12, 13);
    desk.push(14, 15);
    expect([desk.seq, desk.line.joins.length, desk.reader.statuses.at(-1)]).toEqual([10, 2, 'catching-up']);
    await desk.line.answer(asDelta(makeDelta(10, 14)));
    expect([desk.seq, desk.reader.applied, desk.reader.statuses.at(-1)]).toEqual([15, ['10-14', '14-15'], 'live']);
  });

  it('that is still missing after the answer is asked for again', async () => {
    await desk.goLive(10);
    desk.push(15, 16);
    await desk.line.answer(asDelta(makeDelta(10, 12)));
    expect([desk.seq, desk.sync.isLive]).toEqual([12, false]);
    await desk.clock.pass(2_000);
    expect(desk.line.joins.at(-1)?.cursor?.seq).toBe(12);
  });

  it('of another epoch asks for a snapshot', async () => {
    await desk.goLive(10);
    desk.push(10, 11, { epoch: 'new' });
    expect([desk.seq, desk.line.joins.length]).toEqual([10, 2]);
    await desk.line.answer(asSnapshot(11, 'new'));
    expect(desk.reader.cursor).toEqual({ epoch: 'new', seq: 11 });
  });

  it('of another discussion on the same line is not this one’s', async () => {
    await desk.goLive(10);
    desk.push(10, 11, { thread: 'another' });
    desk.push(40, 41, { thread: 'another' });
    expect([desk.seq, desk.line.joins.length]).toEqual([10, 1]);
  });

  it('before the first answer is parked, whatever discussion it is of, and sorted out then', async () => {
    desk.sync.start();
    desk.push(7, 8);
    desk.push(70, 80, { thread: 'another' });
    desk.push(8, 9);
    await desk.line.answer(asSnapshot(7));
    expect([desk.seq, desk.reader.applied, desk.sync.isLive]).toEqual([9, ['7-8', '8-9'], true]);
  });

  it('while a join is under way is not applied before its answer', async () => {
    await desk.goLive(10);
    desk.push(11, 12);
    desk.push(10, 11);
    expect(desk.seq).toBe(10);
    await desk.line.answer(asSnapshot(11));
    expect([desk.seq, desk.reader.applied]).toEqual([12, ['11-12']]);
  });

  it('that shows a gap again right away does not make a flood of joins', async () => {
    await desk.goLive(10);
    for (let i = 0; i < 50; i++) {
      desk.push(1_000 + 2 * i, 1_001 + 2 * i);
      if (desk.line.isAsked) await desk.line.answer(asDelta(makeDelta(10, 10)));
      await desk.clock.pass(100);
    }
    expect(desk.line.joins.length).toBeLessThan(10);
  });
});

describe('[CUR4] a beat', () => {
  it('that is ahead for a second, without a delta, is a gap', async () => {
    await desk.goLive(10);
    desk.beat(11);
    await desk.clock.pass(BEAT_GAP_MS - 1);
    expect(desk.line.joins).toHaveLength(1);
    await desk.clock.pass(1);
    expect(desk.line.joins).toHaveLength(2);
  });

  it('that is ahead is nothing when the delta comes', async () => {
    await desk.goLive(10);
    desk.beat(11);
    desk.push(10, 11);
    await desk.clock.pass(BEAT_GAP_MS);
    expect(desk.line.joins).toHaveLength(1);
  });

  it('that is level or behind is nothing', async () => {
    await desk.goLive(10);
    desk.beat(10);
    desk.beat(4);
    await desk.clock.pass(BEAT_GAP_MS);
    expect(desk.line.joins).toHaveLength(1);
  });

  it('[SEQ6] of another epoch asks for a snapshot at once', async () => {
    await desk.goLive(10);
    desk.beat(10, { epoch: 'new' });
    expect(desk.line.joins).toHaveLength(2);
  });

  it('that does not come for fifteen seconds may mean that the server forgot this reader', async () => {
    await desk.goLive(10);
    for (let i = 0; i < 4; i++) {
      await desk.clock.pass(BEAT_EVERY_MS);
      desk.beat(10);
    }
    expect(desk.line.joins).toHaveLength(1);
    await desk.clock.pass(3 * BEAT_EVERY_MS);
    expect(desk.line.joins).toHaveLength(2);
  });
});

describe('[PUMP4] `thread:stale`', () => {
  const stale = (thread = THREAD): void => desk.line.events.emit('thread:stale', { thread, head: 20 });

  it('asks to be joined again', async () => {
    await desk.goLive(10);
    stale('another');
    expect(desk.line.joins).toHaveLength(1);
    stale();
    expect(desk.line.joins).toHaveLength(2);
  });

  it('while a join is under way asks once more after it: the answer may be older than the word', async () => {
    await desk.goLive(10);
    stale();
    stale();
    await desk.line.answer(asDelta(makeDelta(10, 12)));
    expect([desk.seq, desk.sync.isLive]).toEqual([12, false]);
    await desk.clock.pass(2_000);
    expect(desk.line.joins).toHaveLength(3);
  });
});
