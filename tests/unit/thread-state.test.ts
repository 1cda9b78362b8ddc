import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { JoinAnswer } from '../../shared/protocol.js';
import type { Delta, Me, Reply, Snapshot, You } from '../../shared/views.js';
import { Feed } from '../../widget/state/feed.js';
import { ThreadState } from '../../widget/state/thread.js';
import type { OutboxEntry } from '../../widget/state/types.js';
import { EPOCH, makeDelta, makeRemoved, makeReply, makeSnapshot, makeThread } from '../support/replies.js';

const ME: Me = { id: 'me', name: 'Me', badge: 'guest' };
const YOU: You = { me: ME, can: { write: true, vote: true }, votes: {} };
const byMe = { author: { id: 'me', name: 'Me' } };

let state: ThreadState;
let feed: Feed;
beforeEach(() => {
  state = new ThreadState();
  feed = new Feed(state);
});

const shown = (): string[] => state.tree().roots.map(({ reply }) => reply.id);
const asDelta = (delta: Delta, you = YOU): JoinAnswer => ({ mode: 'delta', delta, you });
const asSnapshot = (snapshot: Snapshot, you = YOU): JoinAnswer => ({ mode: 'snapshot', ...snapshot, you });
const entry = (id: string, more: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id,
  parent: null,
  body: id,
  createdAt: 0,
  state: 'waiting',
  ...more,
});
/** A page read with rows a and b. */
const load = (): void => state.loaded(makeSnapshot([makeReply('a'), makeReply('b', { born: 2 })]));

