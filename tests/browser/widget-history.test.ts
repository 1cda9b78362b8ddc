// What the browser's Back, Forward and reload do to a discussion: a branch that is shown alone is a place to go back from.
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { hasStatus, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const PHONE = { viewport: { width: 320, height: 700 } };
const at = (page: Page, id: string) => page.locator(`article[id="${id}"]`);
const marked = (page: Page) => page.locator('[aria-current]').evaluateAll((nodes) => nodes.map(({ id }) => id));
const goOn = (page: Page) => page.getByRole('button', { name: /^Continue this branch/ });
const top = (locator: Locator) => locator.evaluate((node) => Math.round(node.getBoundingClientRect().top));
const hasFocus = (locator: Locator) =>
  locator.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node);
const bodies = (page: Page) => page.getByRole('article').locator('.body').allTextContents();

/** Ten replies, and below the fifth a line of `deep` answers. Their ids, those of the line apart. */
async function talk(thread: string, deep: number): Promise<{ roots: string[]; line: string[] }> {
  const ids = await world.write(thread, [
    ...Array.from({ length: 10 }, (_, n) => ({ body: `root ${n}` })),
    ...Array.from({ length: deep }, (_, n) => ({ body: `deep ${n}`, parent: n ? 9 + n : 4 })),
  ]);
  return { roots: ids.slice(0, 10), line: ids.slice(10) };
}

it('[PAGE8] Back leaves a branch that is shown alone, to where the reader was; Forward shows it again', async () => {
  const thread = newId();
  const { line } = await talk(thread, 6);
  const url = world.article({ thread, above: 10, below: 30 });
  const { page } = await world.readers.open(url, PHONE);
  await page.mouse.wheel(0, 1_000);
  await hasStatus(page, 'live');
  const button = goOn(page);
  await button.evaluate((node) => node.scrollIntoView({ block: 'end' }));
  const before = await top(button);
  expect(before).toBeGreaterThan(0);
  await button.click();
  await expect.poll(() => marked(page)).toEqual([line[2]]);
  expect(page.url()).toBe(`${url}#reply-${line[2]}`);
  await expect.poll(() => bodies(page)).toEqual(['deep 2', 'deep 3', 'deep 4', 'deep 5']);

  await page.goBack();
  await expect.poll(() => page.getByRole('article').count()).toBe(13);
  expect(page.url()).toBe(url);
  await expect.poll(() => hasFocus(button)).toBe(true);
  expect(Math.abs((await top(button)) - before)).toBeLessThanOrEqual(1);
  expect(await marked(page)).toEqual([]);

  await page.goForward();
  await expect.poll(() => marked(page)).toEqual([line[2]]);
  await expect.poll(() => bodies(page)).toEqual(['deep 2', 'deep 3', 'deep 4', 'deep 5']);
  await page.goBack();
  await expect.poll(() => page.getByRole('article').count()).toBe(13);
  await expect.poll(async () => Math.abs((await top(button)) - before)).toBeLessThanOrEqual(1);
});

it('[PAGE8] a reload keeps a branch that is shown alone; one that gets its address sees the reply at its place', async () => {
  const thread = newId();
  const { line } = await talk(thread, 6);
  const { page } = await world.readers.open(world.article({ thread }), PHONE);
  await hasStatus(page, 'live');
  await goOn(page).click();
  await expect.poll(() => marked(page)).toEqual([line[2]]);
  await page.reload();
  await expect.poll(() => marked(page)).toEqual([line[2]]);
  await expect.poll(() => bodies(page)).toEqual(['deep 2', 'deep 3', 'deep 4', 'deep 5']);
  const { page: other } = await world.readers.open(page.url(), PHONE);
  await expect.poll(() => marked(other)).toEqual([line[2]]);
  expect(await other.getByRole('article').count()).toBe(13);
  await page.goBack();
  await expect.poll(() => page.getByRole('article').count()).toBe(13);
});

it('[PAGE8] leaving by the button goes back in the history, from as deep as one is', async () => {
  const thread = newId();
  const { line } = await talk(thread, 7);
  const url = world.article({ thread });
  const { page } = await world.readers.open(url, PHONE);
  await hasStatus(page, 'live');
  const length = await page.evaluate(() => history.length);
  const outer = goOn(page);
  await outer.click();
  await expect.poll(() => marked(page)).toEqual([line[2]]);
  await goOn(page).click();
  await expect.poll(() => marked(page)).toEqual([line[5]]);
  // A link within the branch stays in it.
  await at(page, line[6]!).locator(`a[href="#reply-${line[6]}"]`).click();
  await expect.poll(() => marked(page)).toEqual([line[6]]);
  await expect.poll(() => bodies(page)).toEqual(['deep 5', 'deep 6']);
  await page.goBack();
  await expect.poll(() => marked(page)).toEqual([line[5]]);
  await page.goBack();
  await expect.poll(() => bodies(page)).toEqual(['deep 2', 'deep 3', 'deep 4', 'deep 5']);
  await expect.poll(() => hasFocus(goOn(page))).toBe(true);
  await page.goForward();
  await expect.poll(() => marked(page)).toEqual([line[5]]);
  await page.getByRole('button', { name: 'Back to all replies' }).click();
  await expect.poll(() => page.getByRole('article').count()).toBe(13);
  await expect.poll(() => page.url()).toBe(url);
  await expect.poll(() => hasFocus(outer)).toBe(true);
  await page.goForward();
  await expect.poll(() => marked(page)).toEqual([line[2]]);
  expect(await page.evaluate(() => history.length)).toBe(length + 3);
});

it('[PAGE8] Back from the link to a reply takes the mark away', async () => {
  const thread = newId();
  const [first, second] = await world.write(thread, [{ body: 'One' }, { body: 'Two' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await at(page, first!).getByRole('link').first().click();
  await expect.poll(() => marked(page)).toEqual([first]);
  await at(page, second!).getByRole('link').first().click();
  await expect.poll(() => marked(page)).toEqual([second]);
  await page.goBack();
  await expect.poll(() => marked(page)).toEqual([first]);
  await page.goBack();
  await expect.poll(() => marked(page)).toEqual([]);
});

it('[PAGE8] keeps what the page has in the history: its state, and the part behind the # where it goes by that', async () => {
  const thread = newId();
  const { line } = await talk(thread, 6);
  const url = `${world.article({ thread })}#/articles/7`;
  const { page } = await world.readers.open(url, {
    ...PHONE,
    init: () => {
      if (!history.state) history.replaceState({ route: 7 }, '');
      const seen: unknown[] = [];
      Object.assign(globalThis, { seen });
      addEventListener('popstate', ({ state }) => seen.push((state as { route: number }).route));
      addEventListener('hashchange', () => seen.push('hashchange'));
    },
  });
  await hasStatus(page, 'live');
  await goOn(page).click();
  await expect.poll(() => marked(page)).toEqual([line[2]]);
  expect(page.url()).toBe(url);
  expect(await page.evaluate(() => (history.state as { route: number }).route)).toBe(7);
  await page.reload();
  await expect.poll(() => marked(page)).toEqual([line[2]]);
  await page.goBack();
  await expect.poll(() => page.getByRole('article').count()).toBe(13);
  expect(page.url()).toBe(url);
  expect(await page.evaluate(() => history.state as unknown)).toEqual({ route: 7 });
  expect(await page.evaluate(() => (globalThis as unknown as { seen: unknown }).seen)).toEqual([7]);
});
