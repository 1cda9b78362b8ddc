// The pace of arrivals as a reader picks it, what is remembered of it, and who else is there.
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import type { Delta } from '../../shared/views.js';
import { Between } from '../support/between.js';
import { connectGuest } from '../support/client.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const texts = (page: Page) => page.getByRole('article').locator('.body').allTextContents();

const roots = (n: number) => Array.from({ length: n }, (_, i) => ({ body: `root ${i}` }));

async function open(thread: string, attributes = '', height = 700): Promise<Page> {
  const { page } = await world.readers.open(world.article({ thread, attributes }), {
    viewport: { width: 900, height },
  });
  await hasStatus(page, 'live');
  return page;
}

/** Presses the last of these buttons until there is none; all that stands there then, each once. */
async function readOn(page: Page, more: Locator): Promise<string[]> {
  for (let pressed = 0; pressed < 100 && (await more.count()) > 0; pressed++) {
    const before = await texts(page);
    await more.last().click();
    await expect.poll(async () => String(await texts(page)) === String(before)).toBe(false);
  }
  const all = await texts(page);
  expect(new Set(all).size).toBe(all.length);
  return all;
}

/** Of everything that moved without anybody's doing. */
async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const seen = globalThis as { shift?: number };
    seen.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) seen.shift! += entry.value;
    }).observe({ type: 'layout-shift' });
  });
  return () => page.evaluate(() => (globalThis as { shift?: number }).shift!);
}

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
  const page = await open(thread, 'data-pace="hold"');
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
    const page = await open(thread, 'data-pace="hold" data-lang="de"');
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
    const page = await open(thread, `data-lang="${lang}"`);
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
  const page = await open(thread, 'data-pace="hold"');
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
  const page = await open(thread, 'data-pace="anchor"');
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
  const page = await open(thread, 'data-pace="follow"');
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
  const page = await open(thread);
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
  const page = await open(thread, 'data-pace="pause"');
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
  const page = await open(thread);
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

it('a stream of arrivals waits, and comes fifty at a time with nothing left out', async () => {
  const thread = newId();
  await world.write(thread, roots(1));
  const page = await open(thread, 'data-pace="anchor"');
  // A stream takes its time: what comes at once is a line that is back.
  for (let second = 0; second < 5; second++) {
    const next = new Promise((resolve) => setTimeout(resolve, 1_000));
    await world.write(
      thread,
      Array.from({ length: 16 }, (_, i) => ({ body: `stream ${second}.${i}` })),
      'Ben',
    );
    await next;
  }
  const pill = button(page, /^Show \d+ new repl/);
  await pill.waitFor();
  for (let pressed = 0; pressed < 3 && (await texts(page)).length < 81; pressed++) {
    await pill.click({ timeout: 2_000 }).catch(() => {});
  }
  await expect.poll(async () => (await texts(page)).length, { timeout: 10_000 }).toBe(81);
});

for (const [pace, sort] of [
  ['hold', 'oldest'],
  ['hold', 'newest'],
  ['pause', 'oldest'],
] as const) {
  it(`[PAGE14] what a long stream brings is counted to the end, and stands there once when it is opened (${pace}, ${sort} first)`, async () => {
    const thread = newId();
    const [first] = await world.write(thread, roots(1));
    const page = await open(thread, `data-pace="${pace}" data-sort="${sort}"`);
    const STREAM = 320;
    for (let second = 0; second < 5; second++) {
      const next = new Promise((resolve) => setTimeout(resolve, 1_000));
      const some = Array.from({ length: STREAM / 5 }, (_, i) => ({ body: `stream ${second}.${i}` }));
      await world.write(thread, some, 'Ben');
      await next;
    }
    await world.answer(thread, first!, 'an answer', 'Ben');
    const more = page.getByRole('button', { name: /^Show \d+ (new|more)|^Paused/ });
    await button(page, pace === 'pause' ? /^Paused, 321 changed/ : /^Show 321 new/).waitFor();
    const all = await readOn(page, more);
    expect(all).toHaveLength(STREAM + 2);
    const streamed = all.filter((text) => text.startsWith('stream'));
    const inOrder = Array.from({ length: STREAM }, (_, i) => `stream ${Math.floor(i / 64)}.${i % 64}`);
    expect(streamed).toEqual(sort === 'oldest' ? inOrder : inOrder.reverse());
  });
}

