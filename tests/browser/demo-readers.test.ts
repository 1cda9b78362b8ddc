// The demo's second reader beside the first, and its plain page on another origin.
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Demo } from '../support/demo.js';
import { until } from '../support/until.js';

let demo: Demo;
beforeAll(async () => {
  demo = await Demo.make();
});
afterEach(() => demo.readers.done());
afterAll(() => demo.end());

const at = (host: string, path = '/') => demo.at(host, path);

async function openTwo(query = '', width = 1440): Promise<{ page: Page; second: FrameLocator }> {
  const { page } = await demo.readers.open(at('localhost', `/${query}`), { viewport: { width, height: 900 } });
  await page.getByRole('button', { name: 'Open a second reader' }).click();
  const second = page.frameLocator('iframe');
  // Each starts when it comes near the eye: the replies of the first push the second down a phone.
  await page.getByRole('button', { name: 'Post reply' }).waitFor();
  await page.locator('iframe').scrollIntoViewIfNeeded();
  await second.getByRole('button', { name: 'Post reply' }).waitFor();
  return { page, second };
}

async function write(reader: Page | FrameLocator, name: string, text: string): Promise<void> {
  await reader.getByRole('textbox', { name: 'Your reply' }).fill(text);
  await reader.getByRole('textbox', { name: 'Your name' }).fill(name);
  await reader.getByRole('button', { name: 'Post reply' }).click();
}

/** Waits for it in the list, or behind the button that arrivals wait behind where they would move what is read. */
async function sees(reader: Page | FrameLocator, text: string): Promise<void> {
  const article = reader.getByRole('article').filter({ hasText: text });
  const pill = reader.getByRole('button', { name: 'Show 1 new reply' });
  await article.or(pill).first().waitFor();
  if (await pill.isVisible()) await pill.click();
  await article.waitFor();
}

