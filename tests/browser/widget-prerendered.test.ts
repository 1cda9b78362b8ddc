// Replies that the page itself brought: readable without the script, the same to the eye before and after it, and live.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { violations } from '../support/axe.js';
import { until } from '../support/until.js';
import { hasStatus, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const TITLE = 'An article';

async function fragment(thread: string, query: Record<string, string> = {}): Promise<string> {
  const asked = new URLSearchParams({ key: thread, title: TITLE, ...query });
  const answer = await fetch(`${world.server}/api/v1/sites/demo/thread.html?${asked}`);
  expect(answer.status).toBe(200);
  return await answer.text();
}

/** A thread with a bit of everything that reading has. */
async function thread(): Promise<string> {
  const key = newId();
  const ids = await world.write(key, [
    { body: 'The first, with **strong words** and a [link](https://example.com/).' },
    { body: 'An answer to it.', parent: 0 },
    { body: 'An answer to that.\n\n> quoted\n\n1. one\n2. two', parent: 1 },
    { body: 'Will be removed.' },
    { body: 'An answer to what was removed.', parent: 3 },
    { body: 'Will be edited.' },
    { body: '```\ncode\n```' },
  ]);
  await world.change(ids[3]!, null);
  await world.change(ids[5]!, 'Was edited.');
  return key;
}

/** What stands in the shadow root, without what the page brought it in, marks of Lit, times in words, what can't be pressed yet and the order of attributes. */
function drawn(page: Page): Promise<string> {
  return page.evaluate(() => {
    const section = document.querySelector('afterword-discussion')!.shadowRoot!.querySelector('section')!;
    const copy = section.cloneNode(true) as HTMLElement;
    const walker = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
    const comments: Node[] = [];
    while (walker.nextNode()) comments.push(walker.currentNode);
    for (const comment of comments) (comment as Comment).remove();
    copy.removeAttribute('style');
    for (const time of copy.querySelectorAll('time')) time.textContent = '';
    for (const button of copy.querySelectorAll('button')) button.disabled = false;
    for (const node of [copy, ...copy.querySelectorAll<HTMLElement>('*')]) {
      const { style } = node;
      const all = [...node.attributes].map(({ name, value }): [string, string] => [
        name,
        name === 'style' ? style.cssText : value,
      ]);
      for (const [name] of all) node.removeAttribute(name);
      for (const [name, value] of all.sort(([a], [b]) => (a < b ? -1 : 1))) node.setAttribute(name, value);
    }
    copy.normalize();
    return copy.outerHTML;
  });
}

/** Keeps the second download away, so that what the first one draws stays. */
async function reading(place: string, lang = 'en'): Promise<Page> {
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  await page.route(/widget\/live-/, () => {});
  await page.goto(world.article({ place, lang }));
  await page.waitForFunction(() => {
    const root = document.querySelector('afterword-discussion')?.shadowRoot;
    return root?.querySelector('article, .note') && !root.querySelector('#given');
  });
  return page;
}

/** Keeps what this names away until the function that it gives is called. */
async function hold(page: Page, url: string | RegExp): Promise<() => void> {
  let go = (): void => {};
  const held = new Promise<void>((done) => (go = done));
  await page.route(url, async (route) => {
    await held;
    await route.continue();
  });
  return go;
}

async function without(place: string, options = {}): Promise<Page> {
  const { page } = await world.readers.open(world.article({ place }), { javaScriptEnabled: false, ...options });
  return page;
}

it('[HTTP5] can be read without JavaScript, with nothing to press that does nothing', async () => {
  const page = await without((await fragment(await thread())) + world.tag());
  await page.getByRole('heading', { name: `6 replies on “${TITLE}”` }).waitFor();
  await page.getByText('An answer to what was removed.').waitFor();
  await page.getByText('This reply was removed.').waitFor();
  expect(await page.getByRole('article').count()).toBe(7);
  expect(await page.getByRole('button').count()).toBe(0);
});

it('[HTTP5] is drawn by the server as it is by the widget', async () => {
  const [many, empty, closed] = [newId(), newId(), await thread()];
  await world.write(
    many,
    Array.from({ length: 25 }, (_, n) => ({ body: `number ${n}`, ...(n > 20 && { parent: 0 }) })),
  );
  await world.setState(closed, 'closed');
  const states: [key: string, query: Record<string, string>, attributes?: string][] = [
    [await thread(), {}],
    [many, { sort: 'newest' }],
    [many, { sort: 'best', heading: '{n} letters to “{title}”' }],
    [empty, { lang: 'de' }],
    [closed, { lang: 'he' }],
  ];
  for (const [key, query] of states) {
    const html = await fragment(key, query);
    const [before, after] = [await without(html), await reading(html + world.tag())];
    expect(await drawn(after)).toBe(await drawn(before));
    const { sort = 'oldest', lang = 'en', heading = '' } = query;
    const alone = await reading(
      world.tag(
        `data-thread="${key}" data-title="${TITLE}" data-sort="${sort}" data-lang="${lang}" data-heading="${heading}"`,
      ),
    );
    if (lang !== 'en') await alone.locator(`section[lang=${lang}]`).waitFor();
    expect(await drawn(alone)).toBe(await drawn(before));
  }
});

it('[HTTP5] becomes live without asking for the first page, and nothing moves', async () => {
  const key = await thread();
  const { page } = await world.readers.open(world.page('<p>soon</p>'), {
    init: () => {
      Object.assign(globalThis, { shifted: 0 });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
          (globalThis as unknown as { shifted: number }).shifted += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    },
  });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const go = await hold(page, '**/afterword.js');
  await page.goto(world.article({ place: (await fragment(key)) + world.tag() }), { waitUntil: 'commit' });
  await page.getByText('Was edited.').waitFor();
  const places = () =>
    page.evaluate(() =>
      [
        ...document.querySelector('afterword-discussion')!.shadowRoot!.querySelectorAll('article, h2'),
        document.querySelector('footer')!,
      ].map((node) => node.getBoundingClientRect().top),
    );
  expect(await violations(page)).toEqual([]);
  const before = await places();
  go();
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).waitFor();
  const after = await places();
  // The heading's line is a pixel higher with the status beside it, as on any page.
  for (const [i, top] of before.entries()) expect(Math.abs(after[i]! - top)).toBeLessThan(1.5);
  expect(await page.evaluate(() => (globalThis as unknown as { shifted: number }).shifted)).toBeLessThan(0.001);
  expect(asked.filter((path) => path.includes('/api/'))).toEqual([]);
  expect(await page.locator('#given').count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await world.write(key, [{ body: 'Written after the page was made' }], 'Ben');
  await page
    .getByText('Written after the page was made')
    .or(page.getByRole('button', { name: 'Show 1 new reply' }))
    .first()
    .waitFor();
});

it.each(['in one reply', 'from one reply to another'])('[HTTP5] what is selected stays selected: %s', async (what) => {
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  const go = await hold(page, '**/afterword.js');
  await page.goto(world.article({ place: (await fragment(await thread())) + world.tag() }), { waitUntil: 'commit' });
  const from = (await page.getByText('strong words').boundingBox())!;
  const last = what === 'in one reply' ? page.getByRole('link', { name: 'link' }) : page.getByText('Was edited.');
  const to = (await last.boundingBox())!;
  await page.mouse.move(from.x, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width, to.y + to.height / 2, { steps: 4 });
  await page.mouse.up();
  const selected = () =>
    page.evaluate(() => {
      const root = document.querySelector('afterword-discussion')!.shadowRoot as ShadowRoot & {
        getSelection(): Selection;
      };
      const { anchorNode, focusNode } = root.getSelection();
      const place = (node: Node | null) =>
        `${node?.parentElement?.closest('article')?.id} ${node?.textContent} ${!!node?.parentElement?.closest('#given')}`;
      return { words: String(root.getSelection()), ends: [place(anchorNode), place(focusNode)] };
    });
  const before = await selected();
  expect(before.words).toContain('strong words');
  expect(before.ends.every((end) => end.endsWith('true'))).toBe(true);
  go();
  await hasStatus(page, 'live');
  const after = await selected();
  expect(after.ends).toEqual(before.ends.map((end) => end.replace('true', 'false')));
  if (what === 'in one reply') expect(after.words).toBe(before.words);
});

it('[HTTP5] stays in its language and in sight until words and look are there, from right to left, too', async () => {
  const html = await fragment(await thread(), { lang: 'he' });
  const { page } = await world.readers.open(world.page('<p>soon</p>'), {
    init: () => {
      const seen = new Set<string>();
      Object.assign(globalThis, { seen });
      const look = (): void => {
        const headings = document.querySelector('afterword-discussion')?.shadowRoot?.querySelectorAll('h2') ?? [];
        const visible = [...headings].filter((node) => node.checkVisibility());
        if (headings.length) seen.add(visible.map((node) => node.textContent).join('|'));
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
  });
  const go = await hold(page, /widget\/(he|looks)-/);
  const asked = Promise.all([page.waitForRequest(/widget\/he-/), page.waitForRequest(/widget\/looks-/)]);
  await page.goto(world.article({ place: html + world.tag('data-look="paper"') }));
  await asked;
  await page.locator('#given').waitFor({ state: 'attached' });
  go();
  await hasStatus(page, 'live');
  const seen = await page.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen]);
  expect(seen).toEqual([await page.locator('h2').textContent()]);
  expect(await page.locator('#root').evaluate((node) => getComputedStyle(node).direction)).toBe('rtl');
  expect(await violations(page)).toEqual([]);
});

it('[HTTP5] [PAGE13] waits ten seconds for words that hang, in its own language, and is live in English after that', async () => {
  const html = await fragment(await thread(), { lang: 'he' });
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  // It stands still unless told to go on.
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1_000);
  await page.route(/widget\/he-/, () => {});
  const asked = page.waitForRequest(/widget\/he-/);
  await page.goto(world.article({ place: html + world.tag() }));
  await asked;
  const given = page.locator('#given');
  const language = () => page.getByRole('article').first().locator('xpath=ancestor::section').getAttribute('lang');
  await page.clock.runFor(9_900);
  expect([await given.count(), await language()]).toEqual([1, 'he']);
  await page.clock.runFor(100);
  await given.waitFor({ state: 'detached' });
  expect(await language()).toBe('en');
  await until(async () => {
    await page.clock.runFor(1_000);
    return (await page.locator('afterword-discussion[status=live]').count()) > 0;
  }, 'the line');
});

