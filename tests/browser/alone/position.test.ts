// The line that is being read stays where it is, whatever arrives.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { connectGuest } from '../../support/client.js';
import { hasStatus, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** Twenty replies, each a few lines, so that no screen holds them all. */
const MANY = Array.from({ length: 20 }, (_, i) => ({ body: `Thought ${i}. ${'It goes on and on. '.repeat(30)}` }));
const ANCHORS = [
  ['where the browser anchors by itself', ''],
  ['where it does not', '<style>*{overflow-anchor:none}</style>'],
] as const;

/** What is going to move has moved: two frames without news. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Brings a reply to the top of the screen; returns where its text then is. */
async function read(page: Page, text: string): Promise<() => Promise<number>> {
  const line = page.getByRole('article').filter({ hasText: text });
  await line.evaluate((node) => node.scrollIntoView({ block: 'start', behavior: 'instant' }));
  return () => line.evaluate((node) => node.getBoundingClientRect().top);
}

/** A reader of many replies, this one at the top of the screen; where it is, and was at first. */
async function readAt(text: string, head: string) {
  const thread = newId();
  const ids = await world.write(thread, MANY);
  const { page } = await world.readers.open(world.article({ thread, head }));
  await hasStatus(page, 'live');
  const top = await read(page, text);
  return { thread, ids, page, top, before: await top() };
}

for (const [where, head] of ANCHORS) {
  it(`puts an answer above the screen in place and holds the line that is read, ${where}`, async () => {
    const { thread, ids, page, top, before } = await readAt('Thought 10.', head);
    await answer(thread, ids[0]!, 'Far above. '.repeat(60));
    await page.getByRole('article').filter({ hasText: 'Far above.' }).waitFor({ state: 'attached' });
    await settle(page);
    expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
    expect(await page.getByRole('button', { name: /Show \d+ new repl/ }).count()).toBe(0);
  });

  it(`puts a reply below the screen in place, ${where}`, async () => {
    const { thread, page, top, before } = await readAt('Thought 3.', head);
    await world.write(thread, [{ body: 'Far below.' }], 'Ben');
    await page.getByRole('article').filter({ hasText: 'Far below.' }).waitFor({ state: 'attached' });
    await settle(page);
    expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
  });

  it(`keeps an answer that would push what is read behind the button, ${where}`, async () => {
    const { thread, ids, page, top, before } = await readAt('Thought 10.', head);
    await answer(thread, ids[10]!, 'In between.');
    const pill = page.getByRole('button', { name: 'Show 1 new reply' });
    await pill.waitFor();
    expect(await page.getByRole('article').filter({ hasText: 'In between.' }).count()).toBe(0);
    expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
    const height = () => page.evaluate(() => document.documentElement.scrollHeight);
    const withPill = await height();
    await pill.click();
    await page.getByRole('article').filter({ hasText: 'In between.' }).waitFor();
    await settle(page);
    expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
    expect(await height()).toBeGreaterThan(withPill);
  });

  it(`[PAGE11] holds what stands next when the reply that is read is removed, ${where}`, async () => {
    const thread = newId();
    const ids = await world.write(thread, MANY);
    await answer(thread, ids[5]!, 'What it says still stands. '.repeat(30));
    const { page } = await world.readers.open(world.article({ thread, head, below: 40 }));
    await hasStatus(page, 'live');
    const reply = (text: string) => page.getByRole('article').filter({ hasText: text });
    const top = (text: string) => reply(text).evaluate((node) => node.getBoundingClientRect().top);
    /** A third down the screen, where one reads. */
    const toRead = async (text: string) => {
      await page.evaluate((by) => scrollBy({ top: by, behavior: 'instant' }), (await top(text)) - 200);
      await settle(page);
    };
    const remove = async (text: string, id: string) => {
      await world.change(id, null);
      await reply(text).waitFor({ state: 'detached' });
      await settle(page);
    };
    // What follows; also where what is removed leaves its place to its answers; for the last one what stands before it.
    for (const [text, id, next] of [
      ['Thought 10.', ids[10]!, 'Thought 11.'],
      ['Thought 5.', ids[5]!, 'What it says still stands.'],
    ] as const) {
      await toRead(text);
      const before = await top(next);
      await remove(text, id);
      expect(Math.abs((await top(next)) - before)).toBeLessThanOrEqual(1);
    }
    await toRead('Thought 19.');
    const before = await top('Thought 18.');
    await remove('Thought 19.', ids[19]!);
    expect(Math.abs((await top('Thought 18.')) - before)).toBeLessThanOrEqual(1);
  });
}

it('stands still after a jump to what was never in sight', async () => {
  const thread = newId();
  // Of many heights, and a small screen: a height that is only estimated until then is wrong for most of them.
  await world.write(
    thread,
    Array.from({ length: 60 }, (_, i) => ({ body: `Thought ${i}. ${'It goes on. '.repeat((i * 7) % 60)}` })),
  );
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 700, height: 260 } });
  await hasStatus(page, 'live');
  const more = page.getByRole('button', { name: /^Show \d+ more repl/ });
  for (const n of [40, 60]) {
    await more.click();
    await expect.poll(() => page.getByRole('article').count()).toBe(n);
  }
  for (const n of [30, 45, 25, 55]) {
    const moved = await page
      .getByRole('article')
      .nth(n)
      .evaluate(async (node) => {
        node.scrollIntoView({ block: 'center', behavior: 'instant' });
        const at = node.getBoundingClientRect().top;
        for (let frame = 0; frame < 3; frame++) await new Promise((done) => requestAnimationFrame(done));
        return node.getBoundingClientRect().top - at;
      });
    expect(Math.abs(moved)).toBeLessThanOrEqual(1);
  }
});

