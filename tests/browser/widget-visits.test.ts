// Who else is there, and what is new for those who come back.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { button, openThread, roots } from '../support/opened.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

it('tells how many read, and names nobody; who writes is told by their leave alone', async () => {
  const thread = newId();
  const [first, second] = [await openThread(world, thread), await openThread(world, thread)];
  await first.getByText('live · a few reading').waitFor();
  const third = await openThread(world, thread);
  await first.getByText('live · 3 reading').waitFor();
  await post(second, 'Hello', 'Ben');
  await second.getByText('Hello').waitFor();
  const box = second.getByRole('textbox', { name: 'Your reply' });
  await box.fill('once');
  await button(second, 'Reading settings').click();
  await second.getByRole('checkbox', { name: 'Let others see when I am writing' }).check();
  expect(await first.getByText('Ben is writing').count()).toBe(0);
  await second.keyboard.press('Escape');
  await box.fill('twice');
  await first.getByText('Ben is writing…').waitFor();
  await third.close();
});

/** Leaves, lets this happen, and is back as if an hour had passed. */
async function comeBack(page: Page, meanwhile: () => Promise<unknown>): Promise<void> {
  const kept = () =>
    page.evaluate(() => Object.entries(localStorage).find(([key]) => key.includes('visit:')) as [string, string]);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect.poll(kept).toBeTruthy();
  const [key, text] = await kept();
  await meanwhile();
  await page.goto('about:blank');
  await page.goBack();
  const visit = JSON.parse(text) as { at: number };
  await page.evaluate(
    ([name, past]) => localStorage.setItem(name!, past!),
    [key, JSON.stringify({ ...visit, at: visit.at - 3_600_000 })],
  );
  await page.reload();
  await hasStatus(page, 'live');
  await page.mouse.move(220, 220);
}

it('tells who comes back what is new, marks it, and leads from one to the next', async () => {
  const thread = newId();
  const [root] = await world.write(thread, roots(3));
  const page = await openThread(world, thread);
  // What keeps the visit is there with what votes.
  await page.getByRole('button', { name: 'Vote up' }).first().waitFor();
  await comeBack(page, async () => {
    await world.answer(thread, root!, 'news 1', 'Ben');
    await world.write(thread, [{ body: 'news 2' }], 'Ben');
  });
  await page.getByText('2 new since your last visit').waitFor();
  expect(await page.getByRole('article').filter({ hasText: 'news 1' }).getByText('new', { exact: true }).count()).toBe(
    1,
  );
  const branch = page.locator(`[id="${root}"]`);
  expect(await page.getByRole('button', { name: '1 new reply' }).count()).toBe(1);
  await branch.getByRole('button', { name: '1 new reply' }).click();
  await page.locator('article[aria-current]').filter({ hasText: 'news 1' }).waitFor();
  await page.keyboard.press('p');
  await page.locator('article[aria-current]').filter({ hasText: 'news 2' }).waitFor();
  await button(page, 'Next').click();
  await page.locator('article[aria-current]').filter({ hasText: 'news 1' }).waitFor();
  await page.keyboard.press('n');
  await page.locator('article[aria-current]').filter({ hasText: 'news 2' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Next new one').waitFor();
  await page.keyboard.press('Escape');
  await button(page, 'Close this line').press('Enter');
  expect(await page.locator('article[aria-current]').evaluate((node) => node.matches(':focus'))).toBe(true);
  await page.reload();
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Vote up' }).first().waitFor();
  await page.getByRole('article').filter({ hasText: 'news 2' }).waitFor();
  expect(await page.getByText('since your last visit').count()).toBe(0);
});

it('tells who comes back of what waited unseen as well', async () => {
  const thread = newId();
  await world.write(thread, roots(3));
  const page = await openThread(world, thread, 'data-pace="hold"');
  await page.getByRole('button', { name: 'Vote up' }).first().waitFor();
  await world.write(thread, [{ body: 'waits' }], 'Ben');
  await button(page, 'Show 1 new reply').waitFor();
  await comeBack(page, () => world.write(thread, [{ body: 'comes later' }], 'Ben'));
  await page.getByText('2 new since your last visit').waitFor();
  await page.getByRole('article', { name: /new/ }).filter({ hasText: 'waits' }).waitFor();
});
