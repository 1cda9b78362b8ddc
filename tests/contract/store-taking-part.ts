// Reactions, removing with a way back, earlier texts, permalinks, what is new since a visit.
import { expect, it } from 'vitest';

import type { Sort } from '../../shared/views.js';
import type { LocatedRows } from '../../server/store/store.js';
import { newId } from '../../shared/ids.js';
import { rank } from '../../server/threads/rank.js';
import type { Bench } from './store-bench.js';

const text = (body: string) => ({ body, html: `<p>${body}</p>`, renderer: 1 });

export function takingPartContract(use: () => Bench): void {
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

  it('[REQ13] what is removed comes back as it was while its time runs, and counts again', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    const child = await bench.write(id, { parentId: root.id });
    await bench.store.editReply(child.id, 1, text('second'));
    await bench.store.removeReply(child.id, 60);
    expect(await bench.store.removedText(child.id)).toBe('second');
    expect(await bench.store.restoreReply(child.id, text('another'))).toMatchObject({ is: 'late' });
    const done = await bench.store.restoreReply(child.id, text('second'));
    expect(done).toMatchObject({
      is: 'written',
      row: { id: child.id, state: 'published', html: '<p>second</p>', rev: 2, seq: 5, bodySeq: 5 },
      change: {
        from: 4,
        to: 5,
        rows: [{ id: child.id }],
        counters: [{ id: root.id, seq: 5, replies: 1 }],
        thread: { count: 2, head: 5, infoSeq: 5 },
      },
    });
    expect(await bench.store.restoreReply(child.id, text('second'))).toMatchObject({ is: 'published' });
    expect(await bench.store.removedText(child.id)).toBeNull();
    expect(await bench.store.source(child.id)).toBe('second');
    expect(await bench.store.revisions(child.id, 10)).toMatchObject([{ rev: 1 }]);
  });

  it('[REQ13] when its time is over, nothing of its texts is left', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const [gone, kept] = [await bench.write(id), await bench.write(id)];
    for (const { id: reply } of [gone, kept]) await bench.store.editReply(reply, 1, text('second'));
    await bench.store.removeReply(gone.id, 0);
    expect(await bench.store.removedText(gone.id)).toBeNull();
    expect(await bench.store.restoreReply(gone.id, text('second'))).toMatchObject({ is: 'late' });
    expect(await bench.store.eraseRemoved(1)).toBe(1);
    expect(await bench.store.eraseRemoved(100)).toBe(1);
    expect(await bench.store.revisions(gone.id, 10)).toEqual([]);
    expect(await bench.store.revisions(kept.id, 10)).toMatchObject([{ rev: 1 }]);
    expect(await bench.store.reply(gone.id)).toMatchObject({ state: 'removed', html: '' });
  });

  it('an edit keeps the text that it replaces, the newest first', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id, { body: 'first', html: '<p>first</p>' });
    await bench.store.editReply(reply.id, 1, text('second'));
    await bench.store.editReply(reply.id, 2, text('third'));
    const all = await bench.store.revisions(reply.id, 10);
    expect(all.map(({ rev, body }) => ({ rev, body }))).toEqual([
      { rev: 2, body: 'second' },
      { rev: 1, body: 'first' },
    ]);
    for (const { until } of all) expect(new Date(until).toISOString()).toBe(until);
    expect(await bench.store.revisions(reply.id, 1)).toEqual(all.slice(0, 1));
  });

  it('keeps which revision a reply answers and whom it names', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    const mentions = [bench.ben.id, bench.ana.id];
    const reply = await bench.write(id, { parentId: root.id, answers: 1, mentions });
    expect(await bench.store.reply(reply.id)).toMatchObject({ answers: 1, mentions });
    expect((await bench.store.changes(id, 1, 10))?.change?.rows).toMatchObject([{ answers: 1, mentions }]);
    expect(await bench.store.reply(root.id)).toMatchObject({ answers: null, mentions: null, reactions: null });
    const names = await bench.store.names(bench.ana.siteId, [...mentions, newId()]);
    expect(names).toEqual(
      new Map([
        [bench.ana.id, 'Ana'],
        [bench.ben.id, 'Ben'],
      ]),
    );
    expect(await bench.store.names('elsewhere', mentions)).toEqual(new Map());
  });

  const shown = (found: LocatedRows | null) =>
    found && {
      ...Object.fromEntries(
        (['ancestors', 'before', 'descendants', 'after'] as const).map((part) => [
          part,
          found[part].map((row) => row.html),
        ]),
      ),
      reply: found.reply.html,
      left: found.left,
      total: found.total,
    };

  it.each<Sort>(['oldest', 'newest', 'best'])('[VIEW8] finds a reply with its neighbours, %s first', async (sort) => {
    const bench = use();
    const { id } = await bench.thread();
    const roots = [];
    for (let n = 0; n < 9; n++) roots.push(await bench.write(id, { html: `r${n}` }));
    // Ranks that are neither the order of time nor the other way round.
    for (const n of [4, 7]) await bench.store.choose(roots[n]!.id, [{ authorId: bench.ben.id, value: 1 }], rank);
    const order = { oldest: '012345678', newest: '876543210', best: '470123568' }[sort];
    for (const at of [0, 4, 8]) {
      const target = roots[Number(order[at])]!;
      const list = (part: string) => part.split('').map((n) => `r${n}`);
      expect(shown(await bench.store.locate(id, target.id, sort, 2))).toEqual({
        ancestors: [],
        before: list(order.slice(Math.max(0, at - 2), at)),
        reply: `r${order[at]}`,
        descendants: [],
        after: list(order.slice(at + 1, at + 3)),
        left: Math.max(0, 9 - at - 3),
        total: 9,
      });
    }
  });

  it('[VIEW8] finds a deep reply with all that it answers, and a removed one', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const chain = [await bench.write(id, { html: 'c0' })];
    for (let n = 1; n < 30; n++) chain.push(await bench.write(id, { parentId: chain.at(-1)!.id, html: `c${n}` }));
    await bench.write(id, { html: 'other' });
    await bench.store.removeReply(chain[20]!.id, 60);
    const found = shown(await bench.store.locate(id, chain[20]!.id, 'oldest', 5));
    const names = chain.map((_, n) => `c${n}`);
    expect(found).toMatchObject({ ancestors: names.slice(0, 20), reply: '', before: [], after: [], left: 0, total: 1 });
    expect(found).toHaveProperty('descendants.0', 'c21');
    expect(await bench.store.locate(id, newId(), 'oldest', 5)).toBeNull();
    expect(await bench.store.locate((await bench.thread()).id, chain[0]!.id, 'oldest', 5)).toBeNull();
  });

  it('[VIEW9] tells what others wrote after a seq, in the order of its birth', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const old = await bench.write(id);
    const mine = await bench.write(id);
    const theirs = [await bench.write(id, { author: bench.ben, parentId: old.id })];
    theirs.push(await bench.write(id, { author: bench.ben }));
    const gone = await bench.write(id, { author: bench.ben });
    await bench.store.removeReply(gone.id, 60);
    await bench.store.choose(old.id, [{ authorId: bench.ben.id, value: 1 }], rank);
    const told = theirs.map((row, i) => ({ id: row.id, root: i === 0 ? old.id : row.id }));
    const limits = { max: 10, countMax: 10 };
    expect(await bench.store.news(id, 1, bench.ana.id, limits)).toEqual({ count: 2, news: told });
    expect(await bench.store.news(id, 1, null, limits)).toEqual({
      count: 3,
      news: [{ id: mine.id, root: mine.id }, ...told],
    });
    expect(await bench.store.news(id, 1, bench.ana.id, { max: 1, countMax: 2 })).toEqual({
      count: 2,
      news: told.slice(0, 1),
    });
    expect(await bench.store.news(id, 9, null, limits)).toEqual({ count: 0, news: [] });
  });
}