it('holds what follows the discussion while the discussion grows above it', async () => {
  const thread = newId();
  await world.write(thread, MANY.slice(0, 6));
  const { page } = await world.readers.open(world.article({ thread, below: 60, head: ANCHORS[1][1] }));
  await hasStatus(page, 'live');
  await page.keyboard.press('Shift');
  const footer = page.locator('footer p').nth(20);
  await footer.evaluate((node) => node.scrollIntoView({ block: 'start', behavior: 'instant' }));
  const top = () => footer.evaluate((node) => node.getBoundingClientRect().top);
  const before = await top();
  await world.write(thread, [{ body: 'While nobody looks. '.repeat(40) }], 'Ben');
  await page.getByRole('article').filter({ hasText: 'While nobody looks.' }).waitFor({ state: 'attached' });
  await settle(page);
  expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
});

it('holds the line in a page that scrolls inside a box', async () => {
  const head = '<style>body{margin:0}main{height:600px;overflow:auto;overflow-anchor:none}</style>';
  const { thread, ids, page, top, before } = await readAt('Thought 10.', head);
  await answer(thread, ids[0]!, 'Far above. '.repeat(60));
  await page.getByRole('article').filter({ hasText: 'Far above.' }).waitFor({ state: 'attached' });
  await settle(page);
  expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

it('puts the first reply of an empty discussion in place of the invitation', async () => {
  const thread = newId();
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await world.write(thread, [{ body: 'The very first' }], 'Ben');
  await page.getByRole('article').filter({ hasText: 'The very first' }).waitFor();
  expect(await page.getByText('Nothing has been said yet.').count()).toBe(0);
});

it('keeps the first reply behind the button while a first one is being written below it', async () => {
  const thread = newId();
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const box = page.getByRole('textbox', { name: 'Your reply' });
  await box.pressSequentially('Me too');
  const before = (await box.boundingBox())!.y;
  await world.write(thread, [{ body: 'The very first' }], 'Ben');
  await page.getByRole('button', { name: 'Show 1 new reply' }).waitFor();
  expect((await box.boundingBox())!.y).toBe(before);
});

it('draws nothing anew that stands', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One' }, { body: 'Two' }, { body: 'Three' }]);
  const { page } = await world.readers.open(world.article({ thread, attributes: 'data-sort="newest"' }));
  await hasStatus(page, 'live');
  const articles = page.getByRole('article');
  await articles.evaluateAll((nodes) =>
    nodes.forEach((node) => (node.dataset.before = node.querySelector('.body')!.textContent)),
  );
  await world.write(thread, [{ body: 'Four' }, { body: 'Five' }], 'Ben');
  await page.getByRole('button', { name: 'Show 2 new replies' }).click();
  await articles.filter({ hasText: 'Five' }).waitFor();
  const marks = () =>
    articles.evaluateAll((nodes) =>
      nodes.map((node) => [node.querySelector('.body')!.textContent, node.dataset.before]),
    );
  const kept = ['Three', 'Two', 'One'].map((body) => [body, body]);
  expect(await marks()).toEqual([['Five', undefined], ['Four', undefined], ...kept]);
});

it('[PAGE5] tints what has just arrived, and lets go of the tint', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await world.write(thread, [{ body: 'Second' }], 'Ben');
  await page.getByRole('button', { name: 'Show 1 new reply' }).click();
  const arrived = page.getByRole('article').filter({ hasText: 'Second' });
  await expect.poll(() => arrived.getAttribute('class')).toContain('fresh');
  await expect.poll(() => arrived.getAttribute('class'), { timeout: 5_000 }).not.toContain('fresh');
});

it('with pace="hold" every arrival waits', async () => {
  const thread = newId();
  await world.write(thread, MANY);
  const { page } = await world.readers.open(world.article({ thread, attributes: 'data-pace="hold"' }));
  await hasStatus(page, 'live');
  await world.write(thread, [{ body: 'One' }, { body: 'Two' }, { body: 'Three' }], 'Ben');
  await page.getByRole('button', { name: 'Show 3 new replies' }).waitFor({ state: 'attached' });
});

async function answer(thread: string, parent: string, body: string): Promise<void> {
  const guest = await connectGuest(world.server, 'Ben');
  const joined = await guest.join(thread);
  if (joined.mode !== 'snapshot') throw new Error('expected a snapshot');
  await guest.must('reply:create', { thread: joined.thread.id, id: newId(), body, parent });
  guest.close();
}

it('holds the answer that is read, newest first, where what stands above the list is fixed below a tall header', async () => {
  const thread = newId();
  const answers = Array.from({ length: 4 }, (_, i) => ({ body: `Answer ${i}. `.repeat(60), parent: 0 }));
  const ids = await world.write(thread, [{ body: 'Root' }, ...answers]);
  const { page } = await world.readers.open('about:blank', { viewport: { width: 700, height: 320 } });
  const head = '<style>*{overflow-anchor:none} afterword-discussion{--afterword-sticky:110px}</style>';
  await page.goto(world.article({ thread, head, attributes: 'data-sort="newest" data-pace="hold"' }));
  await hasStatus(page, 'live');
  const read = page.locator(`[id="${ids[2]}"]`);
  await read.evaluate((node) => node.scrollIntoView({ block: 'center', behavior: 'instant' }));
  await settle(page);
  const top = () => read.evaluate((node) => node.getBoundingClientRect().top);
  const before = await top();
  await world.change(ids[0]!, 'Root, which goes on.\n\n'.repeat(12));
  await page.getByText('Root, which goes on.').first().waitFor({ state: 'attached' });
  await settle(page);
  expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
});
