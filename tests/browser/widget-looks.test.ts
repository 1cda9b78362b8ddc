// How replies look whatever is in them and around them: numbers, quotes, branches, arrivals, and the owner's wishes.
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { contrast } from '../../widget/theme/contrast.js';
import { hasStatus, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const computed = (at: Locator, property: string): Promise<string> =>
  at.evaluate((node, name) => getComputedStyle(node).getPropertyValue(name), property);
const start = (at: Locator): Promise<number> =>
  at.evaluate((node) => {
    const { left, right } = node.getBoundingClientRect();
    return getComputedStyle(node).direction === 'rtl' ? -right : left;
  });

/** The owner's page with these attributes on an element of its own. */
async function dressed(
  attributes: string,
  head = '',
  context: BrowserContextOptions = {},
): Promise<{ page: Page; root: Locator; post: Locator }> {
  const thread = newId();
  const place = `<afterword-discussion thread="${thread}" ${attributes}></afterword-discussion><script async src="${world.server}/afterword.js" data-site="demo"></script>`;
  const { page } = await world.readers.open(world.article({ thread, place, head }), context);
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).click();
  // What dresses the form has come.
  await page.locator('[part~="toolbar"]').waitFor();
  return { page, root: page.locator('#root'), post: page.getByRole('button', { name: 'Post reply' }) };
}

const set = (page: Page, name: string, value: string | null): Promise<void> =>
  page.locator('afterword-discussion').evaluate(
    (node, [attribute, to]) => {
      if (to === null) node.removeAttribute(attribute);
      else node.setAttribute(attribute, to);
    },
    [name, value] as const,
  );

it('[PAGE5] shows whole numbers of long lists and late ones, also where the page spreads its words', async () => {
  const thread = newId();
  const long = (word: string) => Array.from({ length: 12 }, (_, i) => `${i + 1}. ${word}`).join('\n');
  await world.write(thread, [
    { body: long('point') },
    { body: '995. late\n996. later' },
    { body: long('نقطة') },
    { body: '1986. سنة' },
  ]);
  const head = '<style>body{word-spacing:2em;letter-spacing:4px;text-shadow:1px 1px red}</style>';
  const { page } = await world.readers.open(world.article({ thread, head }));
  await hasStatus(page, 'live');
  for (const [i, number] of ['12. ', '996. ', '12. ', '1986. '].entries()) {
    const room = await page
      .locator('.body ol')
      .nth(i)
      .evaluate((list, text) => {
        const probe = list.querySelector('li')!.appendChild(document.createElement('span'));
        probe.style.whiteSpace = 'pre';
        probe.textContent = text;
        const { width } = probe.getBoundingClientRect();
        probe.remove();
        return Number.parseFloat(getComputedStyle(list).paddingInlineStart) - width;
      }, number);
    expect(room, number).toBeGreaterThanOrEqual(0);
  }
  const text = page.locator('.body li').first();
  expect(await computed(text, 'word-spacing')).toBe('0px');
  expect(await computed(text, 'letter-spacing')).toBe('normal');
  expect(await computed(text, 'text-shadow')).toBe('none');
});

