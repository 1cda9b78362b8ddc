// The pace of arrivals as a reader picks it, and what is remembered of it.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { connectGuest } from '../../support/client.js';
import { button, openThread, roots, texts, watchShifts } from '../../support/opened.js';
import { post, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

it('what can be done with replies comes at the first sign of a reader, and moves nothing', async () => {
  const thread = newId();
  // Many of them, tall enough to see all: a shift below three pixels is not reported, but adds up.
  await world.write(thread, [...roots(18), { body: 'answer', parent: 0 }]);
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 900, height: 2_400 } });
  await page.locator('afterword-discussion[status=live]').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Reading settings' }).waitFor();
  expect(await page.getByRole('button', { name: 'Vote up' }).count()).toBe(0);
  const shift = await watchShifts(page);
  await page.mouse.move(3, 3);
  await page.mouse.move(4, 4);
  await page.getByRole('button', { name: 'Vote up' }).first().waitFor();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
  expect(await shift()).toBe(0);
});

it('Hold: everything waits behind the button and at what it answers, and nothing moves', async () => {
  const thread = newId();
  const [first] = await world.write(thread, roots(3));
  const page = await openThread(world, thread, 'data-pace="hold"');
  await page.getByRole('button', { name: 'Vote up' }).first().waitFor();
  const shift = await watchShifts(page);
  await world.answer(thread, first!, 'answer 1', 'Ben');
  await world.answer(thread, first!, 'answer 2', 'Ben');
  await world.write(thread, [{ body: 'root 3' }], 'Ben');
  await button(page, 'Show 3 new replies').waitFor();
  await page.mouse.move(400, 300);
  const there = page.locator(`article[id="${first}"]`).getByRole('button', { name: '2 new answers' });
  await there.waitFor();
  expect(await shift()).toBe(0);
  await there.click();
  await page.getByText('answer 2').waitFor();
  await button(page, 'Show 1 new reply').click();
  expect(await texts(page)).toEqual(['root 0', 'answer 1', 'answer 2', 'root 1', 'root 2', 'root 3']);
});

it.each([900, 320])(
  'Hold: the button keeps its place while its number gets longer, in a language of long words (%d px)',
  async (width) => {
    const thread = newId();
    await world.write(thread, roots(3));
    const page = await openThread(world, thread, 'data-pace="hold" data-lang="de"');
    await page.setViewportSize({ width, height: 700 });
    await page.locator('[part=vote]').first().waitFor();
    await world.write(thread, roots(9), 'Ben');
    const pill = page.locator('.arrivals button');
    await pill.filter({ hasText: /\b9\b/ }).waitFor();
    const shift = await watchShifts(page);
    await world.write(thread, roots(2), 'Ben');
    await pill.filter({ hasText: /\b11\b/ }).waitFor();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
    expect(await shift()).toBe(0);
  },
);

it.each(['en', 'he'])(
  'the settings keep their place on a small screen while the status gets longer (%s)',
  async (lang) => {
    const thread = newId();
    await world.write(thread, roots(3));
    const page = await openThread(world, thread, `data-lang="${lang}"`);
    await page.setViewportSize({ width: 360, height: 700 });
    const [settings, status] = [page.locator('.settings'), page.locator('.status')];
    const before = { box: await settings.boundingBox(), words: await status.textContent() };
    const shift = await watchShifts(page);
    const guest = await connectGuest(world.server, 'Ben');
    await guest.join(thread);
    await status.filter({ hasText: ' · ' }).waitFor();
    const after = { box: await settings.boundingBox(), words: await status.textContent() };
    guest.close();
    expect(after.words!.length).toBeGreaterThan(before.words!.length + 3);
    expect(after.box).toEqual(before.box);
    expect(await shift()).toBe(0);
    // At the end of its line, whichever side that is.
    const { left, right } = await page.locator('header').evaluate((node) => node.getBoundingClientRect().toJSON());
    const { x, width } = after.box!;
    expect(lang === 'he' ? x : x + width).toBeCloseTo(lang === 'he' ? left : right, 0);
  },
);

it('leaves nothing of the numbers behind that have changed', async () => {
  const thread = newId();
  await world.write(thread, roots(2));
  const page = await openThread(world, thread, 'data-pace="hold"');
  const nodes = () =>
    page.locator('afterword-discussion').evaluate(({ shadowRoot }) => {
      let count = 0;
      // Where numbers stand. The status beside them tells who is reading, those who write here included.
      for (const part of shadowRoot!.querySelectorAll('h2, .arrivals')) {
        const walker = document.createTreeWalker(part);
        while (walker.nextNode()) count++;
      }
      return count;
    });
  await page.getByRole('button', { name: 'Vote up' }).first().waitFor();
  await world.write(thread, [{ body: 'waits 1' }], 'Ben');
  await button(page, 'Show 1 new reply').waitFor();
  const before = await nodes();
  for (const n of [2, 3, 4]) {
    await world.write(thread, [{ body: `waits ${n}` }], 'Ben');
    await button(page, `Show ${n} new replies`).waitFor();
  }
  expect(await nodes()).toBe(before);
});

