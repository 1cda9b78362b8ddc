import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.js';
import { Sync } from '../../widget/net/sync.js';
import { fromSnapshot } from '../../shared/held.js';
import { EPOCH, makeDelta, makeSnapshot, makeThread, THREAD } from '../support/replies.js';
import { asDelta, asSnapshot, errorOf, SyncDesk, YOU } from '../support/sync-desk.js';

let desk: SyncDesk;
beforeEach(() => {
  desk = new SyncDesk();
});

describe('[REQ2] joining', () => {
  it('happens when there is a line, with the cursor of what is held', async () => {
    desk.line.connected = false;
    desk.reader.held = fromSnapshot(makeSnapshot([], { seq: 3 }));
    desk.sync.start();
    expect(desk.line.joins).toEqual([]);
    desk.line.up();
    expect(desk.line.joins).toEqual([{ key: 'article', sort: 'oldest', cursor: { epoch: EPOCH, seq: 3 } }]);
    await desk.line.answer(asDelta(makeDelta(3, 5)));
    expect([desk.seq, desk.reader.statuses, desk.sync.isLive]).toEqual([5, ['connecting', 'live'], true]);
  });

  it('asks without a cursor where nothing is held', async () => {
    desk.sync.start();
    expect(desk.line.joins).toEqual([{ key: 'article', sort: 'oldest' }]);
    await desk.line.answer(asSnapshot(7));
    expect(desk.seq).toBe(7);
  });

  it('happens again on each new line', async () => {
    await desk.goLive(10);
    desk.line.down();
    expect(desk.reader.statuses.at(-1)).toBe('catching-up');
    desk.line.up();
    expect(desk.line.joins.at(-1)?.cursor?.seq).toBe(10);
    await desk.line.answer(asDelta(makeDelta(10, 12)));
    expect([desk.seq, desk.reader.statuses.at(-1)]).toEqual([12, 'live']);
  });

  it('is tried again, later and later, while there is no answer, and takes a second silence for a dead line', async () => {
    desk.sync.start();
    await desk.line.answer(null);
    expect(desk.line.restarts).toBe(0);
    await desk.clock.pass(1_000);
    expect(desk.line.joins).toHaveLength(2);
    await desk.line.answer(null);
    expect(desk.line.restarts).toBe(1);
  });

  it.each<ErrorCode>(['rate_limited', 'overloaded', 'internal'])('waits and tries again after %s', async (code) => {
    desk.sync.start();
    await desk.line.answer(errorOf(code, { retryAfterMs: 3_000 }));
    await desk.clock.pass(2_999);
    expect(desk.line.joins).toHaveLength(1);
    await desk.clock.pass(1_001);
    expect(desk.line.joins).toHaveLength(2);
    expect(desk.reader.refusals).toEqual([]);
  });

  it.each<ErrorCode>(['site_unknown', 'origin_refused', 'protocol_unsupported', 'forbidden', 'invalid'])(
    'gives up after %s, and says why',
    async (code) => {
      desk.sync.start();
      await desk.line.answer(errorOf(code));
      desk.line.down();
      desk.line.up();
      await desk.clock.pass(120_000);
      expect([desk.line.joins.length, desk.reader.refusals]).toEqual([1, [code]]);
    },
  );

  it('does not begin where the handshake was refused', () => {
    desk.line.connected = false;
    desk.line.refusal = errorOf('origin_refused');
    desk.sync.start();
    expect([desk.line.joins, desk.reader.refusals]).toEqual([[], ['origin_refused']]);
  });

  it('asks for a snapshot where the server answered with a delta that does not continue the cursor', async () => {
    await desk.goLive(10);
    desk.line.down();
    desk.line.up();
    await desk.line.answer(asDelta(makeDelta(12, 14)));
    expect(desk.seq).toBe(10);
    await desk.clock.pass(2_000);
    expect(desk.line.joins.at(-1)).toEqual({ key: 'article', sort: 'oldest' });
    await desk.line.answer(asSnapshot(14));
    expect([desk.seq, desk.sync.isLive]).toEqual([14, true]);
  });
});

