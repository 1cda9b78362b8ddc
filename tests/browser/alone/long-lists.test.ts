// Hundreds of replies on one page: each press for more draws what it brings, and all of it stays in the page.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeLargeThread } from '../../support/large-thread.js';
import { hasStatus, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** How often a time was told, which each reply that is drawn does once. */
const told = (page: Page) => page.evaluate(() => (globalThis as unknown as { told: number }).told);

/** A reader of a thread in which each root has one answer. */
async function open(roots: number): Promise<Page> {
  const { id } = await makeLargeThread(world.app.database.sql, { total: 2 * roots, roots });
  const { page } = await world.readers.open('about:blank', {
    init: () => {
      const seen = globalThis as unknown as { told: number };
      seen.told = 0;
      const { format } = Intl.RelativeTimeFormat.prototype;
      Intl.RelativeTimeFormat.prototype.format = function (...time: Parameters<typeof format>) {
        seen.told++;
        return format.apply(this, time);
      };
    },
  });
  await page.goto(world.article({ thread: id }));
  await hasStatus(page, 'live');
  await page.locator('.votes').first().waitFor();
  return page;
}

async function press(page: Page, times: number): Promise<void> {
  const articles = page.getByRole('article');
  for (let i = 0; i < times; i++) {
    const before = await articles.count();
    await page.getByRole('button', { name: /^Show \d+ more repl/ }).click();
    await expect.poll(() => articles.count()).toBe(before + 40);
    await page.locator('.list > .more[aria-busy=false]').waitFor();
  }
}

it('[PAGE18] a press draws what it brings, however much stands there', async () => {
  const page = await open(300);
  await press(page, 6);
  const counts: number[] = [];
  for (let i = 0; i < 3; i++) {
    const before = await told(page);
    await press(page, 1);
    counts.push((await told(page)) - before);
  }
  // The least of three, since all times are told anew each half minute.
  expect(Math.min(...counts)).toBeLessThanOrEqual(3 * 40);
});

it('[PAGE18] of many replies none is left out for screen readers', async () => {
  const page = await open(2);
  // Chromium takes what it does not render out of the accessibility tree, however it came there.
  const rules = await page.evaluate(() => {
    const { adoptedStyleSheets } = document.querySelector('afterword-discussion')!.shadowRoot!;
    return adoptedStyleSheets.flatMap((sheet) => Array.from(sheet.cssRules, ({ cssText }) => cssText));
  });
  expect(rules.filter((rule) => rule.includes('content-visibility'))).toEqual([]);
});
