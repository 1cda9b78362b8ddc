// The dialogs, the way past the list for those who come with the keyboard, and what paper shows.
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

const active = (page: Page) =>
  page.locator('afterword-discussion').evaluate((node) => {
    const { activeElement } = node.shadowRoot!;
    return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent?.trim();
  });

/** Both are inside the window and nothing lies above them, wherever the dialog is scrolled to. */
async function areInSight(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  const seen = await dialog.evaluate(async (node) => {
    const found: boolean[] = [];
    const scroller = node.querySelector('.scroll')!;
    for (const top of [0, scroller.scrollHeight]) {
      scroller.scrollTop = top;
      await new Promise(requestAnimationFrame);
      for (const one of [node.querySelector('h3')!, [...node.querySelectorAll('button')].at(-1)!]) {
        const { left, right, top, bottom } = one.getBoundingClientRect();
        const hit = (one.getRootNode() as ShadowRoot).elementFromPoint((left + right) / 2, (top + bottom) / 2);
        found.push(top >= 0 && bottom <= innerHeight && (hit === one || one.contains(hit)));
      }
    }
    return found;
  });
  expect(seen).toEqual([true, true, true, true]);
}

for (const [width, height] of [
  [900, 800],
  [320, 480],
] as const) {
  it(`the heading and the way out of a dialog stay in sight, ${width} by ${height}`, async () => {
    const { page } = await world.readers.open(world.article(), { viewport: { width, height } });
    await hasStatus(page, 'live');
    await button(page, 'Reading settings').click();
    await areInSight(page);
    const { scrollWidth, clientWidth } = await page
      .locator('.scroll')
      .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
    expect(scrollWidth).toBe(clientWidth);
    await page.getByRole('dialog').getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await areInSight(page);
    await button(page, 'Close').click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });
}

it('[PAGE17] Tab leads past the list to the composer and to the keys, and nothing moves for it', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One' }, { body: 'Two' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const first = page.getByRole('article').first();
  const stands = await first.boundingBox();
  const skip = button(page, 'Skip to the composer');
  const isSeen = () => skip.evaluate((node) => node.parentElement!.clientHeight > 20);
  expect(await isSeen()).toBe(false);
  await button(page, 'Reading settings').focus();
  await page.keyboard.press('Tab');
  expect(await active(page)).toBe('Skip to the composer');
  expect(await isSeen()).toBe(true);
  expect(await button(page, 'Keyboard shortcuts ?').isVisible()).toBe(true);
  expect(await first.boundingBox()).toEqual(stands);
  await page.keyboard.press('Enter');
  await expect
    .poll(() => page.getByRole('textbox', { name: 'Your reply' }).evaluate((node) => node.matches(':focus')))
    .toBe(true);
  expect(await isSeen()).toBe(false);

  await button(page, 'Reading settings').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await active(page)).toContain('Keyboard shortcuts');
});

it('where the composer stands above the list, nothing leads down to it', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One' }]);
  const { page } = await world.readers.open(world.article({ thread, attributes: 'data-sort="newest"' }));
  await hasStatus(page, 'live');
  await button(page, 'Keyboard shortcuts ?').waitFor({ state: 'attached' });
  expect(await button(page, 'Skip to the composer').count()).toBe(0);
});

it('paper shows the whole of a long line of code, and nothing to press', async () => {
  const thread = newId();
  await world.write(thread, [{ body: `\`\`\`\nconst line = '${'words '.repeat(60)}${'x'.repeat(200)}';\n\`\`\`` }]);
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 600, height: 800 } });
  await hasStatus(page, 'live');
  const isWhole = () => page.locator('pre').evaluate((node) => node.scrollWidth <= node.clientWidth);
  await expect.poll(isWhole).toBe(false);
  await page.emulateMedia({ media: 'print' });
  expect(await isWhole()).toBe(true);
  for (const name of ['settings', 'actions', 'place'])
    await expect.poll(() => page.locator(`.${name}`).isVisible(), { message: name }).toBe(false);
});
