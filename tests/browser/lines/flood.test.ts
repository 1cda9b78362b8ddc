// More replies than anybody reads one by one: they are counted by the server, and read afterwards.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import type { Delta } from '../../../shared/views.js';
import { Between } from '../../support/between.js';
import { button, readOn, roots, watchShifts } from '../../support/opened.js';
import { hasStatus, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

for (const sort of ['oldest', 'newest'] as const) {
  it(`[CUR9] in a flood what waits is counted by the server, exactly, nothing moves, and all of it can be read (${sort} first)`, async () => {
    const thread = newId();
    const [first] = await world.write(thread, roots(1));
    const { page } = await world.readers.open('about:blank', {
      viewport: { width: 900, height: 700 },
      // Among thousands each changes lanes at a moment of its own; this one soon.
      init: () => {
        Math.random = () => 0.1;
      },
    });
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
