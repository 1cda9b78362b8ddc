// Reading page by page through the socket: the three orders, exact remainders, branches.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { FIRST_CHILDREN, PAGE_DEFAULT, PAGE_MAX } from '../../shared/limits.js';
import type { More, Reply, Sort } from '../../shared/views.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';

const SORTS: readonly Sort[] = ['oldest', 'newest', 'best'];
const ROOTS = 130;

let app: TestApp;
let ana: TestClient;
let reader: TestClient;
let thread: string;
const roots: string[] = [];

beforeAll(async () => {
  app = await startTestApp();
  ana = await connectGuest(app.url, 'Ana');
  reader = await connectClient(app.url);
  thread = (await ana.snapshot('pages')).thread.id;
  for (let n = 0; n < ROOTS; n++) roots.push(await write(null));
  const voters = await Promise.all([connectGuest(app.url, 'Ben'), connectGuest(app.url, 'Cleo')]);
  // Every seventh has one vote, every twenty-first two.
  for (const [n, id] of roots.entries()) {
    if (n % 7 === 0) await voters[0]!.must('reply:vote', { id, value: 1 });
    if (n % 21 === 0) await voters[1]!.must('reply:vote', { id, value: 1 });
  }
  voters.forEach((voter) => voter.close());
});
afterAll(() => app.end());

async function write(parent: string | null): Promise<string> {
  const id = newId();
  await ana.must('reply:create', { thread, id, parent, body: 'x' });
  return id;
}

function expected(sort: Sort): string[] {
  const votes = (n: number): number => Number(n % 7 === 0) + Number(n % 21 === 0);
  if (sort === 'oldest') return roots;
  if (sort === 'newest') return roots.toReversed();
  return [...roots.keys()].sort((a, b) => votes(b) - votes(a) || a - b).map((n) => roots[n]!);
}

/** Follows a list from its first answer to its end; every answer must announce exactly what is left. */
async function follow(first: { replies: Reply[]; more: More | null }, sort: Sort, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let page = first;
  for (;;) {
    ids.push(...page.replies.filter((reply) => reply.parent === null).map(({ id }) => id));
    expect(page.more?.count ?? 0).toBe(ROOTS - ids.length);
    if (!page.more) return ids;
    page = await reader.must('thread:page', { thread, parent: null, sort, after: page.more.after, limit });
  }
}

describe.each(SORTS)('%s first', (sort) => {
  it.each([PAGE_DEFAULT, PAGE_MAX, 1])(
    'a snapshot and its pages of %i give every root once, in order',
    async (limit) => {
      const snapshot = await reader.snapshot('pages', { sort, limit });
      expect(await follow(snapshot, sort, limit)).toEqual(expected(sort));
    },
  );

  it('a page from the beginning is what the snapshot begins with', async () => {
    const snapshot = await reader.snapshot('pages', { sort });
    const page = await reader.must('thread:page', { thread, parent: null, sort });
    expect(page).toEqual({ replies: snapshot.replies, more: snapshot.more });
  });
});

it('[VIEW6] best first, a reply that is voted up while others read on is not missed', async () => {
  const { thread: info } = await ana.snapshot('votes between pages');
  const ids: string[] = [];
  for (let n = 0; n < 25; n++) {
    const id = newId();
    await ana.must('reply:create', { thread: info.id, id, parent: null, body: 'x' });
    ids.push(id);
  }
  const first = await reader.snapshot('votes between pages', { sort: 'best', limit: 10 });
  await ana.must('reply:vote', { id: ids[24]!, value: 1 });
  const asked = { thread: info.id, parent: null, sort: 'best' as const, limit: 10 };
  const second = await reader.must('thread:page', { ...asked, after: first.more!.after });
  expect(second.replies.map(({ id }) => id)).toEqual([ids[24], ...ids.slice(10, 19)]);
  const third = await reader.must('thread:page', { ...asked, after: second.more!.after });
  expect(third).toMatchObject({ more: null });
  expect(third.replies.map(({ id }) => id)).toEqual(ids.slice(19, 24));
});

