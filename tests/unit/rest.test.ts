// What is left out of a stream that waits: counted exactly, whoever left it out, and behind the buttons of its lists.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Delta, Reply } from '../../shared/views.js';
import { Rest } from '../../widget/state/rest.js';
import { ANA, LiveDesk, ok } from '../support/live-desk.js';
import { makeDelta, makeRemoved, makeReply, makeSnapshot, THREAD } from '../support/replies.js';

let desk: LiveDesk;
let rest: Rest;
/** Holds one reply, `a`, of Ana, at 1; nothing may wait. */
beforeEach(() => {
  desk = new LiveDesk();
  rest = desk.live.feed.rest = new Rest(desk.state, desk.live.feed, desk.live, 0);
  desk.live.setName('Ana');
});

const born = (n: number, more: Partial<Reply> = {}): Reply => makeReply(`r${n}`, { born: n, ...more });
const hear = (delta: Delta): void => desk.line.events.emit('thread:delta', delta);
const left = (from: number, to: number, lists: Delta['left'], more: Partial<Delta> = {}): Delta =>
  makeDelta(from, to, [], { left: lists!, ...more });
const levels = () => Object.fromEntries([...desk.state.held!.levels].map(([list, { count }]) => [list, count]));

describe('[CUR9] what the server left out', () => {
  beforeEach(async () => {
    desk.live.setLane('digest');
    await desk.goLive();
  });

  it('is counted, by what it answers, and the cursor goes on', () => {
    hear(left(1, 5, { '': [2, 4], a: [3, 5] }));
    expect([rest.count, desk.live.feed.cursor?.seq, desk.shown]).toEqual([4, 5, ['a']]);
    rest.open();
    expect([rest.count, levels()]).toEqual([0, { '': 2, a: 2 }]);
  });

  it('is counted once where a range begins before what is held', () => {
    hear(makeDelta(1, 3, [born(2), born(3)]));
    hear(left(1, 5, { '': [2, 3, 4, 5] }));
    expect([rest.count, rest.counted]).toEqual([4, 4]);
  });

  it('is not what this reader wrote, whether the answer came before or after it', async () => {
    desk.line.answers['reply:create'] = ({ id }: Reply) => ok({ reply: makeReply(id, { born: 2, author: ANA }) });
    desk.live.post({ parent: null, body: 'before' });
    await desk.clock.pass(100);
    hear(left(1, 4, { '': [2, 3, 4] }));
    expect(rest.count).toBe(2);
    desk.line.answers['reply:create'] = ({ id }: Reply) => {
      hear(left(4, 6, { '': [5, 6] }));
      return ok({ reply: makeReply(id, { born: 5, author: ANA }) });
    };
    desk.live.post({ parent: null, body: 'after' });
    await desk.clock.pass(100);
    expect([rest.count, desk.shown.length]).toEqual([3, 3]);
    rest.open();
    expect(levels()).toEqual({ '': 3 });
  });

  it('is less by one that is removed later', () => {
    hear(left(1, 3, { '': [2, 3] }));
    hear(makeDelta(3, 4, [makeRemoved('r2', { born: 2, seq: 4 })]));
    expect(rest.count).toBe(1);
  });

  it('is counted again when it is brought back, and lost once where its removal is told twice', () => {
    hear(left(1, 5, { '': [2, 3, 4, 5] }));
    const gone = makeRemoved('r2', { born: 2, seq: 6 });
    hear(makeDelta(5, 6, [gone]));
    hear(makeDelta(1, 7, [gone, born(3, { seq: 7, rev: 2 })], { left: { '': [4, 5] } }));
    expect(rest.count).toBe(3);
    hear(makeDelta(7, 8, [born(2, { seq: 8 })]));
    expect(rest.count).toBe(4);
  });

  it('is not counted where it was removed before it came, but for when it is brought back', () => {
    hear(makeDelta(1, 4, [makeRemoved('r2', { born: 2, seq: 4 })], { left: { '': [3] } }));
    expect(rest.count).toBe(1);
    hear(makeDelta(4, 5, [born(2, { seq: 5 })]));
    expect(rest.count).toBe(2);
  });

  it('is less by one that this reader wrote in another tab, once it comes', async () => {
    desk.line.answers['reply:create'] = ({ id }: Reply) => ok({ reply: makeReply(id, { born: 2, author: ANA }) });
    desk.live.post({ parent: null, body: 'here' });
    await desk.clock.pass(100);
    hear(left(1, 4, { '': [2, 3, 4] }));
    hear(makeDelta(4, 5, [born(3, { seq: 5, rev: 2, author: ANA })]));
    expect([rest.count, desk.state.get('r3')?.rev]).toEqual([1, 2]);
    rest.open();
    expect(levels()).toEqual({ '': 1 });
  });

  it('is less by one that is looked for, once also while the page is paused, and by none that is gone', async () => {
    hear(left(1, 5, { '': [2, 3, 4, 5] }));
    hear(makeDelta(5, 6, [makeRemoved('r3', { born: 3, seq: 6 })]));
    const find = async (reply: Reply): Promise<void> => {
      desk.line.answers['thread:locate'] = () => ok({ replies: [reply], more: null, mine: { votes: {} } });
      await desk.live.read('thread:locate', { id: reply.id, sort: 'oldest' });
    };
    desk.live.feed.setPaused(true);
    await find(born(2));
    expect(rest.count).toBe(2);
    // Read before it was removed.
    await find(born(3));
    // Read after it was removed, of which this reader has not heard.
    await find(makeRemoved('r4', { born: 4, seq: 7 }));
    hear(makeDelta(6, 7, [makeRemoved('r4', { born: 4, seq: 7 })]));
    expect(rest.count).toBe(1);
  });

  it('comes with the counters that it has by now, whenever its page was read', async () => {
    const changed = born(2, { seq: 4, score: 7 });
    hear(makeDelta(1, 4, [changed], { left: { '': [3] } }));
    hear(makeDelta(4, 5, [], { touched: [{ id: 'r3', seq: 5, score: -1, replies: 0 }] }));
    expect(rest.count).toBe(2);
    rest.open();
    desk.line.answers['thread:page'] = () => ok({ replies: [born(2), born(3)], more: null });
    desk.line.answers['thread:locate'] = () => ok({ replies: [born(2), born(3)], more: null, mine: { votes: {} } });
    await rest.more(null);
    expect(['r2', 'r3'].map((id) => desk.state.get(id)?.score)).toEqual([7, -1]);
  });
});

it('[CUR9] [CUR7] who did not ask for that joins anew, with the cursor from before', async () => {
  await desk.goLive();
  await desk.clock.pass(2_000);
  hear(left(1, 5, { '': [2] }));
  await desk.clock.pass(100);
  expect([rest.count, desk.line.asked.at(-1)?.[1]]).toEqual([
    0,
    expect.objectContaining({ cursor: { epoch: expect.any(String), seq: 1 } }),
  ]);
  expect(desk.line.asked.at(-1)?.[1]['lane']).toBeUndefined();
  expect(desk.state.thread?.id).toBe(THREAD);
});

it('[PAGE14] a paused page counts all that came while it was away, also where only the first of it is known', async () => {
  await desk.goLive();
  desk.live.feed.setPaused(true);
  const first = makeSnapshot([makeReply('a', { author: ANA })], { seq: 700, more: { after: 'x', count: 600 } });
  first.thread.count = desk.state.count + 600;
  const you = { me: null, can: { write: false, vote: false }, votes: {} };
  desk.line.answers['thread:join'] = () => ok({ mode: 'snapshot', ...first, you });
  desk.line.connected = false;
  desk.line.events.emit('down', null);
  await desk.goLive();
  expect(rest.changes).toBe(600);
});