it('[HTTP5] [CUR6] one that was kept for long is brought up to date by the join', async () => {
  const key = newId();
  const [first] = await world.write(key, [{ body: 'Stands' }, { body: 'Goes' }]);
  const kept = await fragment(key);
  const empty = newId();
  const nobody = await fragment(empty);
  const more = await world.write(key, [{ body: 'Came meanwhile' }]);
  await world.change(first!, 'Stands otherwise');
  await world.write(empty, [{ body: 'The very first' }]);
  for (const [html, texts] of [
    [kept, ['Stands otherwise', 'Came meanwhile']],
    [nobody, ['The very first']],
  ] as const) {
    const { page } = await world.readers.open(world.article({ place: html + world.tag() }));
    await hasStatus(page, 'live');
    const arrivals = page.getByRole('button', { name: /^Show \d+ new/ });
    await page.getByText(texts[0]!).or(arrivals).first().waitFor();
    if (await arrivals.isVisible()) await arrivals.click();
    for (const text of texts) await page.getByText(text).waitFor();
  }
  expect(more).toHaveLength(1);
});

it('[HTTP5] stands under a policy that allows nothing inline, styled by a link', async () => {
  const key = await thread();
  const policy = `default-src 'none'; script-src ${world.server}; style-src ${world.server}; connect-src ${world.server} ${world.server.replace('http', 'ws')}; img-src data:; require-trusted-types-for 'script'`;
  const headers = { 'content-security-policy': policy };
  const place = (await fragment(key, { styles: 'link' })) + world.tag();
  const still = await world.readers.open(world.article({ place, headers }), { javaScriptEnabled: false });
  const look = (page: Page) =>
    page
      .locator('.avatar')
      .first()
      .evaluate((node) => [getComputedStyle(node).backgroundColor, node.clientHeight]);
  const before = await look(still.page);
  const { page } = await world.readers.open(world.article({ place, headers }));
  await hasStatus(page, 'live');
  expect(await look(page)).toEqual(before);
});

