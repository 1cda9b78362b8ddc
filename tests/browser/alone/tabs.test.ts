// One person with several tabs: one line for all of them, and nothing is lost when the tab that has it goes.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { connectGuest } from '../../support/client.js';
import { texts } from '../../support/opened.js';
import { until } from '../../support/until.js';
import { hasStatus, post, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** Tabs of one browser on this address, all live; which of them have a WebSocket that the server speaks on. */
async function openTabs(url: string, count: number): Promise<{ pages: Page[]; withLine(): Page[] }> {
  const lines = new Map<Page, Set<unknown>>();
  const pages: Page[] = [];
  for (let i = 0; i < count; i++) {
    const beside = pages[0];
    const { page } = await world.readers.open('about:blank', beside && { beside });
    lines.set(page, new Set());
    page.on('websocket', (socket) => {
      socket.on('framereceived', () => lines.get(page)!.add(socket));
      socket.on('close', () => lines.get(page)!.delete(socket));
    });
    page.on('close', () => lines.delete(page));
    await page.goto(url);
    await hasStatus(page, 'live');
    pages.push(page);
  }
  return { pages, withLine: () => pages.filter((page) => lines.get(page)?.size) };
}

/** Three tabs of one person on a thread of one reply, of which the second has the line. */
async function threeTabs(): Promise<{ thread: string; pages: Page[]; withLine(): Page[] }> {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { pages, withLine } = await openTabs(world.article({ thread }), 3);
  // The second took it from the first, which was alone.
  await until(() => withLine().length === 1, 'one line');
  expect(withLine()).toEqual([pages[1]]);
  return { thread, pages, withLine };
}

it('[CUR7] three tabs have one line; each hears, writes and is level', async () => {
  const { pages, withLine } = await threeTabs();
  const [one, two, three] = pages as [Page, Page, Page];
  await hasStatus(one, 'live');

  await post(two, 'From the second tab', 'Ana');
  await two
    .getByRole('article')
    .filter({ hasText: 'From the second tab' })
    .getByRole('button', { name: 'Edit' })
    .waitFor();
  // The name that was given in one tab is everybody's.
  await post(three, 'From the third tab');
  await post(one, 'From the first tab');
  for (const page of pages) {
    const pill = page.getByRole('button', { name: /^Show \d+ new repl/ });
    await until(async () => {
      if (await pill.count()) await pill.click();
      return (await texts(page)).length === 4;
    }, 'all four replies');
  }
  // In each of them all three are one's own.
  for (const page of pages) expect(await page.getByRole('button', { name: 'Edit', exact: true }).count()).toBe(3);
  // A tab that is slow to speak is taken for hanging, and another takes the line: there are two for a moment.
  await until(() => withLine().length === 1, 'one line');
});

it('[CUR7] when the tab with the line is closed, the others go on within two seconds, and nothing is lost or doubled', async () => {
  const { thread, pages, withLine } = await threeTabs();
  const [one, two, three] = pages as [Page, Page, Page];

  const writer = await connectGuest(world.server, 'Ben');
  const joined = await writer.join(thread);
  if (joined.mode !== 'snapshot') throw new Error('expected a snapshot');
  const say = (body: string): Promise<unknown> =>
    writer.must('reply:create', { thread: joined.thread.id, id: newId(), body, parent: null });
  const talk = (async () => {
    for (let i = 0; i < 40; i++) await say(`Reply ${i}`);
  })();
  await one.getByRole('button', { name: /^Show \d+ new repl/ }).waitFor();
  const posted = post(one, 'In the middle', 'Ana');
  await two.close();
  const closedAt = performance.now();
  await until(() => withLine().length === 1, 'another tab to have the line');
  expect(performance.now() - closedAt).toBeLessThan(2_000);
  await Promise.all([talk, posted]);
  writer.close();

  for (const page of [one, three]) {
    await hasStatus(page, 'live');
    await page.getByRole('heading', { name: '42 replies' }).waitFor();
    const more = page.getByRole('button', { name: /^Show (more|\d+ new) repl/ });
    await until(async () => {
      if (await more.count()) await more.first().click();
      return (await texts(page)).length >= 42;
    }, 'all replies');
    const all = await texts(page);
    expect(new Set(all.map((text) => text.trim())).size).toBe(42);
  }
  expect(withLine()).toHaveLength(1);
});

it('[CUR7] when the tab with the line hangs, another takes it; awake again, that one follows', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { pages, withLine } = await openTabs(world.article({ thread }), 2);
  const [one, two] = pages as [Page, Page];
  await until(() => withLine().length === 1 && withLine()[0] === two, 'the second tab to have the line');
  await hasStatus(one, 'live');
  const hanging = two.evaluate(() => {
    const end = Date.now() + 4_000;
    while (Date.now() < end);
  });
  await until(() => withLine().includes(one), 'the first tab to have a line', { withinMs: 3_500 });
  await hasStatus(one, 'live');
  await world.write(thread, [{ body: 'While it hung' }]);
  await one
    .getByText('While it hung')
    .or(one.getByRole('button', { name: 'Show 1 new reply' }))
    .waitFor();

  await hanging;
  await until(() => withLine().length === 1, 'one line again');
  expect(withLine()).toEqual([one]);
  await two.getByRole('heading', { name: '2 replies' }).waitFor();
  await hasStatus(two, 'live');
});

it('[CUR7] a tab alone asks no other, loads nothing for it, and does not wait', async () => {
  const loaded: string[] = [];
  const { page } = await world.readers.open('about:blank');
  page.on('request', (request) => loaded.push(request.url()));
  await page.addInitScript(() => {
    const { locks } = navigator;
    const request = locks.request.bind(locks) as LockManager['request'];
    const marks = ((globalThis as unknown as { marks: string[] }).marks = [] as string[]);
    locks.request = ((...all: Parameters<LockManager['request']>) => {
      marks.push('lock');
      return request(...all);
    }) as LockManager['request'];
    globalThis.WebSocket = class extends WebSocket {
      constructor(address: string | URL) {
        super(address);
        marks.push('line');
      }
    };
  });
  await page.goto(world.article());
  await hasStatus(page, 'live');
  expect(loaded.filter((address) => address.includes('/sharing-'))).toEqual([]);
  // The line is sought before the lock is asked for.
  expect(await page.evaluate(() => (globalThis as unknown as { marks: string[] }).marks)).toEqual(['line', 'lock']);
});
