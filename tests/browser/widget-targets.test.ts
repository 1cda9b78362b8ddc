// Whatever is pressed is at least 24 by 24 px (WCAG 2.2, 2.5.8), in every state that brings something to press.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { READING } from '../support/states/reading.js';
import { show } from '../support/states/scene.js';
import { UNFINISHED } from '../support/states/unfinished.js';
import { WRITING } from '../support/states/writing.js';
import { World } from '../support/widget.js';

/** Those that bring something of their own to press. */
const NAMES = [
  'a talk',
  'compact',
  'broken',
  'arrivals wait',
  'paused',
  'new since the last visit',
  'folded',
  'a link to nothing',
  'a deep talk',
  'a branch alone',
  'a long reply',
  'removed and edited',
  'settings',
  'keys',
  'votes up and down',
  'a vote asks for a name',
  'choosing a reaction',
  'reporting',
  'own reply and its tools',
  'removed, with the way back',
  'writing',
  'naming somebody',
  'preview',
  'answering',
  'what is answered was removed',
  'editing',
  'two texts at once',
  'a reply that could not be sent',
  'replies that wait and a draft',
  'a reply that failed, and what it answers is gone',
  'two texts for one place',
  'closed while somebody writes',
  'a selection to quote',
];

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

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

for (const name of NAMES) {
  it(`nothing to press is too small: ${name}`, async () => {
    const state = [...READING, ...WRITING, ...UNFINISHED].find((one) => one.name === name)!;
    for (const lang of ['en', 'ar']) {
      const { page } = await show(world, state, { scheme: 'light', width: 320, lang });
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        const { small, count } = await measure(page);
        expect(count, `${lang}, ${width} px`).toBeGreaterThan(0);
        expect.soft(small, `${lang}, ${width} px`).toEqual([]);
      }
    }
  });
}