describe('branches', () => {
  let root: string;
  const children: string[] = [];
  let deep: string[];
  beforeAll(async () => {
    thread = (await ana.snapshot('branches')).thread.id;
    root = await write(null);
    for (let n = 0; n < 25; n++) children.push(await write(root));
    await ana.must('reply:remove', { id: children[3] });
    deep = [children[0]!];
    for (let n = 0; n < 10; n++) deep.push(await write(deep.at(-1)!));
  });

  it('a row tells which of its children are missing, and that page brings exactly these', async () => {
    const { replies } = await reader.snapshot('branches');
    const row = replies.find(({ id }) => id === root)!;
    expect(row).toMatchObject({ replies: 24, more: { count: 25 - FIRST_CHILDREN[0]! } });
    const seen = replies.filter(({ parent }) => parent === root).map(({ id }) => id);
    for (let more: More | null = row.more!; more;) {
      const page: { replies: Reply[]; more: More | null } = await reader.must('thread:page', {
        thread,
        parent: root,
        sort: 'oldest',
        after: more.after,
        limit: 10,
      });
      seen.push(...page.replies.filter(({ parent }) => parent === root).map(({ id }) => id));
      expect(page.more?.count ?? 0).toBe(25 - seen.length);
      more = page.more;
    }
    expect(seen).toEqual(children);
  });

  it('the last row of a deep branch tells that it goes on, from its beginning', async () => {
    const { replies } = await reader.snapshot('branches');
    const last = replies.filter(({ id }) => deep.includes(id)).at(-1)!;
    expect(last).toMatchObject({ depth: FIRST_CHILDREN.length, replies: 1, more: { count: 1 } });
    const page = await reader.must('thread:page', { thread, parent: last.id, sort: 'oldest', after: last.more!.after });
    expect(page.replies.map(({ id }) => id)).toEqual(deep.slice(deep.indexOf(last.id) + 1).slice(0, 4));
    expect(page.more).toBeNull();
  });

  it('a row with all of its children here tells of no more', async () => {
    const { replies } = await reader.must('thread:page', { thread, parent: root, sort: 'oldest' });
    const leaf = replies.find(({ id }) => id === children[5])!;
    expect(leaf).not.toHaveProperty('more');
  });

  it('[REQ3] a cursor of another order is refused', async () => {
    const { replies } = await reader.snapshot('branches', { sort: 'newest' });
    const { after } = replies.find(({ id }) => id === root)!.more!;
    const refused = await reader.refused('thread:page', { thread, parent: root, sort: 'best', after });
    expect(refused).toMatchObject({ code: 'invalid', field: 'after' });
  });

  it('of a parent or thread that is not there are refused', async () => {
    const page = { thread, parent: null, sort: 'oldest' };
    const noParent = await reader.refused('thread:page', { ...page, parent: newId() });
    expect(noParent).toMatchObject({ code: 'not_found', field: 'parent' });
    const noThread = await reader.refused('thread:page', { ...page, thread: newId() });
    expect(noThread).toMatchObject({ code: 'not_found', field: 'thread' });
    const elsewhere = await reader.refused('thread:page', { ...page, parent: roots[0] });
    expect(elsewhere).toMatchObject({ code: 'not_found', field: 'parent' });
  });

  it('[CUR2] pages need no join and push nothing', async () => {
    const passer = await connectClient(app.url);
    await passer.must('thread:page', { thread, parent: null, sort: 'best' });
    await write(root);
    await passer.must('thread:page', { thread, parent: null, sort: 'best' });
    expect(passer.pushed('thread:delta')).toEqual([]);
    passer.close();
  });
});

it('an empty thread has no page and no more', async () => {
  const { thread: empty, replies, more } = await reader.snapshot('empty');
  expect({ replies, more }).toEqual({ replies: [], more: null });
  const page = await reader.must('thread:page', { thread: empty.id, parent: null, sort: 'best' });
  expect(page).toEqual({ replies: [], more: null });
});
