// Votes and reactions: absolute, one for each person, each call one step of the clock, or none.
import { expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { rank } from '../../server/threads/rank.js';
import type { Bench } from './store-bench.js';

export function choosingContract(use: () => Bench): void {
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

  it('[SEQ7] a reaction restamps its reply, as counters; one person counts once for each emoji', async () => {
    const { store, ana, ben } = use();
    const { id } = await use().thread();
    const reply = await use().write(id);
    const steps = [
      { by: ana, emoji: '👍', on: true, reactions: { '👍': 1 } },
      { by: ben, emoji: '👍', on: true, reactions: { '👍': 2 } },
      { by: ben, emoji: '🎉', on: true, reactions: { '👍': 2, '🎉': 1 } },
      { by: ben, emoji: '👍', on: false, reactions: { '👍': 1, '🎉': 1 } },
      { by: ben, emoji: '🎉', on: false, reactions: { '👍': 1 } },
      { by: ana, emoji: '👍', on: false, reactions: {} },
    ];
    for (const [n, { by, emoji, on, reactions }] of steps.entries()) {
      const seq = n + 2;
      expect(await store.choose(reply.id, [{ authorId: by.id, emoji: emoji, on: on }], rank)).toMatchObject({
        is: 'written',
        row: { reactions, seq, bodySeq: 1 },
        change: { from: seq - 1, to: seq, rows: [], counters: [{ id: reply.id, seq, reactions }] },
      });
      expect((await store.reply(reply.id))?.reactions).toEqual(reactions);
      const mine = (await store.reactions(by.id, [reply.id])).get(reply.id) ?? [];
      expect(mine.includes(emoji)).toBe(on);
    }
    const changes = await store.changes(id, 1, 10);
    expect(changes?.change?.counters).toMatchObject([{ id: reply.id, reactions: {} }]);
  });

  it('[SEQ3] the same reaction again changes nothing, nor does one on a tombstone', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    expect(
      await bench.store.choose(reply.id, [{ authorId: bench.ben.id, emoji: '👍', on: false }], rank),
    ).toMatchObject({ is: 'same' });
    await bench.store.choose(reply.id, [{ authorId: bench.ben.id, emoji: '👍', on: true }], rank);
    expect(await bench.store.choose(reply.id, [{ authorId: bench.ben.id, emoji: '👍', on: true }], rank)).toMatchObject(
      { is: 'same' },
    );
    expect(await bench.head(id)).toBe(2);
    await bench.store.removeReply(reply.id, 60);
    expect(await bench.store.choose(reply.id, [{ authorId: bench.ana.id, emoji: '👍', on: true }], rank)).toMatchObject(
      { is: 'removed' },
    );
    expect(await bench.store.choose(newId(), [{ authorId: bench.ana.id, emoji: '👍', on: true }], rank)).toBeNull();
    expect(await bench.head(id)).toBe(3);
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
}
