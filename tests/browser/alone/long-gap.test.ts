// Who was away for more changes than are told one by one goes on reading where they were (CUR10).
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { CATCH_UP_ROWS_MAX } from '../../../shared/limits.js';
import { violations } from '../../support/axe.js';
import { button, openThread, roots, texts } from '../../support/opened.js';
import { cuttable, hasStatus, World } from '../../support/widget.js';

const MISSED = CATCH_UP_ROWS_MAX + 100;

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const place = (at: Locator): Promise<number> => at.evaluate((element) => element.getBoundingClientRect().top);
const missed = Array.from({ length: MISSED }, (_, i) => ({ body: `missed ${i}` }));

/** The network is back, as the browser tells it: otherwise the next attempt may be half a minute away. */
async function back(page: Page, line: { mend(): void }): Promise<void> {
  line.mend();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await hasStatus(page, 'live');
}

/** The fewest replies that stood on the page since. */
async function watchReplies(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const { renderRoot } = document.querySelector<HTMLElement & { renderRoot: ShadowRoot }>('afterword-discussion')!;
    const seen = globalThis as { fewest?: number };
    const count = (): void => {
      seen.fewest = Math.min(seen.fewest ?? Infinity, renderRoot.querySelectorAll('article').length);
    };
    count();
    new MutationObserver(count).observe(renderRoot, { childList: true, subtree: true });
  });
  return () => page.evaluate(() => (globalThis as { fewest?: number }).fewest!);
}

for (const sort of ['oldest', 'newest'] as const) {
  it(`[CUR10] who reads at the hundredth reply reads on there, as it is by now, and goes on writing (${sort} first)`, async () => {
    const thread = newId();
    const ids = await world.write(thread, roots(160));
    const page = await openThread(world, thread, `data-pace="anchor" data-sort="${sort}"`);
    const line = await cuttable(page);
    await page.reload();
    await hasStatus(page, 'live');
    const more = button(page, /^Show \d+ more replies/);
    while ((await texts(page)).length < 120) await more.click();
    const n = sort === 'oldest' ? 100 : 60;
    const [above, read, below] = [n - 2, n, n + 2].map((at) => page.locator(`[id="${ids[at]!}"] .body`).first());
    await page.locator(`[id="${ids[n]!}"]`).getByRole('button', { name: 'Reply' }).first().click();
    const text = page.getByRole('textbox', { name: 'Your reply' });
    await text.pressSequentially('An ans');
    await read!.evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
    const before = await place(read!);
    const fewest = await watchReplies(page);

    await line.cut();
    await hasStatus(page, 'catching-up');
    await world.write(thread, missed, 'Ben');
    for (const at of [0, n - 3, n, n + 3]) await world.change(ids[at]!, `root ${at}, edited`);
    for (const at of [n - 2, n + 2]) await world.change(ids[at]!, null);
    await world.answer(thread, ids[n - 1]!, 'an answer', 'Ben');
    await back(page, line);

    await expect.poll(() => read!.textContent()).toBe(`root ${n}, edited`);
    expect(Math.abs((await place(read!)) - before)).toBeLessThan(1);
    expect([await above!.count(), await below!.count()]).toEqual([0, 0]);
    expect(await fewest()).toBeGreaterThanOrEqual(118);
    await page.keyboard.type('wer');
    expect(await text.inputValue()).toBe('An answer');
    expect(await violations(page)).toEqual([]);
  }, 120_000);
}

it('[CUR10] a branch that was opened at a reply stays open, as it is by now', async () => {
  const thread = newId();
  const ids = await world.write(thread, [
    ...roots(60),
    { body: 'deep 0', parent: 50 },
    ...Array.from({ length: 5 }, (_, i) => ({ body: `deep ${i + 1}`, parent: 60 + i })),
  ]);
  const { page } = await world.readers.open(`${world.article({ thread })}#reply-${ids[65]!}`);
  await hasStatus(page, 'live');
  const read = page.locator(`[id="${ids[65]!}"] .body`).first();
  await read.waitFor();
  const line = await cuttable(page);
  await page.reload();
  await hasStatus(page, 'live');
  await read.waitFor();
  const before = await texts(page);
  const at = await place(read);
  await line.cut();
  await hasStatus(page, 'catching-up');
  await world.write(thread, missed, 'Ben');
  await world.change(ids[65]!, 'deep, edited');
  await back(page, line);
  await expect.poll(() => read.textContent()).toBe('deep, edited');
  expect((await texts(page)).slice(0, -1)).toEqual(before.slice(0, -1));
  expect(Math.abs((await place(read)) - at)).toBeLessThan(1);
}, 90_000);