describe('the reading half', () => {
  it('shows everything in the snapshot of the first paint, and tells its listeners once', () => {
    const listener = vi.fn();
    state.subscribe(listener);
    load();
    expect([shown(), state.phase, state.thread?.id !== undefined, state.count]).toEqual([
      ['a', 'b'],
      { is: 'ready' },
      true,
      2,
    ]);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('has an empty tree, no thread and no count before that', () => {
    expect([state.tree(), state.thread, state.count, state.phase.is]).toEqual([
      { roots: [], held: [], hidden: 0 },
      null,
      0,
      'loading',
    ]);
  });

  it('builds the tree once for each change, and tells nobody who left', () => {
    load();
    const listener = vi.fn();
    const off = state.subscribe(listener);
    expect(state.tree()).toBe(state.tree());
    const before = state.tree();
    state.change({ phase: { is: 'broken' } });
    off();
    state.change({ phase: { is: 'ready' } });
    expect(state.tree()).not.toBe(before);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('counts own replies on their way, those acknowledged ahead of the cursor, and none twice', () => {
    load();
    feed.pending([entry('x'), entry('y'), entry('z', { state: 'failed' })], ME);
    expect(state.count).toBe(4);
    feed.row(makeReply('x', { born: 3, ...byMe }), EPOCH);
    expect(state.count).toBe(4);
    feed.delta(makeDelta(2, 3, [makeReply('x', { born: 3, ...byMe })], { info: makeThread({ count: 3 }) }));
    expect(state.count).toBe(4);
    feed.pending([], ME);
    expect(state.count).toBe(3);
  });
});

describe('arrivals', () => {
  beforeEach(load);

  it('by others wait behind the pill, are revealed all or some, and are fresh until they were seen', () => {
    feed.delta(makeDelta(2, 4, [makeReply('c', { born: 3 }), makeReply('d', { born: 4 })]));
    expect([shown(), state.tree().held]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    state.reveal(['d']);
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'd'], ['c']]);
    state.reveal();
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'c', 'd'], []]);
    const freshness = () => state.tree().roots.map(({ fresh }) => fresh);
    expect(freshness()).toEqual([false, false, true, true]);
    state.change({ fresh: new Set(['d']) });
    expect(freshness()).toEqual([false, false, false, true]);
  });

  it('of a join that answers with a delta wait as well', () => {
    feed.joined(asDelta(makeDelta(2, 3, [makeReply('c', { born: 3 })])));
    expect([shown(), state.tree().held, state.you]).toEqual([['a', 'b'], ['c'], { ...YOU, reactions: {} }]);
  });

  it('under an arrival that waits, wait with it; to reveal the answer is to reveal what it answers', () => {
    feed.delta(makeDelta(2, 3, [makeReply('c', { born: 3 })]));
    feed.delta(makeDelta(3, 4, [makeReply('d', { born: 4, parent: 'c' })]));
    expect(state.tree().held).toEqual(['c', 'd']);
    state.reveal(['d']);
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'c'], []]);
  });

  it('by this reader never wait: by the outbox before it is known who it is, by the author after that', () => {
    feed.pending([entry('mine')], ME);
    feed.delta(makeDelta(2, 3, [makeReply('mine', { born: 3 })]));
    feed.joined(asDelta(makeDelta(3, 3)));
    feed.delta(makeDelta(3, 4, [makeReply('from my phone', { born: 4, ...byMe })]));
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'mine', 'from my phone'], []]);
    expect(state.tree().roots.some(({ fresh }) => fresh)).toBe(false);
  });

  it('that another tab of this reader has answered come out with the answer', () => {
    feed.delta(makeDelta(2, 4, [makeReply('c', { born: 3 }), makeReply('d', { born: 4 })]));
    feed.pending([entry('mine', { parent: 'c' })], ME);
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'c'], ['d']]);
    feed.row(makeReply('too', { born: 5, parent: 'd', ...byMe }), EPOCH);
    feed.joined(asDelta(makeDelta(4, 4)));
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'c', 'd'], []]);
  });

  it('by this reader come out when it becomes known who it is', () => {
    feed.delta(makeDelta(2, 4, [makeReply('c', { born: 3 }), makeReply('d', { born: 4, parent: 'c', ...byMe })]));
    expect(state.tree().held).toEqual(['c', 'd']);
    feed.me(ME);
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'c'], []]);
    feed.joined(asDelta(makeDelta(4, 5, [makeReply('e', { born: 5 })]), { ...YOU, me: null }));
    feed.joined(asDelta(makeDelta(5, 5), { ...YOU, me: { ...ME, id: 'somebody' } }));
    expect(state.tree().held).toEqual([]);
  });

  it('that this reader answered elsewhere come out with the answer', () => {
    feed.joined(asDelta(makeDelta(2, 3, [makeReply('c', { born: 3 })])));
    feed.delta(makeDelta(3, 4, [makeReply('mine', { born: 4, parent: 'c', ...byMe })]));
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'c'], []]);
  });

  it('are not edits, removals and counters of what is shown: these show at once', () => {
    feed.delta(
      makeDelta(2, 4, [makeReply('a', { seq: 3, rev: 2, html: 'edited' }), makeRemoved('b', { born: 2, seq: 4 })], {
        touched: [],
      }),
    );
    expect([state.tree().roots.map(({ reply }) => reply.html), state.tree().held]).toEqual([['edited'], []]);
    feed.delta(makeDelta(4, 5, [], { touched: [{ id: 'a', seq: 5, score: 2, replies: 0 }] }));
    expect(state.get('a')?.score).toBe(2);
  });

  it('that a page brings are shown with it', () => {
    state.loaded(makeSnapshot([makeReply('a')], { seq: 5, more: { after: 'x', count: 1 } }));
    feed.delta(makeDelta(5, 6, [makeReply('c', { born: 6 })]));
    const asked = state.held!.levels.get('')!;
    expect(
      feed.page(null, asked, { replies: [makeReply('b', { born: 2 }), makeReply('c', { born: 6 })], more: null }),
    ).toBe(true);
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'c'], []]);
  });

  it('that are no news are not held: an old row of a page not fetched yet that changed', () => {
    state.loaded(makeSnapshot([makeReply('a')], { seq: 5, more: { after: 'x', count: 1 } }));
    feed.delta(makeDelta(5, 6, [makeReply('old', { born: 2, seq: 6, rev: 2 })]));
    expect([shown(), state.tree().held]).toEqual([['a'], []]);
  });
});

