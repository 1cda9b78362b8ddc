import { describe, expect, it } from 'vitest';
import { applyDelta, applyLocated, applyPage, applyRow, applySnapshot } from '../../shared/apply.js';
import { fromSnapshot, ROOTS, type Held } from '../../shared/held.js';
import { EPOCH, makeDelta, makeRemoved, makeReply, makeSnapshot, makeThread } from '../support/replies.js';

const ids = (held: Held): string[] => [...held.rows.keys()];

describe('a snapshot', () => {
  it('is held as rows, as what a page gave, and as the lists that go on', () => {
    const more = { after: 'x', count: 3 };
    const child = makeReply('b', { parent: 'a', born: 2 });
    const held = fromSnapshot(makeSnapshot([makeReply('a', { more: { after: 'y', count: 1 } }), child], { more }));
    expect(held.cursor).toEqual({ epoch: EPOCH, seq: 2 });
    expect(held.rows.get('a')).toEqual(makeReply('a'));
    expect([...held.levels]).toEqual([
      [ROOTS, more],
      ['a', { after: 'y', count: 1 }],
    ]);
    expect([...held.paged]).toEqual(['a', 'b']);
  });
});

describe('a reply that was looked for', () => {
  const more = { after: 'x', count: 3 };
  const held = fromSnapshot(makeSnapshot([makeReply('a')], { seq: 50, more }));
  const replies = [makeReply('p', { born: 30, more }), makeReply('q', { parent: 'p', born: 40 })];

  it('is held with what it answers, waits for its page, and moves no cursor', () => {
    const next = applyLocated(held, { replies, more: null, mine: { votes: {} } });
    expect([ids(next), [...next.paged], next.cursor]).toEqual([['a', 'p', 'q'], ['a'], held.cursor]);
    expect(next.levels.get('p')).toEqual(more);
    expect(next.rows.get('p')).not.toHaveProperty('more');
    const paged = applyPage(next, null, { replies: [makeReply('p', { born: 30 })], more: null });
    expect([...paged.paged]).toEqual(['a', 'p']);
  });

  it('[CUR3] takes nothing back that is newer', () => {
    const ahead = applyRow(held, makeReply('q', { parent: 'p', born: 40, seq: 60, html: 'edited' }));
    const next = applyLocated(ahead, { replies, more: null, mine: { votes: {} } });
    expect(next.rows.get('q')?.html).toBe('edited');
    // Of a page that is here, the list goes on where that page said.
    const paged = applyPage(held, null, { replies: [makeReply('p', { born: 30 })], more: null });
    expect(applyLocated(paged, { replies, more: null, mine: { votes: {} } }).levels.has('p')).toBe(false);
  });
});

describe('a delta', () => {
  const held = fromSnapshot(makeSnapshot([makeReply('a')], { seq: 5 }));

  it('[CUR1] that follows adds its rows, takes its info and moves the cursor to its end', () => {
    const info = makeThread({ count: 2 });
    const next = applyDelta(held, makeDelta(5, 7, [makeReply('b', { born: 6 })], { info }));
    expect([ids(next), next.cursor.seq, next.thread]).toEqual([['a', 'b'], 7, info]);
    expect(ids(held)).toEqual(['a']);
  });

  it('[CUR1] that begins before the cursor is applied, what is known in it changes nothing', () => {
    const first = applyDelta(held, makeDelta(5, 7, [makeReply('b', { born: 6, html: 'new' })]));
    const next = applyDelta(
      first,
      makeDelta(5, 8, [makeReply('b', { born: 6, html: 'same' }), makeReply('c', { born: 8 })]),
    );
    expect([ids(next), next.rows.get('b')?.html, next.cursor.seq]).toEqual([['a', 'b', 'c'], 'new', 8]);
  });

  it('[CUR1] that is known already changes nothing at all', () => {
    expect(applyDelta(held, makeDelta(3, 5, [makeReply('b')]))).toBe(held);
  });

  it('[CUR1] with a gap before it, or of another epoch, is refused', () => {
    expect(() => applyDelta(held, makeDelta(6, 7))).toThrow(/does not follow: gap/);
    expect(() => applyDelta(held, makeDelta(5, 7, [], { epoch: 'other' }))).toThrow(/does not follow: other-epoch/);
  });

  it('[CUR3] loses against a row that is newer already', () => {
    const ahead = applyRow(held, makeReply('a', { seq: 9, html: 'edited' }));
    expect(applyDelta(ahead, makeDelta(5, 7, [makeReply('a', { seq: 7 })])).rows.get('a')?.html).toBe('edited');
  });

  it('[CUR3] changes the counters alone of what was touched', () => {
    const touched = [{ id: 'a', seq: 6, score: 3, replies: 2 }];
    const next = applyDelta(held, makeDelta(5, 6, [], { touched }));
    expect(next.rows.get('a')).toEqual(makeReply('a', { seq: 6, score: 3, replies: 2 }));
    const older = applyDelta(next, makeDelta(6, 7, [], { touched: [{ id: 'a', seq: 4, score: 0, replies: 0 }] }));
    expect(older.rows.get('a')?.score).toBe(3);
  });

  it('[SEQ7] keeps the counters of a row that is not held for the page that brings it as it was before', () => {
    const partial = fromSnapshot(makeSnapshot([makeReply('a')], { seq: 5, more: { after: 'x', count: 1 } }));
    const touched = [{ id: 'old', seq: 6, score: 0, replies: 1 }];
    const next = applyDelta(partial, makeDelta(5, 6, [makeReply('kid', { parent: 'old', born: 6 })], { touched }));
    expect(next.rows.has('old')).toBe(false);
    const paged = applyPage(next, null, { replies: [makeReply('old', { born: 3 })], more: null });
    expect(paged.rows.get('old')).toEqual(makeReply('old', { born: 3, seq: 6, replies: 1 }));
    expect(paged.touched.size).toBe(0);
  });

  it('makes a tombstone of a removed reply', () => {
    const next = applyDelta(held, makeDelta(5, 6, [makeRemoved('a', { seq: 6 })]));
    expect(next.rows.get('a')).toMatchObject({ state: 'removed', html: '', author: { name: '' } });
  });
});