for (const sort of ['oldest', 'newest'] as const) {
  it(`[CUR9] in a flood what waits is counted by the server, exactly, nothing moves, and all of it can be read (${sort} first)`, async () => {
    const thread = newId();
    const [first] = await world.write(thread, roots(1));
    const { page } = await world.readers.open('about:blank', { viewport: { width: 900, height: 700 } });
    const line = await Between.put(page);
    await page.goto(world.article({ thread, attributes: `data-sort="${sort}"` }));
    await hasStatus(page, 'live');
    const shift = await watchShifts(page);
    const lanes = (): unknown[] => (line.asked('thread:join') as { lane?: string }[]).map(({ lane }) => lane);
    const counts = (): boolean => lanes().at(-1) === 'digest';
    let written = 1;
    /** So many, within a second. */
    const pour = async (): Promise<void> => {
      const next = new Promise((resolve) => setTimeout(resolve, 1_000));
      const some = Array.from({ length: 64 }, (_, i) => ({ body: `stream ${written + i}` }));
      await world.write(thread, some, 'Ben');
      written += some.length;
      await next;
    };
    const pourUntil = async (isEnough: () => boolean): Promise<void> => {
      for (let second = 0; second < 25 && !isEnough(); second++) await pour();
      expect(isEnough()).toBe(true);
    };
    await pourUntil(counts);
    if (sort === 'oldest') {
      // A new line may lead to a server that can't, so it says first that it can.
      const before = lanes().length;
      await line.cut();
      await pourUntil(() => lanes().length > before + 1 && counts());
      expect(lanes()[before]).toBeUndefined();
    }
    await pour();
    await world.answer(thread, first!, 'an answer', 'Ben');
    await world.change(first!, 'root, edited');
    await page.getByText('root, edited').waitFor();
    await button(page, `Show ${written.toLocaleString('en')} new replies`).waitFor();
    expect((line.pushed('thread:delta') as Delta[]).filter(({ left }) => left).length).toBeGreaterThan(1);
    // It is over: texts come again.
    await expect.poll(counts, { timeout: 25_000 }).toBe(false);
    expect(await shift()).toBe(0);
    const more = page.getByRole('button', { name: /^Show [\d,]+ (new|more)/ });
    expect(await readOn(page, more)).toHaveLength(written + 1);
  }, 120_000);
}

it('[PAGE14] what was counted can be read by who was taken out of the page for a while', async () => {
  const thread = newId();
  await world.write(thread, roots(1));
  const page = await open(thread);
  const many = 260;
  for (let written = 0; written < many; written += 65) {
    await world.write(
      thread,
      Array.from({ length: 65 }, (_, i) => ({ body: `stream ${written + i}` })),
      'Ben',
    );
    await button(page, `Show ${written + 65} new replies`).waitFor();
  }
  await page.evaluate(() => {
    const discussion = document.querySelector('afterword-discussion')!;
    const place = discussion.parentElement!;
    discussion.remove();
    setTimeout(() => place.append(discussion), 2_500);
  });
  await page.getByText('root 0').waitFor({ state: 'detached' });
  await page.getByText('root 0').waitFor();
  await hasStatus(page, 'live');
  const more = page.getByRole('button', { name: /^Show \d+ (new|more)/ });
  await more.first().waitFor();
  expect(await readOn(page, more)).toHaveLength(many + 1);
}, 60_000);

it('tells how many read, and names nobody; who writes is told by their leave alone', async () => {
  const thread = newId();
  const [first, second] = [await open(thread), await open(thread)];
  await first.getByText('live · a few reading').waitFor();
  const third = await open(thread);
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
  const page = await open(thread);
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
  const page = await open(thread, 'data-pace="hold"');
  await page.getByRole('button', { name: 'Vote up' }).first().waitFor();
  await world.write(thread, [{ body: 'waits' }], 'Ben');
  await button(page, 'Show 1 new reply').waitFor();
  await comeBack(page, () => world.write(thread, [{ body: 'comes later' }], 'Ben'));
  await page.getByText('2 new since your last visit').waitFor();
  await page.getByRole('article', { name: /new/ }).filter({ hasText: 'waits' }).waitFor();
});
