// Every state of the widget as axe sees it, in light and dark, wide and narrow, left to right and right to left.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { violations } from '../support/axe.js';
import { READING } from '../support/states/reading.js';
import { show, type View } from '../support/states/scene.js';
import { UNFINISHED } from '../support/states/unfinished.js';
import { WRITING } from '../support/states/writing.js';
import { World } from '../support/widget.js';

const VIEWS: readonly View[] = [
  { scheme: 'light', width: 1280, lang: 'en' },
  { scheme: 'dark', width: 320, lang: 'ar' },
];

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

it.each([...READING, ...UNFINISHED, ...WRITING])('$name', { timeout: 60_000 }, async (state) => {
  for (const view of VIEWS) {
    const { page } = await show(world, state, view);
    expect(await violations(page), `${view.scheme}, ${view.width} px, ${view.lang}`).toEqual([]);
  }
});
