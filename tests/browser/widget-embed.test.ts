// The snippet in pages of all kinds: where the discussion stands, how often, and when it is asked for.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { article } from '../support/pages.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const tag = (attributes = '') =>
  `<script async src="${world.server}/afterword.js" data-site="demo" ${attributes}></script>`;
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
  const place = `${tag(`data-thread="${scripts}" data-title="Script"`)}<div><afterword-discussion thread="${theirs}"></afterword-discussion></div>`;
  const { page } = await world.readers.open(world.article({ place }));
  await page.getByText('On the element').waitFor();
  await page.getByRole('heading', { name: '1 reply on “Script”' }).waitFor();
  expect(await count(page)).toBe(1);
});

const PLACES: readonly [string, (thread: string) => Parameters<typeof article>[0] | string][] = [
  ['async in the head', (t) => page({ head: tag(`data-thread="${t}"`), place: '' })],
  ['deferred', (t) => page({ place: tag(`data-thread="${t}"`).replace('async', 'defer') })],
  ['in the way', (t) => page({ place: tag(`data-thread="${t}"`).replace('async', '') })],
  ['put in by another script', (t) => page({ place: inserted(`s.dataset.thread='${t}'`) })],
  ['put in after the page was loaded', (t) => page({ place: inserted(`s.dataset.thread='${t}'`, true) })],
  ['as a module', (t) => page({ place: tag(`data-thread="${t}" crossorigin`).replace('async', 'type="module"') })],
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
  await page.goto(world.article({ place: tag(attributes) + tag(attributes) }));
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
  await expect.poll(() => warned.join()).toMatch(/Afterword \d+\.\d+\.\d+ is not used: 0\.0\.1 came first/);
});

it('several discussions on one page are apart and share one connection', async () => {
  const [a, b] = [newId(), newId()];
  const place = `${tag()}<afterword-discussion id="a" thread="${a}"></afterword-discussion><afterword-discussion id="b" thread="${b}"></afterword-discussion>`;
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.goto(world.article({ place }));
  await page.locator('#a[status=live]').waitFor();
  await page.locator('#b').scrollIntoViewIfNeeded();
  await page.locator('#b[status=live]').waitFor();
  await world.write(b, [{ body: 'Only here' }]);
  await page.locator('#b').getByRole('button', { name: 'Show 1 new reply' }).waitFor();
  expect(
    await page
      .locator('#a')
      .getByRole('button', { name: /new repl/ })
      .count(),
  ).toBe(0);
  expect(sockets).toHaveLength(1);
});

it('survives being moved: what was loaded and what is being written stay', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Half a thought');
  await page.evaluate(() => document.querySelector('footer')!.append(document.querySelector('afterword-discussion')!));
  expect(await page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('Half a thought');
  expect(await page.getByText('First').count()).toBe(1);
  await world.write(thread, [{ body: 'Second' }]);
  await page.getByRole('button', { name: 'Show 1 new reply' }).waitFor();
});

it('removed and put back later it goes on where it was', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.clock.install();
  const element = await page.evaluateHandle(() => {
    const node = document.querySelector('afterword-discussion')!;
    node.remove();
    return node;
  });
  await page.clock.runFor(5_000);
  await world.write(thread, [{ body: 'Meanwhile' }]);
  await page.evaluate((node) => document.querySelector('main')!.append(node), element);
  await page.clock.runFor(1_000);
  await page.clock.resume();
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Show 1 new reply' }).click();
  await page.getByText('Meanwhile').waitFor();
});

it('[PAGE2] follows a single-page app to the next page and back', async () => {
  const { page } = await world.readers.open(world.article({ place: tag(), title: 'One' }));
  await hasStatus(page, 'live');
  await post(page, 'On page one', 'Ana');
  await page.getByRole('article').getByRole('button', { name: 'Remove' }).waitFor();
  await page.evaluate(() => {
    history.pushState({}, '', `${location.pathname}/two?utm_source=x`);
    document.title = 'Two';
  });
  await page.getByRole('heading', { name: 'No replies yet on “Two”' }).waitFor();
  await hasStatus(page, 'live');
  await page.evaluate(() => {
    history.back();
    document.title = 'One';
  });
  await page.getByRole('heading', { name: '1 reply on “One”' }).waitFor();
  await page.getByText('On page one').waitFor();
});

it('[PAGE2] the canonical address names the thread, and a change of it is noticed', async () => {
  const [a, b] = [newId(), newId()];
  await world.write(`https://example.com/${a}`, [{ body: 'Canonical one' }]);
  await world.write(`https://example.com/${b}`, [{ body: 'Canonical two' }]);
  const head = `<link rel="canonical" href="https://example.com/${a}">`;
  const { page } = await world.readers.open(world.article({ place: tag(), head }));
  await page.getByText('Canonical one').waitFor();
  await hasStatus(page, 'live');
  await page.evaluate(
    (href) => document.querySelector('link[rel=canonical]')!.setAttribute('href', href),
    `https://example.com/${b}`,
  );
  await page.getByText('Canonical two').waitFor();
});

it('attributes apply while it runs', async () => {
  const { page } = await world.readers.open(world.article({ title: 'Page' }), { allow: [/status of 400/] });
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
  await expect.poll(() => box.evaluate((node) => getComputedStyle(node).fontFamily)).toBe('monospace');
  await set('lang', 'de');
  await expect.poll(() => root.getAttribute('lang')).toBe('de');
  const other = newId();
  await world.write(other, [{ body: 'Elsewhere' }]);
  await set('thread', other);
  await page.getByText('Elsewhere').waitFor();
  await set('sort', 'nonsense');
  await page.getByText(/„sort“ ist hier nicht gültig/).waitFor();
  await set('sort', 'newest');
  await page.getByText('Elsewhere').waitFor();
});

it('the reserved height is given back, and `hidden` hides', async () => {
  const thread = newId();
  await world.write(
    thread,
    Array.from({ length: 12 }, (_, i) => ({ body: `Reply ${i}` })),
  );
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const element = page.locator('afterword-discussion');
  await expect.poll(() => element.evaluate((node) => node.style.minHeight)).toBe('');
  await element.evaluate((node) => node.toggleAttribute('hidden', true));
  expect(await element.isVisible()).toBe(false);
});

it('asks for nothing until the reader comes near', async () => {
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(world.article({ above: 200 }), { waitUntil: 'networkidle' });
  expect(asked.filter((path) => /widget|api/.test(path))).toEqual([]);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await hasStatus(page, 'live');
});

it('[B10] two scripts, and the data beside the second, are all that comes before the replies', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Readable' }]);
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  // The second download never arrives: the replies don't need it.
  await page.route(/widget\/live-/, () => {});
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(world.article({ thread }));
  await page.getByText('Readable').waitFor();
  await expect.poll(() => asked.some((path) => path.includes('live-'))).toBe(true);
  const before = asked.slice(
    1,
    asked.findIndex((path) => path.includes('live-')),
  );
  expect(before.map((path) => path.replace(/-[\w-]+\.js/, '-*.js')).sort()).toEqual([
    '/afterword.js',
    '/api/v1/sites/demo/thread',
    '/widget/reader-*.js',
  ]);
});

it('a loader from before an update still finds a reader', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'After the update' }]);
  const { page } = await world.readers.open(world.page('<p>soon</p>'), { allow: [/Failed to load resource/] });
  await page.route(/afterword\.js/, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/reader-[\w-]+\.js/, 'reader-gone.js');
    await route.fulfill({ response, body });
  });
  await page.goto(world.article({ thread }));
  await page.getByText('After the update').waitFor();
});