it('a quote within a quote is as readable as the quote, and its bar stands where its text begins', async () => {
  const thread = newId();
  await world.write(thread, [{ body: '> one\n>\n> > two\n> >\n> > > three' }, { body: '> اقتباس\n\nanswer' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const quote = page.locator('blockquote');
  const outer = await computed(quote.first(), 'color');
  expect(outer).not.toBe(await computed(page.locator('.body').first(), 'color'));
  for (const n of [1, 2]) await expect.poll(() => computed(quote.nth(n), 'color')).toBe(outer);
  expect(await computed(quote.last(), 'border-right-width')).toBe('2px');
  expect(await computed(quote.last(), 'border-left-width')).toBe('0px');
});

it('a child begins where its parent’s text begins, down to where branches draw together', async () => {
  for (const lang of ['en', 'ar']) {
    const thread = newId();
    await world.write(
      thread,
      [0, 1, 2].map((i) => ({ body: `Level ${i}`, ...(i > 0 && { parent: i - 1 }) })),
    );
    const { page } = await world.readers.open(world.article({ thread, attributes: `data-lang="${lang}"` }));
    await hasStatus(page, 'live');
    for (const level of [1, 2]) {
      const avatar = await start(page.locator('.avatar').nth(level));
      expect(avatar, `${lang} ${level}`).toBeCloseTo(await start(page.locator('.by').nth(level - 1)), 0);
    }
  }
});

it('the tints of neighbouring arrivals do not lie on each other', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await world.write(thread, [{ body: 'Fresh 1' }, { body: 'Fresh 2' }], 'Ben');
  await page.getByRole('button', { name: 'Show 2 new replies' }).click();
  await page.locator('article.fresh').nth(1).waitFor();
  const shadows = (await computed(page.locator('article.fresh').first(), 'box-shadow')).match(/(-?[\d.]+px ?){4}/g)!;
  expect(shadows).toHaveLength(2);
  // Sideways only: no offset downwards, no blur, no spread.
  for (const shadow of shadows) expect(shadow).toMatch(/^-?[\d.]+px 0px 0px 0px$/);
});

it('[PAGE5] every wish about the looks shows at once, and is gone at once', async () => {
  const { page, root, post } = await dressed('');
  const wishes: [name: string, value: string, at: Locator, property: string, shown: string][] = [
    ['radius', '13', post, 'border-top-left-radius', '13px'],
    ['radius', '1.5rem', post, 'border-top-left-radius', '24px'],
    ['accent', '#a0307f', post, 'background-color', 'rgb(160, 48, 127)'],
    ['font', 'mono', root, 'font-family', 'ui-monospace, monospace'],
    ['font', 'sans', root, 'font-family', 'system-ui, sans-serif'],
    ['font', '"Gill Sans", fantasy', root, 'font-family', '"Gill Sans", fantasy'],
    ['theme', 'dark', root, 'color-scheme', 'dark'],
    ['density', 'compact', root, 'line-height', '21.75px'],
    ['look', 'compact', root, 'line-height', '21.75px'],
    ['look', 'paper', root, 'line-height', '26.4px'],
  ];
  for (const [name, value, at, property, shown] of wishes) {
    const before = await computed(at, property);
    expect(before).not.toBe(shown);
    await set(page, name, value);
    await expect.poll(() => computed(at, property), { message: `${name}=${value}` }).toBe(shown);
    await set(page, name, null);
    await expect.poll(() => computed(at, property), { message: `${name} removed` }).toBe(before);
  }
});

it('[PAGE5] the page’s own font can be asked for where its style sheet says another', async () => {
  const head = '<style>body{font-family:fantasy}afterword-discussion{--afterword-font:monospace}</style>';
  const { page, root } = await dressed('', head);
  expect(await computed(root, 'font-family')).toBe('monospace, serif');
  // Browsers draw a lone `monospace` at 13/16 of the size.
  const body = page.locator('body');
  expect(await computed(root, 'font-size')).toBe(await computed(body, 'font-size'));
  await set(page, 'font', 'page');
  await expect.poll(() => computed(root, 'font-family')).toBe('fantasy');
});

it('where no font is set it is the page’s', async () => {
  const { page, root } = await dressed('', '<style>body{font-family:fantasy}</style>');
  expect(await computed(root, 'font-family')).toBe('fantasy');
  await set(page, 'look', 'paper');
  await expect.poll(() => computed(root, 'font-family')).toContain('Palatino');
});

it('[WCAG 2.4.13] what is written in has a ring of 2 px, three times as strong as what it lies on, in each look', async () => {
  const looks: [attributes: string, head: string, context?: BrowserContextOptions][] = [
    ['', ''],
    ['', '<style>:root{background:#111;color:#eee}</style>'],
    ['theme="contrast"', ''],
    ['look="paper"', '<style>:root{background:#fbf5e6;color:#222}</style>'],
    ['accent="#ffee88"', ''],
    ['', '<style>:root{color-scheme:light dark}</style>', { forcedColors: 'active' }],
  ];
  for (const [attributes, head, context] of looks) {
    const { page, post } = await dressed(attributes, head, context);
    const accent = await computed(post, 'background-color');
    for (const name of ['Your reply', 'Your name']) {
      const box = page.getByRole('textbox', { name });
      await box.focus();
      const ring = await box.evaluate((node, sent) => {
        // As painted, over the page.
        const at = document.createElement('canvas').getContext('2d')!;
        const painted = (...colours: string[]) => {
          for (at.fillStyle of ['#fff', ...colours]) at.fillRect(0, 0, 1, 1);
          return [...at.getImageData(0, 0, 1, 1).data].map((part) => part / 255) as [number, number, number, number];
        };
        const ground = getComputedStyle(document.documentElement).backgroundColor;
        const { outlineColor, outlineWidth, outlineOffset, outlineStyle, borderColor } = getComputedStyle(node);
        return {
          width: parseFloat(outlineWidth),
          style: outlineStyle,
          offset: outlineOffset,
          colours: [outlineColor, borderColor].map((colour) => painted(ground, colour)),
          accent: painted(ground, sent),
          ground: painted(ground),
        };
      }, accent);
      const message = `${attributes} ${head} ${name} ${JSON.stringify(ring)}`;
      expect(ring.style, message).toBe('solid');
      expect(ring.width, message).toBeGreaterThanOrEqual(2);
      expect(ring.offset, message).toBe('0px');
      if (attributes !== 'theme="contrast"' && !context)
        expect(ring.colours, message).toEqual([ring.accent, ring.accent]);
      for (const colour of ring.colours) expect(contrast(colour, ring.ground), message).toBeGreaterThanOrEqual(3);
    }
  }
});

it('the sign of whom a reply answers never begins a line without its time', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }, { body: 'Second', parent: 0 }], 'Bartholomew Featherstonehaugh');
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const sign = page.locator('[part~=parent]');
  await sign.waitFor();
  for (let width = 300; width < 420; width += 5) {
    await page.setViewportSize({ width, height: 800 });
    const top = (at: Locator) => at.evaluate((node) => Math.round(node.getBoundingClientRect().top));
    expect(await top(sign), `${width}`).toBe(await top(page.locator('.by a:has(time)').nth(1)));
  }
});