describe('the life of a sync', () => {
  it('says `offline` when an attempt has failed, and `catching-up` when there is a line again', async () => {
    await desk.goLive(10);
    desk.line.down();
    desk.line.events.emit('failed', null);
    desk.line.up();
    expect(desk.reader.statuses).toEqual(['connecting', 'live', 'catching-up', 'offline', 'catching-up']);
  });

  it('takes no snapshot that is older than a page that was taken over while it was asked for', async () => {
    await desk.goLive(10);
    desk.push(14, 15);
    desk.reader.held = fromSnapshot(makeSnapshot([], { seq: 20 }));
    await desk.line.answer(asSnapshot(17));
    await desk.clock.pass(1_000);
    expect([desk.seq, desk.line.joins.at(-1)?.cursor?.seq]).toEqual([20, 20]);
    await desk.line.answer(asSnapshot(21));
    expect([desk.seq, desk.sync.isLive]).toEqual([21, true]);
  });

  it('takes one that is older than what it has asked with: the thread went back', async () => {
    await desk.goLive(10);
    desk.line.events.emit('thread:stale', { thread: THREAD, head: 3 });
    await desk.line.answer(asSnapshot(3));
    expect([desk.seq, desk.sync.isLive]).toEqual([3, true]);
  });

  it('leaves the thread, too, where it was given up before its join was answered', async () => {
    desk.sync.start();
    desk.sync.pause();
    await desk.line.answer(asSnapshot(1));
    expect(desk.line.left).toEqual([THREAD]);
    desk.sync.resume();
    desk.sync.pause();
    desk.sync.resume();
    // The first of the two: the second one is wanted.
    await desk.line.answerFirst(asSnapshot(1));
    expect(desk.line.left).toEqual([THREAD]);
    await desk.line.answer(asSnapshot(1));
    expect([desk.line.left, desk.sync.isLive]).toEqual([[THREAD], true]);
  });

  it('leaves the thread while nobody looks, and joins with its cursor afterwards', async () => {
    await desk.goLive(10);
    desk.sync.pause();
    expect([desk.line.left, desk.clock.pending]).toEqual([[THREAD], 0]);
    desk.push(10, 11);
    desk.line.down();
    desk.line.up();
    expect([desk.seq, desk.line.joins.length]).toEqual([10, 1]);
    desk.sync.resume();
    expect(desk.line.joins.at(-1)?.cursor?.seq).toBe(10);
  });

  it('ignores the answer of a join that a lost line has overtaken', async () => {
    await desk.goLive(10);
    desk.push(14, 15);
    desk.line.down();
    await desk.line.answer(asDelta(makeDelta(10, 14)));
    expect([desk.seq, desk.sync.isLive]).toEqual([10, false]);
  });

  it('moves to another thread where the answer is of one', async () => {
    await desk.goLive(10);
    desk.line.down();
    desk.line.up();
    const thread = makeThread({ id: 'merged' });
    await desk.line.answer({
      ...makeSnapshot([], { cursor: { epoch: 'new', seq: 2 }, thread }),
      mode: 'snapshot',
      you: YOU,
    });
    expect(desk.line.left).toEqual([THREAD]);
    desk.push(2, 3, { thread: 'merged', epoch: 'new' });
    expect(desk.seq).toBe(3);
  });

  it('ends with every timer and listener, whatever it was doing', async () => {
    await desk.goLive(10);
    desk.beat(11);
    desk.sync.stop();
    expect([desk.clock.pending, desk.line.left]).toEqual([0, [THREAD]]);
    desk.push(10, 11);
    desk.line.events.emit('refused', errorOf('origin_refused'));
    desk.line.down();
    desk.line.up();
    expect([desk.seq, desk.line.joins.length, desk.reader.refusals]).toEqual([10, 1, []]);
  });

  it('ends in the middle of a join and of a wait', async () => {
    desk.sync.start();
    desk.sync.stop();
    await desk.line.answer(asSnapshot(10));
    expect([desk.reader.held, desk.clock.pending]).toEqual([null, 0]);
    const other = new Sync({
      transport: desk.line,
      clock: desk.clock,
      target: desk.reader,
      question: () => ({ key: 'article' }),
    });
    other.start();
    await desk.line.answer(errorOf('overloaded'));
    expect(desk.clock.pending).toBe(1);
    other.stop();
    expect(desk.clock.pending).toBe(0);
  });
});