it('Anchor: everything comes in place while the line that is read does not move by a pixel', async () => {
  const thread = newId();
  const ids = await world.write(thread, roots(18));
  const page = await openThread(world, thread, 'data-pace="anchor"');
  const line = page.locator(`article[id="${ids[9]}"]`);
  await line.evaluate((node) => scrollTo(0, scrollY + node.getBoundingClientRect().top - 200));
  await expect.poll(() => line.evaluate((node) => Math.round(node.getBoundingClientRect().top))).toBe(200);
  const at = await line.evaluate((node) => node.getBoundingClientRect().top);
  for (const above of [0, 3, 8, 12]) await world.answer(thread, ids[above]!, `answer at ${above}`, 'Ben');
  await page.getByText('answer at 12').waitFor();
  await page.getByText('answer at 0').waitFor({ state: 'attached' });
  expect(Math.abs((await line.evaluate((node) => node.getBoundingClientRect().top)) - at)).toBeLessThanOrEqual(1);
  expect(await button(page, /^Show/).count()).toBe(0);
});

it('Follow: the newest stays in sight until the reader goes elsewhere', async () => {
  const thread = newId();
  await world.write(thread, roots(15));
  const page = await openThread(world, thread, 'data-pace="follow"');
  await page.getByText('root 14').scrollIntoViewIfNeeded();
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(300);
  for (const body of ['chat 1', 'chat 2', 'chat 3']) await world.write(thread, [{ body }], 'Ben');
  await page.getByText('chat 3').waitFor();
  const isSeen = () => page.getByText('chat 3').evaluate((node) => node.getBoundingClientRect().bottom <= innerHeight);
  await expect.poll(isSeen).toBe(true);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  await world.write(thread, [{ body: 'chat 4' }], 'Ben');
  await button(page, 'Show 1 new reply').waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

async function choosePace(page: Page, pace: RegExp): Promise<void> {
  await button(page, 'Reading settings').click();
  const menu = page.getByRole('dialog', { name: 'Reading settings' });
  await menu.getByRole('radio', { name: pace }).check();
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'hidden' });
}

it('[PAGE14] Pause: counts what came, changed and went as a person would; one press brings it all at the pace of before', async () => {
  const thread = newId();
  const ids = await world.write(thread, [...roots(3), { body: 'to go' }]);
  const page = await openThread(world, thread);
  await choosePace(page, /^Wait/);
  await choosePace(page, /^Pause/);

  const { service, store } = world.app;
  const row = (await store.reply(ids[0]!))!;
  const author = (await store.author(row.authorId))!;
  const actor = { author, site: (await store.site(author.siteId))! };
  await service.replies.edit(actor, { id: ids[0]!, body: 'changed', base: 1 });
  await service.replies.remove(actor, { id: ids[3]! });
  await world.answer(thread, ids[1]!, 'answer 1', 'Ben');
  await world.answer(thread, ids[1]!, 'answer 2', 'Ben');
  await world.write(thread, [{ body: 'root 3' }], 'Ben');
  const goOn = button(page, 'Paused, 5 changed. Go on');
  await goOn.waitFor();
  await post(page, 'my own', 'Cleo');
  await page.getByText('my own').waitFor();
  expect(await texts(page)).toEqual(['root 0', 'root 1', 'root 2', 'to go', 'my own']);
  await goOn.click();
  const all = ['changed', 'root 1', 'answer 1', 'answer 2', 'root 2', 'root 3', 'my own'];
  await expect.poll(() => texts(page)).toEqual(all);
  expect(await button(page, /^Show|Paused|new answer/).count()).toBe(0);
  await page.locator('article:focus').filter({ hasText: 'changed' }).waitFor();
  // To wait is what was chosen before.
  await world.write(thread, [{ body: 'root 4' }], 'Ben');
  await button(page, 'Show 1 new reply').waitFor();
});

it('[PAGE14] Pause as the owner set it: answers and roots come at one press, and what comes next is shown or counted', async () => {
  const thread = newId();
  const [first] = await world.write(thread, roots(2));
  const page = await openThread(world, thread, 'data-pace="pause"');
  await world.answer(thread, first!, 'answer 1', 'Ben');
  await world.answer(thread, first!, 'answer 2', 'Ben');
  await world.write(thread, [{ body: 'root 2' }], 'Ben');
  await button(page, 'Paused, 3 changed. Go on').click();
  await expect.poll(() => texts(page)).toEqual(['root 0', 'answer 1', 'answer 2', 'root 1', 'root 2']);
  expect(await button(page, /^Show|Paused|new answer/).count()).toBe(0);
  await world.write(thread, [{ body: 'root 3' }], 'Ben');
  await button(page, 'Show 1 new reply').click();
  await page.getByText('root 3').waitFor();
});

it('the order and the pace are chosen in the settings, act at once and are remembered', async () => {
  const thread = newId();
  await world.write(thread, roots(3));
  const page = await openThread(world, thread);
  await button(page, 'Reading settings').click();
  const menu = page.getByRole('dialog', { name: 'Reading settings' });
  await menu.getByRole('radio', { name: 'Newest first' }).check();
  await expect.poll(() => texts(page)).toEqual(['root 2', 'root 1', 'root 0']);
  await button(page, 'Close').click();
  await menu.waitFor({ state: 'hidden' });
  await page.reload();
  await page.getByRole('article').first().waitFor();
  expect(await texts(page)).toEqual(['root 2', 'root 1', 'root 0']);
});