it('[HTTP5] keeps the order that a reader chose, asking for it', async () => {
  const key = newId();
  await world.write(
    key,
    Array.from({ length: 25 }, (_, n) => ({ body: `number ${n}` })),
  );
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  await page.evaluate(() => localStorage.setItem('afterword:reading', '{"sort":"newest"}'));
  await page.goto(world.article({ place: (await fragment(key)) + world.tag() }));
  await hasStatus(page, 'live');
  await page.getByText('number 24').waitFor();
  expect(await page.getByRole('article').first().textContent()).toContain('number 24');
});

it('[HTTP5] runs nothing of a hostile title, heading or name', async () => {
  const key = `"><script>pwned()</script>${newId()}`;
  const title = `</script></template><img src=x onerror="pwned()"><script>pwned()</script>`;
  await world.write(key, [{ body: '</script><img src=x onerror=pwned()>' }], '<img src=x onerror=pwned()>');
  const html = await fragment(key, { title, heading: `{n} ${title} “{title}”` });
  const { page } = await world.readers.open(world.article({ place: html + world.tag() }), {
    init: () => Object.assign(globalThis, { pwned: () => console.error('pwned') }),
  });
  await hasStatus(page, 'live');
  expect(await page.locator('h2').textContent()).toContain(title);
  expect(await page.getByRole('article').count()).toBe(1);
});