it('[PAGE5] a wish that CSS does not know counts as none, and none brings a declaration along', async () => {
  const { page, root, post } = await dressed('');
  const properties = [
    [post, 'background-color'],
    [post, 'border-top-left-radius'],
    [root, 'font-family'],
    [root, 'position'],
    [root, 'opacity'],
  ] as const;
  const looks = () => Promise.all(properties.map(([at, property]) => computed(at, property)));
  const plain = await looks();
  const tricks = ['notacolour', 'x;position:fixed', '0;opacity:0.5', '1px}#root{opacity:0.5', '12 apples'];
  for (const trick of tricks) {
    for (const name of ['accent', 'radius']) await set(page, name, trick);
    if (/[;}]/.test(trick)) await set(page, 'font', trick);
    await page.locator('afterword-discussion').evaluate((node) => (node as HTMLElement & Updating).updateComplete);
    expect(await looks(), trick).toEqual(plain);
  }
  // Left open by the one, closed by the other.
  await set(page, 'radius', null);
  await set(page, 'accent', 'var(--x,"');
  await set(page, 'font', '");position:fixed;opacity:0.5;--x:"');
  await page.locator('afterword-discussion').evaluate((node) => (node as HTMLElement & Updating).updateComplete);
  expect([await computed(root, 'position'), await computed(root, 'opacity')]).toEqual(['static', '1']);
  await set(page, 'font', 'var(--x,"');
  await set(page, 'accent', 'var(--y,");position:fixed;opacity:0.5;--x:")');
  await page.locator('afterword-discussion').evaluate((node) => (node as HTMLElement & Updating).updateComplete);
  expect([await computed(root, 'position'), await computed(root, 'opacity')]).toEqual(['static', '1']);
});

