// Before anybody has come near and until the line is up: what is asked for, how high it stands, and that nothing moves.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { hasStatus, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

it('`hidden` hides, and nothing of what was reserved is left', async () => {
  const { page } = await world.readers.open(world.article());
  await hasStatus(page, 'live');
  const element = page.locator('afterword-discussion');
  expect(await element.evaluate(({ style }) => [style.display, style.height])).toEqual(['', '']);
  await element.evaluate((node) => node.toggleAttribute('hidden', true));
  expect(await element.isVisible()).toBe(false);
});

it('[PAGE5] stands as high as an empty discussion before it is one, without a void below', async () => {
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  let answer = (): void => {};
  const held = new Promise<void>((done) => (answer = done));
  await page.route('**/api/v1/**', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(world.article({ below: 1 }));
  const bottom = () => page.locator('afterword-discussion').evaluate((node) => node.getBoundingClientRect().bottom);
  const footer = () => page.locator('footer').evaluate((node) => node.getBoundingClientRect().top);
  await page.locator('.skeleton').waitFor({ state: 'attached' });
  const reserved = await bottom();
  answer();
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).waitFor();
  expect(Math.abs((await bottom()) - reserved)).toBeLessThan(3);
  expect((await footer()) - (await bottom())).toBeLessThan(40);
});

it('draws replies that are there already at once, and the shape of what comes where they are late', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  for (const isLate of [false, true]) {
    const { page } = await world.readers.open(world.page('<p>soon</p>'));
    // What stands in the discussion after its first drawing.
    await page.addInitScript(() => {
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function (init) {
        const root = attach.call(this, init);
        const seen = new MutationObserver(() => {
          if (!root.querySelector('.list')) return;
          seen.disconnect();
          document.documentElement.dataset.first = root.querySelector('article') ? 'replies' : 'their shape';
        });
        seen.observe(root, { childList: true, subtree: true });
        return root;
      };
    });
    let go = (): void => {};
    const held = new Promise<void>((done) => (go = done));
    await page.route(isLate ? '**/api/v1/**' : '**/widget/reader.js', async (route) => {
      await held;
      await route.continue();
    });
    const other = page.waitForResponse(isLate ? '**/widget/reader.js' : '**/api/v1/**');
    await page.goto(world.article({ thread }));
    await (await other).finished();
    if (isLate) await page.locator('.skeleton').waitFor({ state: 'attached' });
    go();
    await page.getByText('First').waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.first)).toBe(isLate ? 'their shape' : 'replies');
  }
});

it('a press on what stands below a short discussion arrives, and moves nothing', async () => {
  const place = `${world.tag(`data-thread="${newId()}"`)}<button onclick="this.textContent='Pressed'">Below</button>`;
  const { page } = await world.readers.open(world.article({ place }));
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).waitFor();
  const button = page.getByRole('button', { name: 'Below' });
  const before = (await button.boundingBox())!;
  await page.mouse.move(before.x + 5, before.y + 5);
  await page.mouse.down();
  expect((await button.boundingBox())!.y).toBe(before.y);
  await page.mouse.up();
  await page.getByRole('button', { name: 'Pressed' }).waitFor();
});

it('[PAGE5] has room for the status from the first paint on, beside or below a long title', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const title = 'A title that goes on and on, as titles do that were written by somebody who could not stop';
  for (const width of [900, 360]) {
    const viewport = { width, height: 800 };
    const { page } = await world.readers.open(world.page('<p>soon</p>'), {
      viewport,
      allow: [/WebSocket|Failed to load/],
    });
    let go = (): void => {};
    const held = new Promise<void>((done) => (go = done));
    await page.route(/widget\/live-/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(world.article({ thread, title, below: 60 }));
    await page.getByText('First').waitFor();
    const header = () => page.locator('header').evaluate((node) => node.getBoundingClientRect().height);
    const before = await header();
    go();
    await page.locator('.status.live').waitFor();
    expect(Math.abs((await header()) - before)).toBeLessThan(1);
    expect(await page.evaluate(() => scrollY)).toBe(0);
    await page.context().setOffline(true);
    await page.locator('.status.offline').waitFor();
    expect(Math.abs((await header()) - before)).toBeLessThan(1);
  }
});

it('is read by who never comes near, without a line to the server, until the reader does', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'On paper' }]);
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  const [asked, sockets]: [string[], string[]] = [[], []];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.goto(world.article({ thread, above: 200 }), { waitUntil: 'networkidle' });
  await page.getByText('On paper').waitFor();
  expect(asked.filter((path) => /live-|socket/.test(path))).toEqual([]);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await hasStatus(page, 'live');
  expect(sockets).toHaveLength(1);
});

it('waits for the page, and is on paper where that is printed first', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'On paper' }]);
  const { page } = await world.readers.open(world.page('<p>soon</p>'), {
    init: () => Object.assign(globalThis, { requestIdleCallback: () => 0 }),
  });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(world.article({ thread, above: 200 }), { waitUntil: 'networkidle' });
  expect(asked.filter((path) => /widget|api/.test(path))).toEqual([]);
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.getByText('On paper').waitFor();
});

it('[PAGE4] tells at once that the network is gone, and is back as soon as that is', async () => {
  const { page } = await world.readers.open(world.article(), { allow: [/WebSocket|Failed to load/] });
  await hasStatus(page, 'live');
  await page.context().setOffline(true);
  await page.locator('afterword-discussion[status=offline]').waitFor({ timeout: 2_000 });
  await page.context().setOffline(false);
  await page.locator('afterword-discussion[status=live]').waitFor({ timeout: 2_000 });
});

it('[HTTP3] a page that asks for the reader and the replies itself has them asked for once', async () => {
  const thread = `${newId()} & more`;
  await world.write(thread, [{ body: 'Readable' }]);
  const { page } = await world.readers.open(world.page('<p>soon</p>'));
  const snapshot = `${world.server}/api/v1/sites/demo/thread?${new URLSearchParams({ key: thread, sort: 'oldest' })}`;
  const place = `<link rel="preload" as="script" href="${world.server}/afterword.js">
    <link rel="modulepreload" href="${world.server}/widget/reader.js">
    <link rel="preload" as="fetch" crossorigin href="${snapshot.replaceAll('&', '&amp;')}">
    <script async src="${world.server}/afterword.js" data-site="demo" data-thread="${thread}"></script>`;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url().replace(world.server, '')));
  // The loader comes last: the other two are there by then.
  await page.route(/afterword\.js/, async (route) => {
    await expect.poll(() => asked.filter((url) => /reader\.js|api/.test(url)).length).toBe(2);
    await route.continue();
  });
  await page.goto(world.article({ place }));
  await page.getByText('Readable').waitFor();
  await hasStatus(page, 'live');
  expect(asked.filter((url) => /afterword\.js|reader\.js|api/.test(url))).toHaveLength(3);
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
    '/widget/reader.js',
  ]);
});
