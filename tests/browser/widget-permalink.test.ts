// Ways to a reply: its time is its link, however deep it stands and however far from the first page.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { button } from '../support/opened.js';
import { hasStatus, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const at = (page: Page, id: string) => page.locator(`article[id="${id}"]`);

/** The reply is marked, has the focus and stands in the middle of the window. */
async function isFound(page: Page, id: string): Promise<void> {
  await page.locator(`article[id="${id}"][aria-current]`).waitFor();
  const seen = await at(page, id).evaluate((node) => ({
    hasFocus: (node.getRootNode() as ShadowRoot).activeElement === node,
    middle: (node.getBoundingClientRect().top + node.getBoundingClientRect().bottom) / 2 / innerHeight,
  }));
  expect(seen.hasFocus).toBe(true);
  expect(seen.middle).toBeGreaterThan(0.1);
  expect(seen.middle).toBeLessThan(0.9);
}

const hasFocus = (locator: ReturnType<Page['locator']>) =>
  locator.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node);

/** Their author takes them back. */
async function removeAll(ids: readonly string[]): Promise<void> {
  const { service, store } = world.app;
  for (const id of ids) {
    const row = (await store.reply(id))!;
    const author = (await store.author(row.authorId))!;
    await service.replies.remove({ author, site: (await store.site(author.siteId))! }, { id });
  }
}

/** A chain of answers, the root first. */
async function chain(thread: string, length: number): Promise<string[]> {
  return await world.write(
    thread,
    Array.from({ length }, (_, n) => ({ body: `deep ${n}`, ...(n > 0 && { parent: n - 1 }) })),
  );
}

it('the time of a reply is its link, and following it marks the reply', async () => {
  const thread = newId();
  const [first, second] = await world.write(thread, [{ body: 'One' }, { body: 'Two' }]);
  const { page } = await world.readers.open(world.article({ thread, above: 40 }));
  await page.mouse.wheel(0, 5_000);
  await hasStatus(page, 'live');
  const link = at(page, second!).getByRole('link');
  expect(await link.getAttribute('href')).toBe(`#reply-${second}`);
  await link.click();
  await isFound(page, second!);
  await page.goto(`${page.url().split('#')[0]}#reply-${first}`);
  await isFound(page, first!);
  expect(await page.locator('[aria-current]').count()).toBe(1);
});

it('opens a page at a reply far below the article, on a page of the list that is not loaded, and goes back to all', async () => {
  const thread = newId();
  const ids = await world.write(
    thread,
    Array.from({ length: 45 }, (_, n) => ({ body: `root ${n}` })),
  );
  const target = ids[40]!;
  const { page } = await world.readers.open(`${world.article({ thread, above: 60 })}#reply-${target}`);
  await isFound(page, target);
  expect(await page.getByRole('article').count()).toBe(1);
  await button(page, 'Back to all replies').click();
  expect(await page.getByRole('article').count()).toBe(20);
  expect(page.url()).not.toContain('#');
  // Its page brings it as any other.
  await button(page, 'Show 25 more replies').click();
  await page.getByText('root 39').waitFor();
  await button(page, 'Show 5 more replies').click();
  await at(page, target).waitFor();
  const texts = await page.getByRole('article').locator('.body').allTextContents();
  expect(texts).toEqual(Array.from({ length: 45 }, (_, n) => `root ${n}`));
});

it('shows a deep reply with what it answers; what it answers is a press away, and so is the way back', async () => {
  const thread = newId();
  const ids = await chain(thread, 30);
  const { page } = await world.readers.open(`${world.article({ thread })}#reply-${ids[20]}`);
  await isFound(page, ids[20]!);
  expect(await page.getByRole('article').first().getAttribute('id')).toBe(ids[17]);
  await at(page, ids[17]!).getByRole('link', { name: 'Replying to Ana' }).click();
  await isFound(page, ids[16]!);
  await at(page, ids[16]!).getByRole('button', { name: 'Back to the answer' }).click();
  await isFound(page, ids[17]!);
});