describe('the second reader', () => {
  it('is another person on another origin, and reads at once what the first one writes', async () => {
    const { page, second } = await openTwo('?thread=two-readers');
    expect(new URL((await page.locator('iframe').getAttribute('src'))!).origin).toBe(at('127.0.0.1', ''));

    await write(page, 'Ana', 'Good evening, lion.');
    await sees(second, 'Good evening, lion.');
    await second.getByRole('heading', { name: '1 reply on “A letter box with teeth”' }).waitFor();

    await write(second, 'Ben', 'Good evening, Ana.');
    await sees(page, 'Good evening, Ana.');
    await page.getByRole('heading', { name: '2 replies on “A letter box with teeth”' }).waitFor();
    expect(await writers('two-readers')).toEqual(['Ana', 'Ben']);
  });

  it('follows the configurator', async () => {
    const { page, second } = await openTwo('?accent=%232f7d4f');
    const discussion = second.locator('afterword-discussion');
    expect(await discussion.getAttribute('accent')).toBe('#2f7d4f');
    await page.getByRole('radio', { name: 'Dark' }).check();
    await until(async () => (await discussion.getAttribute('theme')) === 'dark', 'the frame to turn dark');
    await page.getByRole('button', { name: 'Reset' }).click();
    await until(async () => (await discussion.getAttribute('accent')) === null, 'the frame to go back');
  });

  it('stands beside the first one on a wide screen, below it on a phone, and breaks neither', async () => {
    const wide = await openTwo();
    const [first, second] = await boxes(wide.page);
    expect(second.x).toBeGreaterThanOrEqual(first.x + first.width);
    expect(second.y).toBeLessThan(first.y + first.height);

    const phone = await openTwo('', 320);
    const [above, below] = await boxes(phone.page);
    expect(below.y).toBeGreaterThanOrEqual(above.y + above.height);
    for (const { page } of [wide, phone]) {
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    }
  });

  for (const width of [960, 1280, 1500, 1600]) {
    it(`never lies across the configurator at ${width} px, wherever the page is scrolled to`, async () => {
      const { page } = await openTwo('', width);
      await page.getByRole('article').nth(7).waitFor();
      // Of the frame too: what is sticky inside could stick out of a box that is itself in its place.
      const found = await page.evaluate(() => {
        const rectOf = (selector: string) => document.querySelector(selector)!.getBoundingClientRect();
        const end = document.documentElement.scrollHeight - innerHeight;
        const start = Math.min(end, scrollY + rectOf('.stage').top);
        return Array.from({ length: 41 }, (_, step) => {
          scrollTo(0, start + ((end - start) * step) / 40);
          const panel = rectOf('.panel');
          return ['.second', '.second-window', '.second-frame'].map((selector) => {
            const box = rectOf(selector);
            const across = Math.min(box.right, panel.right) - Math.max(box.left, panel.left);
            const down = Math.min(box.bottom, panel.bottom) - Math.max(box.top, panel.top);
            return Math.max(0, Math.min(across, down));
          });
        });
      });
      expect(found).toEqual(found.map(() => [0, 0, 0]));
    });
  }

  it('leaves a way to the configurator wherever that does not stand beside the discussion', async () => {
    const { page } = await openTwo('', 1280);
    const link = page.getByRole('link', { name: 'Make it yours' });
    await link.click();
    const heading = (await page.getByRole('heading', { name: 'Make it yours' }).boundingBox())!;
    expect(heading.y).toBeGreaterThanOrEqual(0);
    expect(heading.y + heading.height).toBeLessThan(900);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('make-it-yours');
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    expect(await link.isVisible()).toBe(false);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await link.isVisible()).toBe(true);
  });

  it('shows the discussion alone', async () => {
    const { second } = await openTwo();
    expect(await second.getByRole('heading', { name: 'Make it yours' }).isVisible()).toBe(false);
    expect(await second.getByRole('button', { name: 'Open a second reader' }).isVisible()).toBe(false);
  });

  it('can be closed again, which gives the focus back', async () => {
    const { page } = await openTwo();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    expect(await page.locator('iframe').count()).toBe(0);
    const toggle = page.getByRole('button', { name: 'Open a second reader' });
    expect(await toggle.getAttribute('aria-expanded')).toBe('false');
    expect(await toggle.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  async function boxes(page: Page) {
    const box = async (selector: string) => (await page.locator(selector).boundingBox())!;
    return [await box('.first'), await box('.second')] as const;
  }

  /** The names of those who wrote, each of whom is a person of their own. */
  async function writers(key: string): Promise<string[]> {
    const answer = await fetch(at('localhost', `/api/v1/sites/demo/thread?key=${key}&sort=oldest`));
    const { replies } = (await answer.json()) as { replies: { author: { id: string; name: string } }[] };
    expect(new Set(replies.map(({ author }) => author.id)).size).toBe(replies.length);
    return replies.map(({ author }) => author.name);
  }
});

describe('the plain page', () => {
  it('is linked under the other name of this machine, and takes its script from there back', async () => {
    for (const [host, other] of [
      ['localhost', '127.0.0.1'],
      ['127.0.0.1', 'localhost'],
    ] as const) {
      const { page } = await demo.readers.open(at(host));
      const link = page.getByRole('link', { name: 'See it on a plain page' });
      expect(await link.getAttribute('href')).toBe(at(other, '/plain'));
      await link.click();
      await page.getByRole('heading', { name: 'No replies yet on “The printer gets the key”' }).waitFor();
      expect(await page.locator('script').getAttribute('src')).toBe(at(host, '/afterword.js'));
    }
  });

  it('takes a reply', async () => {
    const { page } = await demo.readers.open(at('127.0.0.1', '/plain'));
    await write(page, 'Cleo', 'From a page of nothing but HTML.');
    await page.getByRole('article').getByText('From a page of nothing but HTML.').waitFor();
    await page.getByRole('heading', { name: '1 reply on “The printer gets the key”' }).waitFor();
  });

  it('holds nothing but plain HTML and one script tag', async () => {
    const html = await (await fetch(at('localhost', '/plain'))).text();
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain(`<script async src="${at('127.0.0.1', '/afterword.js')}" data-site="demo"></script>`);
    expect(html).not.toMatch(/<style|<link|style=|class=|\{\{/);
  });
});
