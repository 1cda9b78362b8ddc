// The snippet in pages of all kinds: where the discussion stands, how often, and when it is asked for.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { article } from '../support/pages.js';
import { hasStatus, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const count = (page: Page) => page.locator('afterword-discussion').count();

it('[PAGE1] puts the discussion where the script stands', async () => {
  const { page } = await world.readers.open(world.article());
  await hasStatus(page, 'live');
  expect(await page.locator('main > script + afterword-discussion').count()).toBe(1);
});

it('[PAGE1] uses the element that the page has, below the script too, and its attributes win', async () => {
  const [theirs, scripts] = [newId(), newId()];
  await world.write(theirs, [{ body: 'On the element' }]);
  await world.write(scripts, [{ body: 'On the script' }]);
  const place = `${world.tag(`data-thread="${scripts}" data-title="Script"`)}<div><afterword-discussion thread="${theirs}"></afterword-discussion></div>`;
  const { page } = await world.readers.open(world.article({ place }));
  await page.getByText('On the element').waitFor();
  await page.getByRole('heading', { name: '1 reply on “Script”' }).waitFor();
  expect(await count(page)).toBe(1);
});

const PLACES: readonly [string, (thread: string) => Parameters<typeof article>[0] | string][] = [
  ['async in the head', (t) => page({ head: world.tag(`data-thread="${t}"`), place: '' })],
  ['deferred', (t) => page({ place: world.tag(`data-thread="${t}"`).replace('async', 'defer') })],
  ['in the way', (t) => page({ place: world.tag(`data-thread="${t}"`).replace('async', '') })],
  ['put in by another script', (t) => page({ place: inserted(`s.dataset.thread='${t}'`) })],
  ['put in after the page was loaded', (t) => page({ place: inserted(`s.dataset.thread='${t}'`, true) })],
  [
    'as a module',
    (t) => page({ place: world.tag(`data-thread="${t}" crossorigin`).replace('async', 'type="module"') }),
  ],
];

function page(options: { head?: string; place: string }): string {
  return article({ server: world.server, thread: '', ...options });
}

function inserted(more: string, late = false): string {
  const put = `const s=document.createElement('script');s.src='${world.server}/afterword.js';s.dataset.site='demo';${more};document.body.append(s)`;
  return `<script>${late ? `addEventListener('load',()=>{${put}})` : `document.addEventListener('DOMContentLoaded',()=>{${put}})`}</script>`;
}

for (const [how, html] of PLACES) {
  it(`[PAGE1] works ${how}`, async () => {
    const thread = newId();
    await world.write(thread, [{ body: 'Here it is' }]);
    const { page } = await world.readers.open(world.page(html(thread) as string));
    await page.getByText('Here it is').waitFor();
    expect(await count(page)).toBe(1);
  });
}

it('the script included twice makes one discussion and asks once', async () => {
  const attributes = `data-thread="${newId()}"`;
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  const asked: string[] = [];
  page.on('request', (request) => void (request.url().includes('/api/') && asked.push(request.url())));
  await page.goto(world.article({ place: world.tag(attributes) + world.tag(attributes) }));
  await hasStatus(page, 'live');
  expect(await count(page)).toBe(1);
  expect(asked).toHaveLength(1);
});

it('keeps the definition that came first, and tells where another version came too', async () => {
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  const warned: string[] = [];
  page.on('console', (message) => void (message.type() === 'warning' && warned.push(message.text())));
  await page.addInitScript(() => {
    customElements.define(
      'afterword-discussion',
      class extends HTMLElement {
        static readonly version = '0.0.1';
      },
    );
  });
  await page.goto(world.article());
  await expect.poll(() => warned.join()).toMatch(/Afterword 0\.0\.1 is used, not \d+\.\d+\.\d+/);
});

it('several discussions on one page are apart and share one connection', async () => {
  const [a, b] = [newId(), newId()];
  const place = `${world.tag()}<afterword-discussion id="a" thread="${a}"></afterword-discussion><afterword-discussion id="b" thread="${b}"></afterword-discussion>`;
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.goto(world.article({ place }));
  await page.locator('#a[status=live]').waitFor();
  await page.locator('#b').scrollIntoViewIfNeeded();
  await page.locator('#b[status=live]').waitFor();
  await world.write(b, [{ body: 'Only here' }]);
  await page.locator('#b').getByText('Only here').waitFor();
  await page.locator('#a').getByText('Nothing has been said yet.').waitFor();
  expect(sockets).toHaveLength(1);
});

it('attributes apply while it runs', async () => {
  const { page } = await world.readers.open(world.article({ title: 'Page' }));
  await hasStatus(page, 'live');
  const set = (name: string, value: string) =>
    page.evaluate(([n, v]) => document.querySelector('afterword-discussion')!.setAttribute(n!, v!), [name, value]);
  const root = page.locator('afterword-discussion #root');
  await set('title', 'Mine');
  await page.getByRole('heading', { name: 'No replies yet on “Mine”' }).waitFor();
  await set('heading', '{n} letters about {title}');
  await page.getByRole('heading', { name: '0 letters about Mine' }).waitFor();
  await set('theme', 'dark');
  await expect.poll(() => root.evaluate((node) => getComputedStyle(node).colorScheme)).toBe('dark');
  await set('accent', '#ffee00');
  await expect.poll(() => root.evaluate((node) => node.style.getPropertyValue('--_accent'))).toBe('rgb(255 238 0)');
  await set('radius', '20');
  await set('font', 'monospace');
  await set('density', 'compact');
  const box = page.locator('textarea');
  await expect.poll(() => box.evaluate((node) => getComputedStyle(node).borderRadius)).toBe('20px');
  await expect.poll(() => box.evaluate((node) => getComputedStyle(node).fontFamily)).toBe('ui-monospace, monospace');
  await set('lang', 'de');
  await expect.poll(() => root.getAttribute('lang')).toBe('de');
  const other = newId();
  await world.write(other, [{ body: 'Elsewhere' }]);
  await set('thread', other);
  await page.getByText('Elsewhere').waitFor();
  await set('sort', 'newest');
  await page.locator('form + .list, .place + .list').waitFor();
  await page.getByText('Elsewhere').waitFor();
});

it('a value that does not exist counts as nothing said, and a site that is missing is told to its owner', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }, { body: 'Second' }]);
  const attributes = 'data-sort="nonsense" data-density="own" data-theme="nonsense" data-lang="xx"';
  const { page } = await world.readers.open(world.article({ thread, attributes, lang: 'de' }), {
    allow: [/status of 400/],
  });
  await hasStatus(page, 'live');
  expect(await page.locator('article .body').allTextContents()).toEqual(['First', 'Second']);
  expect(await page.locator('#root').getAttribute('class')).not.toContain('own');
  expect(await page.locator('#root').getAttribute('lang')).toBe('de');
  await page.goto(world.article({ place: `<script async src="${world.server}/afterword.js"></script>` }));
  await page.getByText(/“site” is not valid here. Site owners: check the snippet/).waitFor();
});

it.each(['reader', 'live-[^/]*', 'looks-[^/]*'])(
  'a part (%s) that could not be had at first comes later, and everything works',
  async (part) => {
    const thread = newId();
    await world.write(thread, [{ body: 'Patience' }]);
    const { page } = await world.readers.open(world.page('<p>soon</p>'), { allow: [/Failed to load resource/] });
    await page.route(new RegExp(`/${part}\\.js$`), (route) => route.abort(), { times: 1 });
    await page.clock.install();
    await page.goto(world.article({ thread, attributes: 'data-look="paper"' }));
    const waits = page.clock.runFor(20_000);
    await page.getByText('Patience').waitFor();
    await hasStatus(page, 'live');
    await waits;
  },
);
