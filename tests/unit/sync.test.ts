import { beforeEach, describe, expect, it } from 'vitest';
import { applyDelta } from '../../shared/apply.js';
import { fromSnapshot, type Held } from '../../shared/held.js';
import { ERRORS, type ErrorBody, type ErrorCode } from '../../shared/errors.js';
import { BEAT_EVERY_MS, BEAT_GAP_MS } from '../../shared/limits.js';
import type { Answer, Beat, JoinAnswer, JoinRequest } from '../../shared/protocol.js';
import type { Cursor, Delta, You } from '../../shared/views.js';
import { Emitter } from '../../widget/net/emitter.js';
import { Sync, type SyncTarget } from '../../widget/net/sync.js';
import type { LineEvents, Transport } from '../../widget/net/transport.js';
import type { Status } from '../../widget/state/types.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { EPOCH, makeDelta, makeReply, makeSnapshot, makeThread, THREAD } from '../support/replies.js';

const YOU: You = { me: null, can: { write: false, vote: false }, votes: {} };
const asDelta = (delta: Delta): JoinAnswer => ({ mode: 'delta', delta, you: YOU });
const asSnapshot = (seq: number, epoch = EPOCH): JoinAnswer => ({
  mode: 'snapshot',
  ...makeSnapshot([], { cursor: { epoch, seq } }),
  you: YOU,
});

/** A line whose joins wait for the test to answer them. */
class ScriptedLine implements Transport {
  readonly events = new Emitter<LineEvents>();
  readonly joins: JoinRequest[] = [];
  readonly left: string[] = [];
  #answers: ((answer: Answer<JoinAnswer> | null) => void)[] = [];
  connected = true;
  refusal: ErrorBody | null = null;
  restarts = 0;

  on<K extends keyof LineEvents>(name: K, listener: (value: LineEvents[K]) => void): () => void {
    return this.events.on(name, listener);
  }
  request(name: string, payload: unknown): Promise<never> {
    expect(name).toBe('thread:join');
    this.joins.push(payload as JoinRequest);
    return new Promise((resolve) => this.#answers.push(resolve as never));
  }
  enter(thread: string): () => void {
    return () => this.left.push(thread);
  }
  restart(): void {
    this.restarts++;
  }
  get isAsked(): boolean {
    return this.#answers.length > 0;
  }
  /** Answers the last join. */
  async answer(answer: JoinAnswer | ErrorBody | null): Promise<void> {
    const give = this.#answers.pop()!;
    this.#answers = [];
    if (answer === null) give(null);
    else give('mode' in answer ? { ok: true, data: answer } : { ok: false, error: answer });
    await clock.pass(0);
  }
  up(): void {
    this.connected = true;
    this.events.emit('up', null);
  }
  down(): void {
    this.connected = false;
    this.events.emit('down', null);
  }
}

/** Holds what it is given, and refuses a delta that does not follow. */
class Reader implements SyncTarget {
  held: Held | null = null;
  statuses: Status[] = [];
  refusals: ErrorCode[] = [];
  applied: string[] = [];

