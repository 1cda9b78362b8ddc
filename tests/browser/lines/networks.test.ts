// Networks that let little through, or late: what stands in the status is true, nothing that was written is lost or doubled,
// and what was missed comes.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { arrived, COMPLAINTS, isLevel, openOn, says, sitsOut, texts } from '../../support/bad-lines.js';
import { article } from '../../support/opened.js';
import { startHoldingProxy } from '../../support/holding-proxy.js';
import { openPortal } from '../../support/portal.js';
import { startSmallProxy } from '../../support/small-proxy.js';
import { until } from '../../support/until.js';
import { hasStatus, post, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

it('[PAGE4] says that it polls where WebSockets don’t get through', async () => {
  const proxy = await startSmallProxy(world.app.port, { addsForwarded: true, passesUpgrade: false });
  try {
    const { page } = await world.readers.open(world.article({ server: proxy.url }), COMPLAINTS);
    await hasStatus(page, 'live');
    await says(page, 'live, slow line');
    await post(page, 'By post', 'Ana');
    await arrived(page, 'By post');
  } finally {
    await proxy.close();
  }
});

it('[PAGE4] a laptop that is opened in a network without WebSockets polls there, also where that could not be loaded at first', async () => {
  const { page, line, thread } = await openOn(world);
  await page.route(/polling-/, (route) => route.abort());
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Begun at home');
  await page.context().setOffline(true);
  await hasStatus(page, 'offline');
  await line.refuse();
  const asked = page.waitForRequest(/polling-/);
  await page.context().setOffline(false);
  await asked;
  await page.getByRole('button', { name: 'Post reply' }).click();
  // Those who don't see it are told as well, elsewhere.
  await article(page, 'Begun at home').getByText('waiting to send').waitFor();
  await page.unroute(/polling-/);
  await says(page, 'live, slow line');
  await arrived(page, 'Begun at home');
  expect(await texts(world, thread)).toEqual(['Before', 'Begun at home']);
});

it('[CUR8] says that data is saved, asks for fewer pushes and moves nothing, until the reader wants otherwise', async () => {
  const choose = (saver: string): void => localStorage.setItem('afterword:prefs', JSON.stringify({ saver }));
  const { page, line } = await openOn(world, (fresh) => fresh.addInitScript(choose, 'on'));
  await says(page, 'live, saving data');
  expect(line.asked('thread:join').at(-1)).toMatchObject({ lane: 'slow' });
  const moves = (): Promise<string> =>
    page.getByRole('article').evaluate((article) => getComputedStyle(article).transitionDuration);
  expect(await moves()).toBe('0s');

  // As another tab of this browser does it.
  await page.evaluate(() => {
    localStorage.setItem('afterword:prefs', JSON.stringify({ saver: 'off' }));
    dispatchEvent(new StorageEvent('storage', { key: 'afterword:prefs' }));
  });
  await says(page, /^live$/);
  await until(() => line.asked('thread:join').length === 2, 'another join');
  expect(line.asked('thread:join').at(-1)).not.toHaveProperty('lane');
  expect(await moves()).not.toBe('0s');
});

it('[CUR5] on a slow line posts once, and reads on', async () => {
  const { page, line, thread } = await openOn(world);
  line.delayMs = 700;
  await post(page, 'Slowly', 'Ana');
  await article(page, 'Slowly').getByText('sending').waitFor();
  await page.getByRole('article').filter({ hasText: 'Slowly' }).getByRole('button', { name: 'Edit' }).waitFor();
  await world.write(thread, [{ body: 'After' }]);
  await isLevel(page, ['Before', 'Slowly', 'After']);
  expect(line.asked('reply:create')).toHaveLength(1);
});

it('[CUR4] notices a line that went silent, and catches up', async () => {
  const { page, line, thread } = await openOn(world, (fresh) => fresh.clock.install());
  line.isMute = true;
  await world.write(thread, [{ body: 'Unheard' }]);
  await post(page, 'Unsaid', 'Ana');
  // Longer than the server promised to be silent at most; in steps that are no sleep.
  for (let i = 0; i < 10; i++) await page.clock.fastForward(5_000);
  await until(() => line.count === 2, 'another line');
  await page.clock.runFor(2_000);
  await isLevel(page, ['Before', 'Unheard', 'Unsaid']);
});

it('[CUR5] goes over a restart of the server, with what was written meanwhile', async () => {
  const { page, thread } = await openOn(world);
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
  const restarted = world.restart();
  await page.locator('afterword-discussion:not([status=live])').waitFor({ state: 'attached' });
  await post(page, 'During the restart');
  await restarted;
  await page
    .getByRole('article')
    .filter({ hasText: 'During the restart' })
    .getByRole('button', { name: 'Edit' })
    .waitFor({ timeout: 20_000 });
  await world.write(thread, [{ body: 'After it' }]);
  await isLevel(page, ['Before', 'During the restart', 'After it']);
});

/** What the browser itself says of requests that came to nothing, and nothing else. */
const OF_THE_BROWSER = {
  allow: [
    /^console: Failed to load resource: /,
    /^console: WebSocket connection to '\S+' failed/,
    /^console: Access to \w+ at '\S+' from origin '\S+' has been blocked by CORS policy/,
  ],
};

it('[CUR5] [PAGE4] takes a hotel’s sign-in page for no line, keeps what is written, and sends it once behind it, by itself', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  const portal = await openPortal(world.app.port);
  try {
    const { page } = await world.readers.open(world.article({ thread, server: portal.url }), OF_THE_BROWSER);
    await sitsOut(world, page, thread, portal, portal.sentOn);
  } finally {
    await portal.close();
  }
}, 60_000);

