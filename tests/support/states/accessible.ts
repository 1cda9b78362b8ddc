// What holds in every state of the widget: nothing that axe finds, in light and dark, wide and narrow, left to right and right to
// left; and whatever is pressed is at least 24 by 24 px (WCAG 2.2, 2.5.8).
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { violations } from '../axe.js';
import { World } from '../widget.js';
import { show, type State, type View } from './scene.js';

const WIDE = 1280;
const NARROW = 320;
const VIEWS: readonly View[] = [
  { scheme: 'light', width: WIDE, lang: 'en' },
  { scheme: 'dark', width: NARROW, lang: 'ar' },
];

/** What is too small, and all that was measured. Links within a text are as high as its lines. */
const measure = (page: Page) =>
  page.locator('afterword-discussion').evaluateAll((elements) => {
    const small: string[] = [];
    let count = 0;
    for (const { shadowRoot } of elements) {
      for (const node of shadowRoot!.querySelectorAll('a, button, input, textarea, [role=option]')) {
        // What chooses is pressed on its words, too.
        const target = (node.matches('[type=radio], [type=checkbox]') && node.closest('label')) || node;
        if (node.closest('.body') || !target.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
          continue;
        const { width, height } = target.getBoundingClientRect();
        count++;
        if (width < 24 || height < 24)
          small.push(
            `${node.outerHTML.slice(0, 120)} is ${Math.round(width * 10) / 10} x ${Math.round(height * 10) / 10}`,
          );
      }
    }
    return { small: [...new Set(small)], count };
  });

/** A test for each of these states. */
export function areAccessible(states: readonly State[]): void {
  let world: World;
  beforeAll(async () => {
    world = await World.make();
  });
  afterEach(() => world.readers.done());
  afterAll(() => world.end());

  it.each(states)('$name', { timeout: 60_000 }, async (state) => {
    for (const view of VIEWS) {
      const { page } = await show(world, state, view);
      expect(await violations(page), `${view.scheme}, ${view.width} px, ${view.lang}`).toEqual([]);
      for (const width of [view.width, view.width === WIDE ? NARROW : WIDE]) {
        await page.setViewportSize({ width, height: 900 });
        const { small, count } = await measure(page);
        expect(count === 0, `${view.lang}, ${width} px`).toBe(state.isBare ?? false);
        expect.soft(small, `${view.lang}, ${width} px`).toEqual([]);
      }
    }
  });
}
