// Edits, removals, votes, reports: each one step of the clock, or none.
import { expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { rank } from '../../server/threads/rank.js';
import { outcomes, type Bench } from './store-bench.js';

const text = (body: string) => ({ body, html: `<p>${body}</p>`, renderer: 1 });

export function removingContract(use: () => Bench): void {
  it('[SEQ1] an edit takes the next seq, replaces the text and counts the revision', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    const done = await bench.store.editReply(reply.id, 1, text('better'));
    expect(done).toMatchObject({
      is: 'written',
      row: { id: reply.id, rev: 2, born: 1, seq: 2, bodySeq: 2, html: '<p>better</p>' },
      change: { from: 1, to: 2, counters: [], thread: { head: 2, infoSeq: 1 } },
    });
    if (done?.is !== 'written') throw new Error('not written');
    expect(done.row.editedAt).toBeInstanceOf(Date);
    expect(await bench.store.reply(reply.id)).toMatchObject({ rev: 2, editedAt: done.row.editedAt });
    expect(await bench.store.source(reply.id)).toBe('better');
  });

  it('[SEQ3] an edit from another revision changes nothing and tells the row as it is', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    await bench.store.editReply(reply.id, 1, text('second'));
    for (const base of [1, 3]) {
      const done = await bench.store.editReply(reply.id, base, text('late'));
      expect(done).toMatchObject({ is: 'stale', row: { rev: 2, html: '<p>second</p>' } });
    }
    expect(await bench.head(id)).toBe(2);
  });

  it('[SEQ4] a removed reply stays as a tombstone without its text, and its parent counts it no more', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    const child = await bench.write(id, { parentId: root.id });
    const grandchild = await bench.write(id, { parentId: child.id });
    const done = await bench.store.removeReply(child.id, 60);
    expect(done).toMatchObject({
      is: 'written',
      row: { id: child.id, state: 'removed', html: '', seq: 4, bodySeq: 4, replies: 1, children: 1 },
      change: {
        from: 3,
        to: 4,
        rows: [{ id: child.id }],
        counters: [{ id: root.id, seq: 4, replies: 0 }],
        thread: { count: 2, roots: 1, head: 4, infoSeq: 4 },
      },
    });
    expect(await bench.store.reply(root.id)).toMatchObject({ replies: 0, children: 1, seq: 4, bodySeq: 1 });
    expect(await bench.store.reply(grandchild.id)).toMatchObject({ state: 'published', seq: 3 });
    expect(await bench.store.source(child.id)).toBeNull();
  });

  it('[SEQ3] a removed reply takes no edit, no vote, no answer and no second removal', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    await bench.store.removeReply(reply.id, 60);
    const tombstone = { is: 'removed', row: { id: reply.id, state: 'removed' } };
    expect(await bench.store.removeReply(reply.id, 60)).toMatchObject(tombstone);
    expect(await bench.store.editReply(reply.id, 1, text('back'))).toMatchObject(tombstone);
    expect(await bench.store.choose(reply.id, [{ authorId: bench.ben.id, value: 1 }], rank)).toMatchObject(tombstone);
    const { results } = await bench.store.createReplies(id, [bench.reply({ parentId: reply.id })]);
    expect(outcomes(results)).toEqual(['parent removed']);
    expect(await bench.head(id)).toBe(2);
  });

  it('[SEQ7] a vote restamps its reply, as counters, and sets its rank', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    const steps = [
      { by: bench.ana, value: 1, ups: 1, downs: 0 },
      { by: bench.ben, value: 1, ups: 2, downs: 0 },
      { by: bench.ben, value: -1, ups: 1, downs: 1 },
      { by: bench.ana, value: 0, ups: 0, downs: 1 },
      { by: bench.ben, value: 0, ups: 0, downs: 0 },
    ] as const;
    for (const [n, { by, value, ups, downs }] of steps.entries()) {
      const seq = n + 2;
      expect(await bench.store.choose(reply.id, [{ authorId: by.id, value: value }], rank)).toMatchObject({
        is: 'written',
        row: { ups, downs, seq, bodySeq: 1, rank: rank(ups, downs) },
        change: { from: seq - 1, to: seq, rows: [], counters: [{ id: reply.id, seq, ups, downs }] },
      });
      expect((await bench.store.votes(by.id, [reply.id])).get(reply.id) ?? 0).toBe(value);
    }
  });

  it('[PUMP8] what many choose at once is one step of the clock, of each person the last wish', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    const [ana, ben] = [bench.ana.id, bench.ben.id];
    const done = await bench.store.choose(
      reply.id,
      [
        { authorId: ana, value: 1 },
        { authorId: ben, value: 1 },
        { authorId: ben, emoji: '👍', on: true },
        { authorId: ben, value: -1 },
        { authorId: ana, emoji: '👍', on: true },
        { authorId: ana, emoji: '🎉', on: true },
        { authorId: ana, emoji: '🎉', on: false },
      ],
      rank,
    );
    expect(done).toMatchObject({
      is: 'written',
      row: { ups: 1, downs: 1, rank: rank(1, 1), reactions: { '👍': 2 }, seq: 2, bodySeq: 1 },
      change: {
        from: 1,
        to: 2,
        rows: [],
        counters: [{ id: reply.id, seq: 2, ups: 1, downs: 1, reactions: { '👍': 2 } }],
      },
    });
    expect([await bench.store.votes(ana, [reply.id]), await bench.store.votes(ben, [reply.id])]).toEqual([
      new Map([[reply.id, 1]]),
      new Map([[reply.id, -1]]),
    ]);
    // A vote that changes hands leaves the score as it was, and is a change all the same.
    const swap = [
      { authorId: ana, value: -1 },
      { authorId: ben, value: 1 },
    ] as const;
    expect(await bench.store.choose(reply.id, swap, rank)).toMatchObject({ is: 'written', row: { ups: 1, downs: 1 } });
    expect(await bench.store.choose(reply.id, swap, rank)).toMatchObject({ is: 'same' });
    expect(await bench.head(id)).toBe(3);
  });

  it('[PUMP8] an emoji that changes hands in one call is a change; a wish taken back in it is none', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    const [ana, ben] = [bench.ana.id, bench.ben.id];
    await bench.store.choose(reply.id, [{ authorId: ben, emoji: '👍', on: true }], rank);
    const swap = [
      { authorId: ana, emoji: '👍', on: true },
      { authorId: ben, emoji: '👍', on: false },
    ];
    expect(await bench.store.choose(reply.id, swap, rank)).toMatchObject({
      is: 'written',
      row: { reactions: { '👍': 1 } },
    });
    expect(await bench.store.reactions(ana, [reply.id])).toEqual(new Map([[reply.id, ['👍']]]));
    expect(await bench.store.reactions(ben, [reply.id])).toEqual(new Map());
    const back = [
      { authorId: ana, value: 1 },
      { authorId: ana, value: 0 },
    ] as const;
    expect(await bench.store.choose(reply.id, back, rank)).toMatchObject({ is: 'same' });
    expect(await bench.head(id)).toBe(3);
  });

  it('[SEQ3] the same vote again changes nothing', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    expect(await bench.store.choose(reply.id, [{ authorId: bench.ben.id, value: 0 }], rank)).toMatchObject({
      is: 'same',
    });
    await bench.store.choose(reply.id, [{ authorId: bench.ben.id, value: -1 }], rank);
    expect(await bench.store.choose(reply.id, [{ authorId: bench.ben.id, value: -1 }], rank)).toMatchObject({
      is: 'same',
      row: { downs: 1 },
    });
    expect(await bench.head(id)).toBe(2);
  });

  it('votes are told by author and reply; others are left out', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const [up, down, none] = [await bench.write(id), await bench.write(id), await bench.write(id)];
    await bench.store.choose(up.id, [{ authorId: bench.ana.id, value: 1 }], rank);
    await bench.store.choose(down.id, [{ authorId: bench.ana.id, value: -1 }], rank);
    await bench.store.choose(none.id, [{ authorId: bench.ben.id, value: 1 }], rank);
    const ids = [up.id, down.id, none.id, newId()];
    expect(await bench.store.votes(bench.ana.id, ids)).toEqual(
      new Map([
        [up.id, 1],
        [down.id, -1],
      ]),
    );
    expect(await bench.store.votes(bench.ana.id, [])).toEqual(new Map());
  });

  it('what is not there can not be edited, removed or voted on', async () => {
    const { store, ana } = use();
    expect(await store.editReply(newId(), 1, text('x'))).toBeNull();
    expect(await store.removeReply(newId(), 60)).toBeNull();
    expect(await store.choose(newId(), [{ authorId: ana.id, value: 1 }], rank)).toBeNull();
    expect(await store.reply(newId())).toBeNull();
    expect(await store.source(newId())).toBeNull();
  });

  it('a report may be made again and moves no clock', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    await bench.store.report(reply.id, bench.ben.id, 'spam', null);
    await bench.store.report(reply.id, bench.ben.id, 'abuse', 'twice');
    expect(await bench.head(id)).toBe(1);
  });
}