it('[PAGE4] [PAGE20] says behind a sign-in page that nothing can be loaded, and comes by itself after it, with what was being written', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  // Of the widget only what comes first is there.
  const portal = await openPortal(world.app.port, { forgets: /^\/widget\/(?!reader\.js)/ });
  try {
    const { page } = await world.readers.open('about:blank', OF_THE_BROWSER);
    await page.clock.install();
    await page.goto(world.article({ thread, server: portal.url }));
    await hasStatus(page, 'live');
    await page.getByRole('textbox', { name: 'Your reply' }).fill('Begun at home');
    portal.capture();
    await page.reload();
    await page.getByRole('alert').getByText('The replies can’t be loaded now.').waitFor();
    expect(portal.sentOn()).toBeGreaterThan(0);
    portal.signIn();
    const box = page.getByRole('textbox', { name: 'Your reply' });
    await until(async () => {
      await page.clock.fastForward(2_000);
      return (await box.count()) > 0;
    }, 'the rest of the widget');
    await hasStatus(page, 'live');
    await isLevel(page, ['Before']);
    expect(await box.inputValue()).toBe('Begun at home');
    // What comes later stands on what could not be had at first.
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    await page.getByRole('button', { name: 'Post reply' }).click();
    await article(page, 'Begun at home').getByRole('button', { name: 'Edit' }).waitFor();
  } finally {
    await portal.close();
  }
});