describe('the snapshot of a later join', () => {
  beforeEach(load);

  it('never blanks the page: rows are replaced, own ones on their way stay, what is new waits', () => {
    const phases: string[] = [];
    const lengths: number[] = [];
    feed.pending([entry('mine')], ME);
    state.subscribe(() => {
      phases.push(state.phase.is);
      lengths.push(shown().length);
    });
    const rows: Reply[] = [
      makeReply('a', { seq: 7, html: 'edited' }),
      makeReply('b', { born: 2 }),
      makeReply('c', { born: 6 }),
    ];
    feed.joined(asSnapshot(makeSnapshot(rows, { seq: 8 })));
    expect([shown(), state.tree().held]).toEqual([['a', 'b', 'mine'], ['c']]);
    expect(state.get('a')?.html).toBe('edited');
    expect(new Set(phases)).toEqual(new Set(['ready']));
    expect(Math.min(...lengths)).toBe(3);
  });

  it('keeps an own row that was acknowledged after the snapshot was read', () => {
    feed.row(makeReply('mine', { born: 9, ...byMe }), EPOCH);
    feed.joined(asSnapshot(makeSnapshot([makeReply('a')], { seq: 8 })));
    expect(shown()).toEqual(['a', 'mine']);
  });

  it('[SEQ6] of another epoch replaces everything and shows it', () => {
    feed.delta(makeDelta(2, 3, [makeReply('c', { born: 3 })]));
    feed.joined(
      asSnapshot(makeSnapshot([makeReply('a'), makeReply('z', { born: 3 })], { cursor: { epoch: 'new', seq: 3 } })),
    );
    expect([shown(), state.tree().held]).toEqual([['a', 'z'], []]);
  });

  it('is the first paint where there was none', () => {
    state = new ThreadState();
    feed = new Feed(state);
    state.change({ phase: { is: 'broken' } });
    feed.joined(asSnapshot(makeSnapshot([makeReply('a')])));
    expect([shown(), state.tree().held, state.phase]).toEqual([['a'], [], { is: 'ready' }]);
  });
});

describe('what has been overtaken', () => {
  it('a page that was asked for before a snapshot is left out', () => {
    state.loaded(makeSnapshot([makeReply('a')], { more: { after: 'x', count: 9 } }));
    const asked = state.held!.levels.get('')!;
    feed.joined(asSnapshot(makeSnapshot([makeReply('a')], { seq: 4, more: { after: 'x', count: 9 } })));
    expect(feed.page(null, asked, { replies: [makeReply('late', { born: 2 })], more: null })).toBe(false);
    expect(state.get('late')).toBeUndefined();
  });

  it('[SEQ6] an acknowledgement of an earlier epoch is left out', () => {
    load();
    feed.row(makeReply('late', { born: 9 }), 'an earlier epoch');
    expect(state.get('late')).toBeUndefined();
  });
});

describe('what is personal', () => {
  it("[VIEW1] own votes come with a join's answer; a delta's replaces those of its replies", () => {
    const you = (votes: You['votes']): You => ({ ...YOU, votes });
    feed.joined(asSnapshot(makeSnapshot([makeReply('a'), makeReply('b', { born: 2 })]), you({ a: 1, b: -1 })));
    feed.joined(asDelta(makeDelta(2, 3, [makeReply('a', { seq: 3 })]), you({})));
    expect(state.you?.votes).toEqual({ b: -1 });
  });

  it('who got a name may write and vote from then on', () => {
    feed.joined(asSnapshot(makeSnapshot([]), { me: null, can: { write: false, vote: false }, votes: {} }));
    feed.me(ME);
    expect(state.you).toEqual(YOU);
  });
});
