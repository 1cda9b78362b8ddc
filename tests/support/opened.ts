// Pages of a discussion that a test opens, and what is read off them: texts, buttons, and whether anything moved.
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ReaderOptions } from './browser.js';
import { hasStatus, type World } from './widget.js';

/** Of the page, or of a part of it. */
export const button = (at: Page | Locator, name: string | RegExp) => at.getByRole('button', { name, exact: true });
export const box = (page: Page) => page.getByRole('textbox', { name: 'Your reply' });
export const article = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });
export const texts = (page: Page) => page.getByRole('article').locator('.body').allTextContents();
export const roots = (n: number) => Array.from({ length: n }, (_, i) => ({ body: `root ${i}` }));

/** A reader of this thread, live. `before`: done with the page while it is empty; other options are the browser's. */
export async function openThread(
  world: World,
  thread: string,
  attributes = '',
  { before, ...options }: ReaderOptions & { before?: (page: Page) => Promise<unknown> } = {},
): Promise<Page> {
  const { page } = await world.readers.open('about:blank', { viewport: { width: 900, height: 700 }, ...options });
  await before?.(page);
  await page.goto(world.article({ thread, attributes }));
  await hasStatus(page, 'live');
  return page;
}

/** Of everything that moved without anybody's doing. */
export async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const seen = globalThis as { shift?: number };
    seen.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) seen.shift! += entry.value;
    }).observe({ type: 'layout-shift' });
  });
  return () => page.evaluate(() => (globalThis as { shift?: number }).shift!);
}

/** Presses the last of these buttons until there is none; all that stands there then, each once. */
export async function readOn(page: Page, more: Locator): Promise<string[]> {
  for (let pressed = 0; pressed < 100 && (await more.count()) > 0; pressed++) {
    const before = await texts(page);
    await more.last().click();
    await expect.poll(async () => String(await texts(page)) === String(before)).toBe(false);
  }
  const all = await texts(page);
  expect(new Set(all).size).toBe(all.length);
  return all;
}