  get cursor(): Cursor | null {
    return this.held?.cursor ?? null;
  }
  joined(answer: JoinAnswer): void {
    if (answer.mode === 'snapshot') this.held = fromSnapshot(answer);
    else this.delta(answer.delta);
  }
  delta(delta: Delta): void {
    this.held = applyDelta(this.held!, delta);
    this.applied.push(`${delta.from}-${delta.to}`);
  }
  status(status: Status): void {
    if (this.statuses.at(-1) !== status) this.statuses.push(status);
  }
  refused(error: ErrorBody): void {
    this.refusals.push(error.code);
  }
}

let clock: VirtualClock;
let line: ScriptedLine;
let reader: Reader;
let sync: Sync;
beforeEach(() => {
  clock = new VirtualClock(new Random(1));
  line = new ScriptedLine();
  reader = new Reader();
  sync = new Sync({ transport: line, clock, target: reader, question: { key: 'article', sort: 'oldest' } });
});

const seq = (): number | undefined => reader.cursor?.seq;
const push = (from: number, to: number, more: Partial<Delta> = {}): void =>
  line.events.emit('thread:delta', makeDelta(from, to, [makeReply(`r${to}`, { born: to })], more));
const beat = (head: number, more: Partial<Beat> = {}): void =>
  line.events.emit('thread:beat', { thread: THREAD, epoch: EPOCH, head, readers: 1, typing: [], ...more });
const error = (code: ErrorCode, more: Partial<ErrorBody> = {}): ErrorBody => ({ code, message: '', retry: ERRORS[code].retry, ...more });
/** Level at this seq, for some time already. */
const goLive = async (at = 10): Promise<void> => {
  sync.start();
  await line.answer(asSnapshot(at));
  await clock.pass(2_000);
};

describe('[REQ2] joining', () => {
  it('happens when there is a line, with the cursor of what is held', async () => {
    line.connected = false;
    reader.held = fromSnapshot(makeSnapshot([], { seq: 3 }));
    sync.start();
    expect(line.joins).toEqual([]);
    line.up();
    expect(line.joins).toEqual([{ key: 'article', sort: 'oldest', cursor: { epoch: EPOCH, seq: 3 } }]);
    await line.answer(asDelta(makeDelta(3, 5)));
    expect([seq(), reader.statuses, sync.isLive]).toEqual([5, ['connecting', 'live'], true]);
  });

  it('asks without a cursor where nothing is held', async () => {
    sync.start();
    expect(line.joins).toEqual([{ key: 'article', sort: 'oldest' }]);
    await line.answer(asSnapshot(7));
    expect(seq()).toBe(7);
  });

  it('happens again on each new line', async () => {
    await goLive(10);
    line.down();
    expect(reader.statuses.at(-1)).toBe('catching-up');
    line.up();
    expect(line.joins.at(-1)?.cursor?.seq).toBe(10);
    await line.answer(asDelta(makeDelta(10, 12)));
    expect([seq(), reader.statuses.at(-1)]).toEqual([12, 'live']);
  });

  it('is tried again, later and later, while there is no answer, and takes a second silence for a dead line', async () => {
    sync.start();
    await line.answer(null);
    expect(line.restarts).toBe(0);
    await clock.pass(1_000);
    expect(line.joins).toHaveLength(2);
    await line.answer(null);
    expect(line.restarts).toBe(1);
  });

  it.each<ErrorCode>(['rate_limited', 'overloaded', 'internal'])('waits and tries again after %s', async (code) => {
    sync.start();
    await line.answer(error(code, { retryAfterMs: 3_000 }));
    await clock.pass(2_999);
    expect(line.joins).toHaveLength(1);
    await clock.pass(1_001);
    expect(line.joins).toHaveLength(2);
    expect(reader.refusals).toEqual([]);
  });

  it.each<ErrorCode>(['site_unknown', 'origin_refused', 'protocol_unsupported', 'forbidden', 'invalid'])(
    'gives up after %s, and says why',
    async (code) => {
      sync.start();
      await line.answer(error(code));
      line.down();
      line.up();
      await clock.pass(120_000);
      expect([line.joins.length, reader.refusals]).toEqual([1, [code]]);
    },
  );

  it('does not begin where the handshake was refused', () => {
    line.connected = false;
    line.refusal = error('origin_refused');
    sync.start();
    expect([line.joins, reader.refusals]).toEqual([[], ['origin_refused']]);
  });

  it('asks for a snapshot where the server answered with a delta that does not continue the cursor', async () => {
    await goLive(10);
    line.down();
    line.up();
    await line.answer(asDelta(makeDelta(12, 14)));
    expect(seq()).toBe(10);
    await clock.pass(2_000);
    expect(line.joins.at(-1)).toEqual({ key: 'article', sort: 'oldest' });
    await line.answer(asSnapshot(14));
    expect([seq(), sync.isLive]).toEqual([14, true]);
  });
});

describe('[CUR1] a delta', () => {
  it('that follows is applied, one that is known is dropped, one that overlaps moves the cursor to its end', async () => {
    await goLive(10);
    push(10, 11);
    push(10, 11);
    push(8, 9);
    push(9, 13);
    expect([seq(), reader.applied, line.joins.length]).toEqual([13, ['10-11', '9-13'], 1]);
  });

  it('with a gap before it is parked, and one join asks for what is missing', async () => {
    await goLive(10);
    push(11, 12);
    push(12, 13);
    push(14, 15);
    expect([seq(), line.joins.length, reader.statuses.at(-1)]).toEqual([10, 2, 'catching-up']);
    await line.answer(asDelta(makeDelta(10, 14)));
    expect([seq(), reader.applied, reader.statuses.at(-1)]).toEqual([15, ['10-14', '14-15'], 'live']);
  });

  it('that is still missing after the answer is asked for again', async () => {
    await goLive(10);
    push(15, 16);
    await line.answer(asDelta(makeDelta(10, 12)));
    expect([seq(), sync.isLive]).toEqual([12, false]);
    await clock.pass(2_000);
    expect(line.joins.at(-1)?.cursor?.seq).toBe(12);
  });

  it('of another epoch asks for a snapshot', async () => {
    await goLive(10);
    push(10, 11, { epoch: 'new' });
    expect([seq(), line.joins.length]).toEqual([10, 2]);
    await line.answer(asSnapshot(11, 'new'));
    expect(reader.cursor).toEqual({ epoch: 'new', seq: 11 });
  });

  it('of another discussion on the same line is not this one’s', async () => {
    await goLive(10);
    push(10, 11, { thread: 'another' });
    push(40, 41, { thread: 'another' });
    expect([seq(), line.joins.length]).toEqual([10, 1]);
  });

  it('before the first answer is parked, whatever discussion it is of, and sorted out then', async () => {
    sync.start();
    push(7, 8);
    push(70, 80, { thread: 'another' });
    push(8, 9);
    await line.answer(asSnapshot(7));
    expect([seq(), reader.applied, sync.isLive]).toEqual([9, ['7-8', '8-9'], true]);
  });

  it('while a join is under way is not applied before its answer', async () => {
    await goLive(10);
    push(11, 12);
    push(10, 11);
    expect(seq()).toBe(10);
    await line.answer(asSnapshot(11));
    expect([seq(), reader.applied]).toEqual([12, ['11-12']]);
  });

  it('that shows a gap again right away does not make a flood of joins', async () => {
    await goLive(10);
    for (let i = 0; i < 50; i++) {
      push(1_000 + 2 * i, 1_001 + 2 * i);
      if (line.isAsked) await line.answer(asDelta(makeDelta(10, 10)));
      await clock.pass(100);
    }
    expect(line.joins.length).toBeLessThan(10);
  });
});

describe('[CUR4] a beat', () => {
  it('that is ahead for a second, without a delta, is a gap', async () => {
    await goLive(10);
    beat(11);
    await clock.pass(BEAT_GAP_MS - 1);
    expect(line.joins).toHaveLength(1);
    await clock.pass(1);
    expect(line.joins).toHaveLength(2);
  });

  it('that is ahead is nothing when the delta comes', async () => {
    await goLive(10);
    beat(11);
    push(10, 11);
    await clock.pass(BEAT_GAP_MS);
    expect(line.joins).toHaveLength(1);
  });

  it('that is level or behind is nothing', async () => {
    await goLive(10);
    beat(10);
    beat(4);
    await clock.pass(BEAT_GAP_MS);
    expect(line.joins).toHaveLength(1);
  });

  it('[SEQ6] of another epoch asks for a snapshot at once', async () => {
    await goLive(10);
    beat(10, { epoch: 'new' });
    expect(line.joins).toHaveLength(2);
  });

  it('that does not come for fifteen seconds may mean that the server forgot this reader', async () => {
    await goLive(10);
    for (let i = 0; i < 4; i++) {
      await clock.pass(BEAT_EVERY_MS);
      beat(10);
    }
    expect(line.joins).toHaveLength(1);
    await clock.pass(3 * BEAT_EVERY_MS);
    expect(line.joins).toHaveLength(2);
  });
});

describe('[PUMP4] `thread:stale`', () => {
  const stale = (thread = THREAD): void => line.events.emit('thread:stale', { thread, head: 20 });

  it('asks to be joined again', async () => {
    await goLive(10);
    stale('another');
    expect(line.joins).toHaveLength(1);
    stale();
    expect(line.joins).toHaveLength(2);
  });

  it('while a join is under way asks once more after it: the answer may be older than the word', async () => {
    await goLive(10);
    stale();
    stale();
    await line.answer(asDelta(makeDelta(10, 12)));
    expect([seq(), sync.isLive]).toEqual([12, false]);
    await clock.pass(2_000);
    expect(line.joins).toHaveLength(3);
  });
});

describe('the life of a sync', () => {
  it('says `offline` when an attempt has failed, and `catching-up` when there is a line again', async () => {
    await goLive(10);
    line.down();
    line.events.emit('failed', null);
    line.up();
    expect(reader.statuses).toEqual(['connecting', 'live', 'catching-up', 'offline', 'catching-up']);
  });

  it('leaves the thread while nobody looks, and joins with its cursor afterwards', async () => {
    await goLive(10);
    sync.pause();
    expect([line.left, clock.pending]).toEqual([[THREAD], 0]);
    push(10, 11);
    line.down();
    line.up();
    expect([seq(), line.joins.length]).toEqual([10, 1]);
    sync.resume();
    expect(line.joins.at(-1)?.cursor?.seq).toBe(10);
  });

  it('ignores the answer of a join that a lost line has overtaken', async () => {
    await goLive(10);
    push(14, 15);
    line.down();
    await line.answer(asDelta(makeDelta(10, 14)));
    expect([seq(), sync.isLive]).toEqual([10, false]);
  });

  it('moves to another thread where the answer is of one', async () => {
    await goLive(10);
    line.down();
    line.up();
    const thread = makeThread({ id: 'merged' });
    await line.answer({ ...makeSnapshot([], { cursor: { epoch: 'new', seq: 2 }, thread }), mode: 'snapshot', you: YOU });
    expect(line.left).toEqual([THREAD]);
    push(2, 3, { thread: 'merged', epoch: 'new' });
    expect(seq()).toBe(3);
  });

  it('ends with every timer and listener, whatever it was doing', async () => {
    await goLive(10);
    beat(11);
    sync.stop();
    expect([clock.pending, line.left]).toEqual([0, [THREAD]]);
    push(10, 11);
    line.events.emit('refused', error('origin_refused'));
    line.down();
    line.up();
    expect([seq(), line.joins.length, reader.refusals]).toEqual([10, 1, []]);
  });

  it('ends in the middle of a join and of a wait', async () => {
    sync.start();
    sync.stop();
    await line.answer(asSnapshot(10));
    expect([reader.held, clock.pending]).toEqual([null, 0]);
    const other = new Sync({ transport: line, clock, target: reader, question: { key: 'article' } });
    other.start();
    await line.answer(error('overloaded'));
    expect(clock.pending).toBe(1);
    other.stop();
    expect(clock.pending).toBe(0);
  });
});
