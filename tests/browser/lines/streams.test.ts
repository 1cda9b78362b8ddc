// Many arrivals at once: what waits is counted to the end, and nothing is left out when it is opened.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { button, openThread, readOn, roots, texts } from '../../support/opened.js';
import { hasStatus, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

it('a stream of arrivals waits, and comes fifty at a time with nothing left out', async () => {
  const thread = newId();
  await world.write(thread, roots(1));
  const page = await openThread(world, thread, 'data-pace="anchor"');
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
    const page = await openThread(world, thread, `data-pace="${pace}" data-sort="${sort}"`);
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

it('[PAGE14] what was counted can be read by who was taken out of the page for a while', async () => {
  const thread = newId();
  await world.write(thread, roots(1));
  const page = await openThread(world, thread);
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