describe('a page', () => {
  const held = fromSnapshot(makeSnapshot([makeReply('a')], { seq: 5, more: { after: 'x', count: 9 } }));

  it('[CUR2] adds rows and never moves the cursor', () => {
    const next = applyPage(held, null, {
      replies: [makeReply('b', { born: 2, seq: 8 })],
      more: { after: 'y', count: 8 },
    });
    expect([ids(next), next.cursor, next.levels.get(ROOTS)]).toEqual([
      ['a', 'b'],
      held.cursor,
      { after: 'y', count: 8 },
    ]);
  });

  it('that is the last one ends its list', () => {
    expect(applyPage(held, null, { replies: [], more: null }).levels.size).toBe(0);
  });

  it('opens the list of a row that it is first to bring, also of one known only because it changed', () => {
    const changed = applyDelta(held, makeDelta(5, 6, [makeReply('b', { born: 2, seq: 6, rev: 2 })]));
    const more = { after: 'z', count: 4 };
    const next = applyPage(changed, null, { replies: [makeReply('b', { born: 2, more })], more: null });
    expect([next.rows.get('b')?.rev, next.levels.get('b')]).toEqual([2, more]);
  });

  it('does not open the list of a row that was born after the snapshot: its children all came by delta', () => {
    const born = applyDelta(
      held,
      makeDelta(5, 7, [makeReply('b', { born: 6 }), makeReply('c', { born: 7, parent: 'b' })]),
    );
    const again = makeReply('b', { born: 6, more: { after: 'z', count: 1 } });
    expect(applyPage(born, null, { replies: [again], more: null }).levels.has('b')).toBe(false);
  });

  it('does not open again a list that went on already', () => {
    const first = fromSnapshot(makeSnapshot([makeReply('a', { more: { after: 'x', count: 2 } })]));
    const all = applyPage(first, 'a', { replies: [makeReply('b', { parent: 'a', born: 1 })], more: null });
    const again = applyPage(all, null, { replies: [makeReply('a', { more: { after: 'x', count: 2 } })], more: null });
    expect(again.levels.size).toBe(0);
  });
});

describe('an acknowledged row', () => {
  it('[CUR2] is merged and never moves the cursor', () => {
    const held = fromSnapshot(makeSnapshot([], { seq: 3 }));
    const next = applyRow(held, makeReply('a', { born: 7 }));
    expect([ids(next), next.cursor.seq]).toEqual([['a'], 3]);
    expect(applyDelta(next, makeDelta(3, 7, [makeReply('a', { born: 7 })])).cursor.seq).toBe(7);
  });
});

describe('the snapshot of a later join', () => {
  const held = applyRow(
    fromSnapshot(makeSnapshot([makeReply('a'), makeReply('gone')], { seq: 5 })),
    makeReply('own', { born: 9 }),
  );

  it('replaces the rows, and keeps those that are newer than it', () => {
    const next = applySnapshot(held, makeSnapshot([makeReply('a'), makeReply('b', { born: 7 })], { seq: 8 }));
    expect([ids(next), next.cursor.seq, next.since]).toEqual([['a', 'b', 'own'], 8, 8]);
  });

  it('[SEQ6] replaces everything where the epoch changed or the thread went back', () => {
    const other = { cursor: { epoch: 'other', seq: 8 } };
    expect(ids(applySnapshot(held, makeSnapshot([makeReply('a')], other)))).toEqual(['a']);
    expect(ids(applySnapshot(held, makeSnapshot([makeReply('a')], { seq: 4 })))).toEqual(['a']);
  });
});