it('unfolds what it stands in, and shows a tombstone', async () => {
  const thread = newId();
  const [root, child] = await world.write(thread, [{ body: 'Root' }, { body: 'Child', parent: 0 }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await button(page, 'Fold the replies to Ana').click();
  await at(page, child!).waitFor({ state: 'detached' });
  await page.evaluate((id) => (location.hash = `reply-${id}`), child!);
  await isFound(page, child!);

  await removeAll([root!]);
  await page.getByText('This reply was removed.').waitFor();
  await page.evaluate((id) => (location.hash = `reply-${id}`), root!);
  await isFound(page, root!);
});

it('[PAGE8] a link to a reply that is not there says so in its place, and leads to the discussion', async () => {
  const thread = newId();
  const [first] = await world.write(thread, [{ body: 'Root' }]);
  const { page } = await world.readers.open(`${world.article({ thread, above: 60 })}#reply-${newId()}`);
  const note = page.locator('.note', { hasText: 'The reply that this link leads to is not here any more.' });
  await note.waitFor();
  await expect.poll(() => hasFocus(note)).toBe(true);
  const { top } = await note.evaluate((node) => ({ top: node.getBoundingClientRect().top / innerHeight }));
  expect(top).toBeGreaterThan(0);
  expect(top).toBeLessThan(1);
  await button(page, 'Back to all replies').click();
  await note.waitFor({ state: 'detached' });
  expect(page.url()).not.toContain('#');
  expect(await hasFocus(at(page, first!))).toBe(true);
});

it('[PAGE8] a link to a removed reply shows where it stood, in the list and on a page that is not loaded', async () => {
  const thread = newId();
  const ids = await world.write(
    thread,
    Array.from({ length: 45 }, (_, n) => ({ body: `root ${n}` })),
  );
  await removeAll([ids[3]!, ids[40]!]);
  const { page } = await world.readers.open(`${world.article({ thread })}#reply-${ids[3]}`);
  await isFound(page, ids[3]!);
  expect(await at(page, ids[3]!).innerText()).toContain('This reply was removed.');
  const order = await page.getByRole('article').evaluateAll((nodes) => nodes.slice(0, 6).map(({ id }) => id));
  expect(order).toEqual(ids.slice(0, 6));
  await page.evaluate((id) => (location.hash = `reply-${id}`), ids[40]!);
  await isFound(page, ids[40]!);
  expect(await at(page, ids[40]!).innerText()).toContain('This reply was removed.');
  await button(page, 'Back to all replies').click();
  await page.getByText('root 0').waitFor();
});

it('[PAGE8] a reply just behind what is loaded is shown in the list, which goes on behind it', async () => {
  const thread = newId();
  const roots = Array.from({ length: 45 }, (_, n) => ({ body: `root ${n}` }));
  const ids = await world.write(thread, [
    ...roots,
    ...Array.from({ length: 7 }, (_, n) => ({ body: `c${n}`, parent: 0 })),
  ]);
  const { page } = await world.readers.open(`${world.article({ thread })}#reply-${ids[22]}`);
  await isFound(page, ids[22]!);
  expect(await button(page, 'Back to all replies').count()).toBe(0);
  // All of a short branch.
  await page.evaluate((id) => (location.hash = `reply-${id}`), ids[50]!);
  await isFound(page, ids[50]!);
  expect(await page.getByRole('button', { name: /in this branch/ }).count()).toBe(0);
  await button(page, 'Show 17 more replies').click();
  await page.getByText('root 44').waitFor();
  const texts = await page.getByRole('article').locator('.body').allTextContents();
  expect(texts).toEqual([
    'root 0',
    ...[0, 1, 2, 3, 4, 5, 6].map((n) => `c${n}`),
    ...roots.slice(1).map(({ body }) => body),
  ]);
});

it('continues a branch where the indentation ends, live, and comes back to the same place', async () => {
  const thread = newId();
  const ids = await chain(thread, 4);
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 320, height: 700 } });
  await hasStatus(page, 'live');
  ids.push(await world.answer(thread, ids.at(-1)!, 'deep 4', 'Ben'));
  ids.push(await world.answer(thread, ids.at(-1)!, 'deep 5', 'Ben'));
  await button(page, 'Show 2 new replies').click();
  const goOn = button(page, 'Continue this branch (2)');
  await goOn.click();
  await isFound(page, ids[3]!);
  expect(await page.getByRole('article').count()).toBe(3);
  await world.answer(thread, ids.at(-1)!, 'deep 6', 'Ben');
  await button(page, 'Show 1 new reply').click();
  await page.getByText('deep 6').waitFor();
  await page.keyboard.press('Escape');
  const back = button(page, 'Continue this branch (3)');
  await back.waitFor();
  expect(await back.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
  expect(await page.getByRole('article').count()).toBe(4);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

it('[PAGE18] says how many replies a branch holds only where it knows, and brings as many as it says', async () => {
  const thread = newId();
  const answers = Array.from({ length: 56 }, (_, n) => ({ body: `answer ${n}`, parent: 15 }));
  await world.write(thread, [
    ...Array.from({ length: 15 }, (_, n) => ({ body: `deep ${n}`, ...(n > 0 && { parent: n - 1 }) })),
    { body: 'Root' },
    ...answers,
  ]);
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 320, height: 700 } });
  await hasStatus(page, 'live');
  await button(page, 'Continue this branch').waitFor();
  await page.getByRole('button', { name: 'Fold the replies to Ana' }).first().click();
  await button(page, 'Unfold 4+ replies').waitFor();
  const brings = async (n: number): Promise<void> => {
    const before = await page.getByRole('article').count();
    await button(page, `Show ${n} more in this branch`).click();
    await expect.poll(() => page.getByRole('article').count()).toBe(before + n);
  };
  await brings(20);
  await brings(20);
  await brings(12);
  await page.getByText('answer 55').waitFor();
  expect(await page.getByRole('button', { name: /in this branch/ }).count()).toBe(0);
});

it('[PAGE18] counts and brings what is inside of a deep branch that is the only one cut', async () => {
  const thread = newId();
  await chain(thread, 15);
  const url = world.article({ thread });
  const { page } = await world.readers.open(url, { viewport: { width: 1280, height: 900 } });
  await hasStatus(page, 'live');
  await button(page, 'Show 11 more in this branch').click();
  // All of it, a page at a time.
  await button(page, 'Continue this branch (7)').click();
  await page.getByText('deep 14').waitFor();
  expect(await button(page, /Show \d+ more/).count()).toBe(0);
  const { page: narrow } = await world.readers.open(url, { viewport: { width: 320, height: 700 } });
  await hasStatus(narrow, 'live');
  await button(narrow, 'Continue this branch (11)').waitFor();
  await narrow.getByRole('button', { name: 'Fold the replies to Ana' }).first().click();
  await button(narrow, 'Unfold 14 replies').waitFor();
});

it('remembers which branches are folded, from the first paint on', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Root' }, { body: 'Child', parent: 0 }, { body: 'Grandchild', parent: 1 }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Fold the replies to Ana' }).first().click();
  const handle = button(page, 'Unfold 2 replies');
  await handle.waitFor();
  await expect.poll(() => page.evaluate(() => localStorage.getItem('afterword:reading'))).toContain('folded');
  await page.reload();
  await page.getByText('Root').waitFor();
  expect(await page.getByText('Child', { exact: true }).count()).toBe(0);
  await handle.click();
  await page.getByText('Grandchild').waitFor();
});