it('[PAGE4] [PAGE20] has all of the widget in the end where each of its files fails once', async () => {
  const { page } = await world.readers.open('about:blank', OF_THE_BROWSER);
  await page.clock.install();
  const failed = new Set<string>();
  await page.route(/\/widget\/\w+-[^/]+\.js/, (route) => {
    const { pathname } = new URL(route.request().url());
    if (failed.has(pathname)) return route.continue();
    failed.add(pathname);
    return route.abort();
  });
  const passing = (what: string, isThere: () => Promise<boolean>): Promise<void> =>
    until(async () => {
      await page.clock.fastForward(2_000);
      return await isThere();
    }, what);
  await page.goto(world.article());
  const box = page.getByRole('textbox', { name: 'Your reply' });
  await passing('the composer', async () => (await box.count()) > 0);
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
  await box.fill('With what came late');
  await page.getByRole('button', { name: 'Post reply' }).click();
  const edit = article(page, 'With what came late').getByRole('button', { name: 'Edit' });
  await passing('what acts on replies', () => edit.isVisible());
  await edit.click();
  const save = page.getByRole('button', { name: 'Save' });
  await passing('what helps to write', async () => (await save.isVisible()) && (await save.isEnabled()));
  await page.getByRole('button', { name: 'Cancel' }).click();
  const settings = page.getByRole('button', { name: 'Reading settings' });
  await passing('the dialogs', async () => {
    // Pressed until it is there; then nothing else can be reached by a pointer.
    await settings.evaluate((button: HTMLElement) => button.click());
    return await page.getByRole('dialog').isVisible();
  });
  for (const part of ['live', 'acting', 'writing', 'tools', 'sheets'])
    expect([...failed].join()).toContain(`/widget/${part}-`);
}, 60_000);

it('[PAGE4] gets each file of the widget over the line once', async () => {
  const proxy = await startSmallProxy(world.app.port, { addsForwarded: true, passesUpgrade: true });
  try {
    const { page } = await world.readers.open(world.article({ server: proxy.url }), COMPLAINTS);
    await hasStatus(page, 'live');
    await post(page, 'Sent', 'Ana');
    await arrived(page, 'Sent');
    await page.getByRole('button', { name: 'Reading settings' }).click();
    await page.getByRole('dialog').waitFor();
    const files = proxy.paths.filter((path) => /^\/widget\/\w+-/.test(path));
    for (const part of ['live', 'acting', 'writing', 'tools', 'sheets'])
      expect(files.join()).toContain(`/widget/${part}-`);
    expect(files.toSorted()).toEqual([...new Set(files)].toSorted());
  } finally {
    await proxy.close();
  }
});

it.each(['the rest of the widget comes', 'the line is back'])(
  '[PAGE13] asks again for a language that could not be had when %s, and gets it over the line once',
  async (when) => {
    const isGerman = (path: string): boolean => path.startsWith('/widget/de-');
    // One attempt asks twice.
    let failures = when === 'the line is back' ? Infinity : 2;
    const fails = (path: string): boolean => isGerman(path) && failures-- > 0;
    const proxy = await startSmallProxy(world.app.port, { addsForwarded: true, passesUpgrade: true, fails });
    try {
      const { page } = await world.readers.open(world.article({ server: proxy.url, lang: 'de' }), OF_THE_BROWSER);
      await hasStatus(page, 'live');
      if (failures > 0) {
        await page.getByRole('button', { name: 'Post reply' }).waitFor({ state: 'attached' });
        await page.context().setOffline(true);
        await hasStatus(page, 'offline');
        failures = 0;
        await page.context().setOffline(false);
      }
      await page.getByRole('button', { name: 'Antwort senden' }).waitFor({ state: 'attached' });
      expect(proxy.paths.filter(isGerman)).toHaveLength(1);
    } finally {
      await proxy.close();
    }
  },
);

it('[CUR5] [PAGE4] behind a proxy that holds back what it looks through it polls, and nothing is lost', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  const proxy = await startHoldingProxy(world.app.port, { bytes: 64 * 1024, ms: 700 });
  try {
    const { page } = await world.readers.open(world.article({ thread, server: proxy.url }), COMPLAINTS);
    await page.locator('.status').getByText('live, slow line').waitFor({ timeout: 40_000 });
    // It was tried, and swallowed.
    expect(proxy.held.overWebSockets).toBeGreaterThan(0);
    await post(page, 'By post', 'Ana');
    await arrived(page, 'By post');
    expect(await texts(world, thread)).toEqual(['Before', 'By post']);
    const held = proxy.held.answers;
    await world.write(thread, [{ body: 'By another' }]);
    await isLevel(page, ['Before', 'By post', 'By another']);
    expect(proxy.held.answers).toBeGreaterThan(held);
  } finally {
    await proxy.close();
  }
}, 90_000);
