// Permalinks, and what is new since a visit.
import { expect, it } from 'vitest';

import type { Sort } from '../../shared/views.js';
import type { LocatedRows } from '../../server/store/store.js';
import { newId } from '../../shared/ids.js';
import { rank } from '../../server/threads/rank.js';
import type { Bench } from './store-bench.js';

export function findingContract(use: () => Bench): void {
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