interface Updating {
  updateComplete: Promise<unknown>;
}

it('[PAGE3] a title that turns its direction turns nothing around it, and a heading may be worded anew', async () => {
  const title = '\u202eTitle!';
  const { page } = await dressed(`title="${title}"`);
  const heading = page.locator('h2');
  expect((await heading.textContent())!.trim()).toBe(`No replies yet on “${title}”`);
  expect(await heading.locator('bdi').textContent()).toBe(title);
  await set(page, 'heading', '{count} ({n}) about {title}, {title}');
  await expect.poll(async () => (await heading.textContent())!.trim()).toBe(`0 (0) about ${title}, ${title}`);
  await set(page, 'heading', null);
  await set(page, 'title', 'Title');
  await page.getByRole('heading', { name: 'No replies yet on “Title”', exact: true }).waitFor();
});

it('[PAGE5] a count that grows longer shifts nothing', async () => {
  const thread = newId();
  await world.write(
    thread,
    Array.from({ length: 9 }, (_, i) => ({ body: `Reply ${i}` })),
  );
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 800, height: 2000 } });
  await hasStatus(page, 'live');
  await page.evaluate(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    const add = (list: PerformanceObserverEntryList) =>
      shifts.push(...list.getEntries().map((entry) => (entry as PerformanceEntry & { value: number }).value));
    new PerformanceObserver(add).observe({ type: 'layout-shift' });
  });
  await world.write(thread, [{ body: 'Tenth' }], 'Ben');
  await page.getByRole('heading', { name: /^10 replies on/ }).waitFor();
  await page.getByRole('button', { name: 'Show 1 new reply' }).waitFor();
  // Two frames: the second begins after what the first has laid out was reported.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)).toEqual([]);
});

it('[PAGE3] buttons of one name can be told apart by whose reply they belong to', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }], 'Ana');
  await world.write(thread, [{ body: 'Second' }], 'Ben');
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const about = await page.getByRole('button', { name: 'Reply', exact: true }).evaluateAll((buttons) =>
    buttons.map((button) => {
      const id = button.getAttribute('aria-describedby')!;
      return (button.getRootNode() as ShadowRoot).getElementById(id)!.innerText.replace(/\s+/g, ' ').trim();
    }),
  );
  expect(about).toEqual(['Ana now', 'Ben now']);
});

it('[PAGE5] all colours are mended with the style of the replies made anew a few times, not for each of them', async () => {
  const { page, root } = await dressed('accent="#ff0"');
  await page.evaluate(() => {
    const { setProperty } = CSSStyleDeclaration.prototype;
    const { getComputedStyle: read } = globalThis;
    const seen = { written: 0, anew: 0, isStale: false };
    Object.assign(globalThis, { seen });
    // What is inherited by all, and read in the same breath.
    CSSStyleDeclaration.prototype.setProperty = function (this: CSSStyleDeclaration, ...args) {
      if (args[0].startsWith('--_')) seen.isStale = true;
      if (args[0].startsWith('--_') && args[1]) seen.written++;
      setProperty.apply(this, args);
    };
    globalThis.getComputedStyle = (...args) => {
      if (seen.isStale) seen.anew++;
      seen.isStale = false;
      return read(...args);
    };
  });
  await set(page, 'theme', 'dark');
  await expect.poll(() => computed(root, 'color-scheme')).toBe('dark');
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: Record<string, number> }).seen);
  expect(seen.written).toBeGreaterThan(7);
  expect(seen.anew).toBeLessThanOrEqual(4);
});
