// The demo's configurator: what it shows, what its address and its snippet say, and that it is used without a mouse.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/axe.js';
import type { Readers } from '../support/browser.js';
import { Demo } from '../support/demo.js';
import { until } from '../support/until.js';

let demo: Demo;
beforeAll(async () => {
  demo = await Demo.make();
});
afterEach(() => demo.readers.done());
afterAll(() => demo.end());

async function open(query = '', options: Parameters<Readers['open']>[1] = {}): Promise<Page> {
  const { page } = await demo.readers.open(demo.at('localhost', `/${query}`), {
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  await page.getByRole('heading', { name: 'Make it yours' }).waitFor();
  return page;
}

const attribute = (page: Page, name: string) => page.locator('afterword-discussion').getAttribute(name);
const snippet = (page: Page) => page.locator('#snippet').textContent();
const query = (page: Page) => new URL(page.url()).search;

describe('the demo page', () => {
  for (const { width, colorScheme } of [
    { width: 320, colorScheme: 'light' },
    { width: 768, colorScheme: 'dark' },
    { width: 1440, colorScheme: 'light' },
    { width: 1440, colorScheme: 'dark' },
  ] as const) {
    it(`has no accessibility fault and nothing cut off at ${width} px, ${colorScheme}`, async () => {
      const page = await open('', { viewport: { width, height: 900 }, colorScheme });
      await page.locator('#replies').scrollIntoViewIfNeeded();
      await page.getByRole('heading', { name: '7 replies on “A letter box with teeth”' }).waitFor();
      await page.getByRole('button', { name: 'Post reply' }).waitFor();
      expect(await violations(page, 'html')).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    });
  }

  it('has every choice within its frame at each width, and none moves when another is chosen', async () => {
    const page = await open();
    const segments = page.locator('.segment');
    const boxes = () =>
      segments.evaluateAll((nodes) =>
        nodes.map((node) => {
          const [frame, own, words] = [node.parentElement!, node, node.querySelector('span')!].map((one) =>
            one.getBoundingClientRect(),
          ) as [DOMRect, DOMRect, DOMRect];
          return {
            frame: [frame.left, frame.right],
            own: [own.left, own.top - frame.top, own.right],
            words: [words.left, words.right],
          };
        }),
      );
    for (let width = 320; width <= 1440; width += 20) {
      await page.setViewportSize({ width, height: 900 });
      for (const { frame, words } of await boxes()) {
        expect(words[0], `${width}`).toBeGreaterThanOrEqual(frame[0]!);
        expect(words[1], `${width}`).toBeLessThanOrEqual(frame[1]!);
      }
    }
    await page.setViewportSize({ width: 320, height: 900 });
    const before = await boxes();
    for (const group of ['Theme', 'Font', 'Votes'])
      await page.getByRole('radiogroup', { name: group }).getByRole('radio').last().check();
    expect((await boxes()).map(({ own }) => own)).toEqual(before.map(({ own }) => own));
  });

  it('holds the discussion through the very snippet that an owner would paste', async () => {
    const page = await open();
    expect(await attribute(page, 'site')).toBe('demo');
    expect(await page.locator('script[data-site]').getAttribute('src')).toBe('/afterword.js');
    expect(await snippet(page)).toBe(
      `<script async src="${demo.at('localhost')}afterword.js" data-site="demo"></script>`,
    );
  });

  it('keeps its text within 68 characters a line', async () => {
    for (const width of [768, 1440]) {
      const page = await open('', { viewport: { width, height: 900 } });
      const ch = await page
        .locator('.article > p:not([class])')
        .first()
        .evaluate((paragraph) => {
          const zero = document.createElement('span');
          zero.textContent = '0';
          paragraph.append(zero);
          const one = zero.getBoundingClientRect().width;
          zero.remove();
          return paragraph.getBoundingClientRect().width / one;
        });
      expect(ch, `${width} px`).toBeLessThanOrEqual(68);
    }
  });
});

describe('the configurator', () => {
  const choices: readonly [name: string, value: string, choose: (page: Page) => Promise<unknown>][] = [
    ['theme', 'dark', (page) => page.getByRole('radio', { name: 'Dark' }).check()],
    ['accent', '#2f7d4f', (page) => page.getByRole('radio', { name: 'Moss' }).check()],
    ['accent', '#123456', (page) => page.getByLabel('Any colour').fill('#123456')],
    ['radius', '16', (page) => page.getByRole('slider', { name: 'Corners' }).fill('16')],
    ['font', 'monospace', (page) => page.getByRole('radio', { name: 'Mono' }).check()],
    ['look', 'paper', (page) => page.getByRole('radio', { name: 'Paper, a letters page' }).check()],
    ['look', 'compact', (page) => page.getByRole('radio', { name: 'Compact, for busy threads' }).check()],
    ['theme', 'contrast', (page) => page.getByRole('radio', { name: 'Strong contrast' }).check()],
    ['pace', 'hold', (page) => page.getByRole('combobox', { name: 'What arrives' }).selectOption('hold')],
    ['votes', 'updown', (page) => page.getByRole('radio', { name: 'Up and down' }).check()],
    [
      'reactions',
      'none',
      (page) => page.getByRole('radiogroup', { name: 'Reactions' }).getByRole('radio', { name: 'None' }).check(),
    ],
    ['sort', 'newest', (page) => page.getByRole('radio', { name: 'Newest first' }).check()],
    ['lang', 'de', (page) => page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch')],
    [
      'heading',
      'Letters to the lion',
      (page) => page.getByRole('textbox', { name: 'Heading' }).fill('Letters to the lion'),
    ],
  ];

  for (const [name, value, choose] of choices) {
    it(`shows ${name} “${value}” in the live widget at once, keeps it in the address and puts it into the snippet`, async () => {
      const page = await open();
      await choose(page);
      expect(await attribute(page, name)).toBe(value);
      expect(await snippet(page)).toContain(`data-${name}="${value}"`);
      await until(() => query(page) === `?${new URLSearchParams({ [name]: value })}`, 'the address to say it');
    });
  }

  it('asks for another thread only when its key is whole', async () => {
    const page = await open();
    const thread = page.getByRole('textbox', { name: 'Thread' });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).searchParams.get('key') ?? ''));
    await thread.fill('');
    await thread.pressSequentially('another-page');
    expect(await attribute(page, 'thread')).toBe('afterword-demo');
    await thread.press('Enter');
    expect(await attribute(page, 'thread')).toBe('another-page');
    expect(await snippet(page)).toContain('data-thread="another-page"');
    await page.locator('#replies').scrollIntoViewIfNeeded();
    await page.getByRole('heading', { name: 'No replies yet on “A letter box with teeth”' }).waitFor();
    expect(asked.filter((key) => key && key !== 'another-page' && key !== 'afterword-demo')).toEqual([]);
  });

  it('says when the thread box acts, and which discussion the snippet opens', async () => {
    const page = await open();
    const thread = page.getByRole('textbox', { name: 'Thread', description: 'Enter or leave the box to apply.' });
    await page.getByText('It opens the discussion of the page that you paste it into').waitFor();
    await thread.fill('another-page');
    await page.getByRole('textbox', { name: 'Heading' }).focus();
    await page.getByText('It opens the thread that you chose').waitFor();
    expect(await snippet(page)).toContain('data-thread="another-page"');
  });

  it('opens a shared address with the same look', async () => {
    const page = await open('?theme=dark&accent=%23c2352a&radius=0&lang=fr&heading=Lettres');
    expect(await attribute(page, 'theme')).toBe('dark');
    expect(await attribute(page, 'accent')).toBe('#c2352a');
    expect(await attribute(page, 'radius')).toBe('0');
    expect(await attribute(page, 'lang')).toBe('fr');
    expect(await attribute(page, 'heading')).toBe('Lettres');
    expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true);
    expect(await page.getByRole('slider', { name: 'Corners' }).inputValue()).toBe('0');
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
  });

  it('ignores hostile values in the address', async () => {
    const page = await open(
      '?theme=%22%3E&accent=red%3Bx&radius=99&font=Comic&sort=x&lang=xx&heading=%E2%80%AEx&thread=%00',
    );
    for (const name of ['theme', 'accent', 'radius', 'font', 'sort', 'lang', 'heading']) {
      expect(await attribute(page, name), name).toBeNull();
    }
    expect(await attribute(page, 'thread')).toBe('afterword-demo');
  });

  for (const width of [320, 1280, 1440]) {
    it(`never breaks an address inside the snippet at ${width} px`, async () => {
      for (const chosen of ['', '?theme=dark&accent=%23c2352a&heading=Letters+to+the+lion&thread=another-page']) {
        const page = await open(chosen, { viewport: { width, height: 900 } });
        const lines = await page.locator('#snippet').evaluate((code) =>
          [...code.querySelectorAll('.code-value')].map((value) => {
            const range = document.createRange();
            range.selectNodeContents(value);
            return new Set([...range.getClientRects()].map(({ top }) => top)).size;
          }),
        );
        expect(lines).toEqual(lines.map(() => 1));
        expect(lines.length).toBeGreaterThanOrEqual(2);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      }
    });
  }

  it('goes back to the standard with one button, and says so', async () => {
    const page = await open('?theme=dark&heading=Letters&thread=other');
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await attribute(page, 'theme')).toBeNull();
    expect(await attribute(page, 'thread')).toBe('afterword-demo');
    expect(await page.getByRole('textbox', { name: 'Heading' }).inputValue()).toBe('');
    expect(await page.locator('#configurator').getByRole('status').textContent()).toBe('Back to the standard.');
    await until(() => query(page) === '', 'the address to be empty');
  });

  it('copies the snippet as it is, and says so', async () => {
    const page = await open('?theme=dark&heading=%22Letters%22', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await snippet(page));
    expect(await snippet(page)).toContain('data-heading="&quot;Letters&quot;"');
  });

  it('leaves the snippet selected where the browser has no clipboard for it', async () => {
    const page = await open('?theme=dark', {
      init: () => Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined }),
    });
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Selected: press').waitFor();
    expect(await page.evaluate(() => getSelection()?.toString())).toBe(await snippet(page));
  });

  it('can be used with the keyboard alone', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('replies');
    await page.getByRole('radio', { name: 'Auto' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await attribute(page, 'theme')).toBe('dark');
    await page.getByRole('slider', { name: 'Corners' }).focus();
    await page.keyboard.press('Home');
    expect(await attribute(page, 'radius')).toBe('0');
    expect(await page.getByRole('slider', { name: 'Corners' }).getAttribute('aria-valuetext')).toBe('0 pixels');
  });
});
