// Nothing on the page moves when the widget comes part by part.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { until } from '../../support/until.js';
import { hasStatus, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

describe('[PAGE5] [PAGE6] nothing moves when the rest of the widget comes', () => {
  const tops = (page: Page): Promise<number[]> =>
    page.evaluate(() => {
      const root = document.querySelector('afterword-discussion')!.shadowRoot!;
      return [...root.querySelectorAll('header, article, .place'), document.querySelector('footer')!].map(
        (node) => Math.round(10 * node.getBoundingClientRect().top) / 10,
      );
    });

  it.each([
    [900, '16px/1.5 system-ui'],
    [900, '13px/1.4 monospace'],
    [900, '18px/1.7 Georgia, serif'],
    [900, '32px/1.5 sans-serif'],
    [320, '16px/1.5 system-ui'],
    [320, '13px/1.4 monospace'],
    [320, '20px/1.5 sans-serif', 'uk'],
    [320, '32px/1.5 sans-serif'],
    [320, '32px/1.5 sans-serif', 'es'],
    [320, '32px/1.5 sans-serif', 'ar'],
  ])('at %d px in %s %s', async (width, font, lang = 'en') => {
    const thread = newId();
    const deep = [0, 1, 2].map((parent) => ({ body: 'Below', parent }));
    await world.write(thread, [{ body: 'One' }, ...deep, { body: 'Three' }]);
    const { page } = await world.readers.open('about:blank', { viewport: { width, height: 800 } });
    const parts = ['live', 'acting'].map((name) => {
      const held = { isAsked: false, pass: () => {} };
      const passed = new Promise<void>((pass) => (held.pass = pass));
      void page.route(new RegExp(`/${name}-`), async (route) => {
        held.isAsked = true;
        await passed;
        await route.continue();
      });
      return held;
    });
    await page.goto(world.article({ thread, lang, head: `<style>body{font:${font}}</style>` }));
    await page.getByText('Three').waitFor();
    await page.locator(`section[lang="${lang}"]`).waitFor();
    const read = await tops(page);
    parts[0]!.pass();
    await hasStatus(page, 'live');
    await until(() => parts[1]!.isAsked, 'the part for acting to be asked for');
    expect(await tops(page)).toEqual(read);
    parts[1]!.pass();
    await page.locator('.votes').first().waitFor();
    expect(await tops(page)).toEqual(read);
  });
});
