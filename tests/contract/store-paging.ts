// Pages: the three orders, first descendants, exact remainders, deep branches.
import { expect, it } from 'vitest';

import { FIRST_CHILDREN } from '../../shared/limits.js';
import type { Sort } from '../../shared/views.js';
import type { PageQuery, PageRows } from '../../server/store/store.js';
import type { Bench } from './store-bench.js';

const SORTS: readonly Sort[] = ['oldest', 'newest', 'best'];

/** Reads a list to its end; checks on each page that exactly the rest was announced. */
async function walk(bench: Bench, threadId: string, query: Omit<PageQuery, 'after'>, total: number): Promise<string[]> {
  const ids: string[] = [];
  let page: PageRows = await bench.store.page(threadId, { ...query, after: null });
  for (;;) {
    const siblings = page.rows.filter((row) => row.parentId === query.parentId);
    expect(siblings.length).toBeLessThanOrEqual(query.limit);
    ids.push(...siblings.map(({ id }) => id));
    if (!page.next) break;
    expect(siblings).toHaveLength(query.limit);
    expect(page.next.total - page.next.served, 'rows that are left').toBe(total - ids.length);
    page = await bench.store.page(threadId, { ...query, after: page.next });
  }
  return ids;
}

export function pagingContract(use: () => Bench): void {
  it.each(SORTS)('130 roots, %s first, are paged without a loss or a repetition', async (sort) => {
    const bench = use();
    const { id } = await bench.thread();
    const roots = await bench.roots(id, 130);
    // Ranks in three values and no order, so that equal ones meet at the edges of pages.
    for (const [n, root] of roots.entries()) {
      if (n % 3 === 0) continue;
      const value = n % 3 === 1 ? 1 : -1;
      await bench.store.choose(root, [{ authorId: bench.ben.id, value }], (ups) => ups * 1_000);
    }
    const up = (n: number): number => (n % 3 === 1 ? 0 : 1);
    const expected = {
      oldest: roots,
      newest: roots.toReversed(),
      best: [...roots.keys()].sort((a, b) => up(a) - up(b) || a - b).map((n) => roots[n]!),
    };
    for (const limit of [20, 50]) {
      expect(await walk(bench, id, { parentId: null, sort, limit }, 130)).toEqual(expected[sort]);
    }
    const first = await bench.store.firstPage(id, sort, 50);
    expect(first!.page.rows.map((row) => row.id)).toEqual(expected[sort].slice(0, 50));
    expect(first!.page).toEqual(await bench.store.page(id, { parentId: null, sort, after: null, limit: 50 }));
  });

  it('a page that holds the rest exactly is the last one', async () => {
    const bench = use();
    const { id } = await bench.thread();
    await bench.roots(id, 20);
    const { page } = (await bench.store.firstPage(id, 'oldest', 20))!;
    expect(page.rows).toHaveLength(20);
    expect(page.next).toBeNull();
    expect((await bench.store.firstPage(id, 'oldest', 19))!.page.next).toMatchObject({ served: 19, total: 20 });
  });

  it.each(SORTS)('a page, %s first, carries the first descendants of its rows, level by level', async (sort) => {
    const bench = use();
    const { id } = await bench.thread();
    await grow(bench, id, null, 0);
    const { page } = (await bench.store.firstPage(id, sort, 2))!;
    let level = page.rows.filter((row) => row.parentId === null);
    expect(level).toHaveLength(2);
    for (const [above, count] of FIRST_CHILDREN.entries()) {
      const children = level.map(({ id }) => page.rows.filter((row) => row.parentId === id));
      for (const siblings of children) {
        expect(siblings).toHaveLength(count);
        expect(siblings.every((row) => row.depth === above + 1)).toBe(true);
        const born = siblings.map((row) => row.born);
        expect(born).toEqual(born.toSorted((a, b) => (sort === 'newest' ? b - a : a - b)));
      }
      level = children.flat();
    }
    expect(page.rows.every((row) => row.depth <= FIRST_CHILDREN.length)).toBe(true);
  });

  it.each(SORTS)('children are paged as roots are, %s first, tombstones included', async (sort) => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    const children: string[] = [];
    for (let n = 0; n < 25; n++) children.push((await bench.write(id, { parentId: root.id })).id);
    await bench.store.removeReply(children[0]!, 60);
    await bench.store.removeReply(children[12]!, 60);
    const ids = await walk(bench, id, { parentId: root.id, sort, limit: 10 }, 25);
    expect(ids).toEqual(sort === 'newest' ? children.toReversed() : children);
  });

  it('rows that come while a list is read do not disturb it', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const roots = await bench.roots(id, 30);
    for (const sort of ['oldest', 'newest'] as const) {
      const first = await bench.store.page(id, { parentId: null, sort, after: null, limit: 20 });
      const [later] = await bench.roots(id, 1);
      const second = await bench.store.page(id, { parentId: null, sort, after: first.next, limit: 20 });
      const seen = [...first.rows, ...second.rows].map((row) => row.id);
      expect(seen).toEqual(sort === 'oldest' ? [...roots, later] : roots.toReversed());
      expect(second.next).toBeNull();
      roots.push(later!);
    }
  });

  it('a deep branch is read step by step to its end', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const chain: string[] = [];
    for (let depth = 0; depth <= 60; depth++) {
      chain.push((await bench.write(id, { parentId: chain.at(-1) ?? null })).id);
    }
    const seen: string[] = [];
    let parentId: string | null = null;
    while (seen.length < chain.length) {
      const page: PageRows = await bench.store.page(id, { parentId, sort: 'oldest', after: null, limit: 20 });
      expect(page.next).toBeNull();
      expect(page.rows.length).toBeGreaterThan(0);
      seen.push(...page.rows.map((row) => row.id));
      parentId = seen.at(-1)!;
    }
    expect(seen).toEqual(chain);
  });

  it('[VIEW6] best first, no vote between two pages makes a row be missed', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    for (const parentId of [null, root.id]) {
      const list: string[] = parentId === null ? [root.id] : [];
      for (let n = list.length; n < 60; n++) list.push((await bench.write(id, { parentId })).id);
      const vote = (n: number, by: { id: string }, value: -1 | 0 | 1) =>
        bench.store.choose(list[n]!, [{ authorId: by.id, value }], (ups) => ups * 1_000);
      const query = { parentId, sort: 'best' as const, limit: 10 };
      const seen = new Set<string>();
      let page = await bench.store.page(id, { ...query, after: null });
      const moves = [
        // Past what was read, from far behind; one that was read falls behind.
        () => Promise.all([vote(50, bench.ana, 1), vote(55, bench.ben, 1), vote(0, bench.ana, -1)]),
        // Up, passed by the cursor at rank 0, and down again: at its old place, which is read by now.
        () => vote(35, bench.ana, 1),
        () => vote(45, bench.ben, 1),
        () => Promise.all([vote(35, bench.ana, 0), vote(45, bench.ben, 0)]),
        () => vote(59, bench.ana, 1),
      ];
      for (;;) {
        const siblings = page.rows.filter((row) => row.parentId === parentId);
        expect(siblings.length).toBeLessThanOrEqual(query.limit);
        for (const row of siblings) seen.add(row.id);
        if (!page.next) break;
        await moves.shift()?.();
        page = await bench.store.page(id, { ...query, after: page.next });
      }
      expect(moves).toEqual([]);
      expect(list.filter((one) => !seen.has(one))).toEqual([]);
    }
  });

  it('[VIEW6] best first, more moves than a page holds come on several pages, and none twice', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const roots = await bench.roots(id, 200);
    const query = { parentId: null, sort: 'best' as const, limit: 20 };
    const first = await bench.store.page(id, { ...query, after: null });
    const lifted = roots.slice(40, 190);
    for (const root of lifted) {
      await bench.store.choose(root, [{ authorId: bench.ana.id, value: 1 }], (ups) => ups * 1_000);
    }
    const ids = first.rows.map((row) => row.id);
    for (let { next } = first; next;) {
      const page = await bench.store.page(id, { ...query, after: next });
      expect(page.rows.length).toBeGreaterThan(0);
      expect(page.rows.length).toBeLessThanOrEqual(query.limit);
      ids.push(...page.rows.map((row) => row.id));
      next = page.next;
    }
    expect(ids).toHaveLength(200);
    expect(new Set(ids)).toEqual(new Set(roots));
  });

  it('a page of a thread or parent that is not there is empty', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const elsewhere = await bench.write((await bench.thread()).id);
    for (const parentId of [null, elsewhere.id]) {
      const page = await bench.store.page(id, { parentId, sort: 'best', after: null, limit: 20 });
      expect(page).toMatchObject({ rows: [], next: null });
    }
  });
}

/** More than any level shows of one parent. */
const CHILDREN = Math.max(...FIRST_CHILDREN) + 1;

/** A full tree, one level deeper than a page shows; the last two levels below the first rows only. */
async function grow(bench: Bench, threadId: string, parentIds: string[] | null, depth: number): Promise<void> {
  if (depth > FIRST_CHILDREN.length + 1) return;
  const batch = (parentIds ?? [null]).flatMap((parentId) =>
    Array.from({ length: CHILDREN }, () => bench.reply({ parentId })),
  );
  for (let n = 0; n < batch.length; n += 100) await bench.store.createReplies(threadId, batch.slice(n, n + 100));
  await grow(
    bench,
    threadId,
    batch.map(({ id }) => id),
    depth + 1,
  );
}
