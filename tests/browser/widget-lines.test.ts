// Bad lines of every kind: what stands in the status is true, nothing that was written is lost or doubled, and what was
// missed comes.
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { fallAsleep } from '../support/asleep.js';
import { Between } from '../support/between.js';
import { startSmallProxy } from '../support/small-proxy.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** Longer than a busy page stands still, and shorter than a line may be silent. */
const ASLEEP_MS = 12_000;
const COMPLAINTS = {
  allow: [/MIME type/, /Failed to load/, /WebSocket/, /CORS/, /INTERNET_DISCONNECTED/],
};
const bodies = (page: Page): Promise<string[]> => page.locator('article .body').allTextContents();
const reply = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });
/** Only what has arrived at the server can be changed. */
const arrived = (page: Page, text: string) => reply(page, text).getByRole('button', { name: 'Edit' }).waitFor();
const texts = async (thread: string): Promise<string[]> => {
  const rows = await world.app.database.sql<{ body: string }[]>`
    select body from replies r join threads t on t.id = r.thread_id where t.key = ${thread} order by born`;
  return rows.map(({ body }) => body);
};
const says = (page: Page, text: string | RegExp): Promise<void> => page.locator('.status').getByText(text).waitFor();

/** A reader on a line that the test has in its hands, level with a thread of one reply. */
async function open(before?: (page: Page) => Promise<unknown>): Promise<{ page: Page; line: Between; thread: string }> {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  const { page } = await world.readers.open('about:blank', COMPLAINTS);
  await before?.(page);
  const line = await Between.put(page);
  await page.goto(world.article({ thread }));
  await hasStatus(page, 'live');
  return { page, line, thread };
}

/** Everything that is there is shown, each once. */
async function isLevel(page: Page, expected: readonly string[]): Promise<void> {
  const pill = page.getByRole('button', { name: /^Show \d+ new repl/ });
  await until(
    async () => {
      if (await pill.count()) await pill.click();
      return (await bodies(page)).length >= expected.length;
    },
    `all of ${expected.join(', ')}`,
  );
  expect((await bodies(page)).map((text) => text.trim())).toEqual(expected);
  await hasStatus(page, 'live');
}

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
  const { page, line, thread } = await open();
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
  await page.getByText('waiting to send').waitFor();
  await page.unroute(/polling-/);
  await says(page, 'live, slow line');
  await arrived(page, 'Begun at home');
  expect(await texts(thread)).toEqual(['Before', 'Begun at home']);
});

it('[CUR8] says that data is saved, asks for fewer pushes and moves nothing, until the reader wants otherwise', async () => {
  const choose = (saver: string): void => localStorage.setItem('afterword:prefs', JSON.stringify({ saver }));
  const { page, line } = await open((fresh) => fresh.addInitScript(choose, 'on'));
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
  const { page, line, thread } = await open();
  line.delayMs = 700;
  await post(page, 'Slowly', 'Ana');
  await reply(page, 'Slowly').getByText('sending').waitFor();
  await page.getByRole('article').filter({ hasText: 'Slowly' }).getByRole('button', { name: 'Edit' }).waitFor();
  await world.write(thread, [{ body: 'After' }]);
  await isLevel(page, ['Before', 'Slowly', 'After']);
  expect(line.asked('reply:create')).toHaveLength(1);
});

it('[CUR4] notices a line that went silent, and catches up', async () => {
  const { page, line, thread } = await open((fresh) => fresh.clock.install());
  line.isMute = true;
  await world.write(thread, [{ body: 'Unheard' }]);
  await post(page, 'Unsaid', 'Ana');
  // Longer than the server promised to be silent at most; in steps that are no sleep.
  for (let i = 0; i < 10; i++) await page.clock.fastForward(5_000);
  await until(() => line.count === 2, 'another line');
  await page.clock.runFor(2_000);
  await isLevel(page, ['Before', 'Unheard', 'Unsaid']);
});

it('[CUR1] [CUR5] after a night asleep catches up at once, exactly, with what was being written and sent', async () => {
  const { page, line, thread } = await open((fresh) => fresh.clock.install());
  // The lid is closed: the line dies for good, no timer runs, and nobody tells the page.
  line.isMute = true;
  await post(page, 'As the lid closed', 'Ana');
  await reply(page, 'As the lid closed').getByText('sending').waitFor();
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Half a sent');
  await world.write(thread, [{ body: 'At night' }, { body: 'At dawn' }]);
  await page.clock.fastForward(9 * 3_600_000);
  await until(() => line.count === 2, 'another line');
  await page.clock.runFor(3_000);
  await isLevel(page, ['Before', 'At night', 'At dawn', 'As the lid closed']);
  await arrived(page, 'As the lid closed');
  expect(await page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('Half a sent');
  expect(await texts(thread)).toEqual(['Before', 'At night', 'At dawn', 'As the lid closed']);
});

it.each([
  ['a page', 1],
  ['a tab that shares another one’s line', 2],
])('[CUR4] [CUR5] after a short sleep in which the line died, %s soon catches up', async (_, tabs) => {
  await behindProxy(async (page, proxy, thread) => {
    await hasStatus(page, 'live');
    let reader = page;
    if (tabs > 1) {
      reader = (await world.readers.open(page.url(), { ...COMPLAINTS, beside: page })).page;
      await hasStatus(reader, 'live');
    }
    await reader.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    await reader.getByRole('textbox', { name: 'Your reply' }).fill('Begun before it');
    const wake = await fallAsleep(page);
    try {
      proxy.lose();
      await world.write(thread, [{ body: 'In the night' }]);
      await pause(ASLEEP_MS);
    } finally {
      wake();
    }
    const wokeAt = performance.now();
    await reader.getByRole('button', { name: 'Post reply' }).click();
    await arrived(reader, 'Begun before it');
    expect(performance.now() - wokeAt).toBeLessThan(12_000);
    await isLevel(reader, ['Before', 'In the night', 'Begun before it']);
    expect(await texts(thread)).toEqual(['Before', 'In the night', 'Begun before it']);
  });
});

it('[CUR4] keeps a line that a short sleep did no harm', async () => {
  await behindProxy(async (page, proxy, thread) => {
    await hasStatus(page, 'live');
    const lines: unknown[] = [];
    page.on('websocket', (line) => lines.push(line));
    const wake = await fallAsleep(page);
    await world.write(thread, [{ body: 'In the night' }]);
    await pause(ASLEEP_MS);
    wake();
    await isLevel(page, ['Before', 'In the night']);
    // Longer than it is waited for a sign of life.
    await pause(8_000);
    await hasStatus(page, 'live');
    expect([lines.length, proxy.connections > 0]).toEqual([0, true]);
  });
});

it('[CUR5] goes over a restart of the server, with what was written meanwhile', async () => {
  const { page, thread } = await open();
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

it('[CUR5] takes a hotel’s sign-in page for no line, keeps what is written, and sends it once behind it', async () => {
  const { page, line } = await open();
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
  await line.portal();
  await hasStatus(page, 'offline');
  await says(page, /^offline since \d/);
  await post(page, 'From the lobby');
  await page.getByText('waiting to send').waitFor();
  line.signIn();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await isLevel(page, ['Before', 'From the lobby']);
});

it('[PAGE4] [PAGE20] says behind a sign-in page that nothing can be loaded, and comes by itself after it, with what was being written', async () => {
  const { page, line } = await open((fresh) => fresh.clock.install());
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Begun at home');
  let isPortal = true;
  // Of the widget only what the browser kept is there.
  await page.route(
    (url) => url.origin === world.server && !/(afterword|reader)\.js$/.test(url.pathname),
    (route) =>
      isPortal
        ? route.fulfill({
            contentType: 'text/html',
            headers: { 'access-control-allow-origin': '*' },
            body: '<h1>Welcome to the hotel</h1>',
          })
        : route.continue(),
  );
  await line.portal();
  await page.reload();
  await page.getByRole('alert').getByText('The replies can’t be loaded now.').waitFor();
  isPortal = false;
  line.signIn();
  const box = page.getByRole('textbox', { name: 'Your reply' });
  await until(async () => {
    await page.clock.fastForward(2_000);
    return (await box.count()) > 0;
  }, 'the rest of the widget');
  await hasStatus(page, 'live');
  await isLevel(page, ['Before']);
  expect(await box.inputValue()).toBe('Begun at home');
});

/** Has the page note the statuses that come from now on. */
async function watchStatus(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const found: string[] = [];
    const stage = document.querySelector('afterword-discussion')!;
    let last = stage.getAttribute('status')!;
    new MutationObserver(() => {
      const status = stage.getAttribute('status')!;
      if (status !== last) found.push(status);
      last = status;
    }).observe(stage, { attributeFilter: ['status'] });
    return found;
  });
  return () => seen.jsonValue();
}

/** At how many places in the page its first reply stands from now on, as seen in each frame. */
async function watchTop(page: Page): Promise<() => Promise<number>> {
  const seen = await page.evaluateHandle(() => {
    const tops = new Set<number>();
    const look = (): void => {
      const article = document.querySelector('afterword-discussion')!.shadowRoot!.querySelector('article')!;
      tops.add(Math.round(article.getBoundingClientRect().top + scrollY));
      requestAnimationFrame(look);
    };
    look();
    return tops;
  });
  return () => page.evaluate((tops) => tops.size, seen);
}

/** A reader of a thread with one reply, whose way to the server leads through a proxy of the test's own. */
async function behindProxy(act: (page: Page, proxy: TcpProxy, thread: string) => Promise<void>): Promise<void> {
  const proxy = await TcpProxy.open({ port: world.app.port });
  try {
    const thread = newId();
    await world.write(thread, [{ body: 'Before' }]);
    const server = `http://127.0.0.1:${proxy.port}`;
    const { page } = await world.readers.open(world.article({ thread, server }), COMPLAINTS);
    await act(page, proxy, thread);
  } finally {
    await proxy.close();
  }
}

it.each(['WebSocket', 'polling'])('[CUR4] a proxy that cuts idle lines has nothing to cut, by %s', async (by) => {
  await behindProxy(async (page, proxy) => {
    // Proxies cut after 10 s at the earliest (60 by custom).
    proxy.idle(8_000);
    const lines: unknown[] = [];
    page.on('websocket', (socket) => lines.push(socket));
    if (by === 'polling') await page.routeWebSocket(/socket\.io/, (socket) => void socket.close());
    await page.reload();
    await hasStatus(page, 'live');
    if (by === 'polling') await says(page, 'live, slow line');
    const statuses = await watchStatus(page);
    await pause(14_000);
    expect([await statuses(), lines.length]).toEqual([[], by === 'polling' ? 0 : 1]);
    await post(page, 'Through the proxy', 'Ana');
    await arrived(page, 'Through the proxy');
  });
});

it('[CUR5] [PAGE4] a proxy that cuts what is idle for a moment costs nothing that is written, and moves nothing', async () => {
  await behindProxy(async (page, proxy, thread) => {
    await hasStatus(page, 'live');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    const top = await watchTop(page);
    const statuses = await watchStatus(page);
    proxy.idle(1_500);
    const written = ['One', 'Two', 'Three'];
    for (const body of written) {
      await post(page, body);
      await pause(3_000);
    }
    await world.write(thread, [{ body: 'By another' }]);
    for (const body of written) await arrived(page, body);
    await isLevel(page, ['Before', ...written, 'By another']);
    expect(await texts(thread)).toEqual(['Before', ...written, 'By another']);
    expect(await statuses()).toEqual(expect.arrayContaining(['catching-up', 'live']));
    expect(await top()).toEqual(1);
  });
});

it('[CUR5] [PAGE4] a line that trickles from load on is slow, says when it is none any more, and loses nothing', async () => {
  await behindProxy(async (page, proxy, thread) => {
    for (const way of ['up', 'down'] as const) proxy.drip(10_000, way);
    await page.reload();
    await reply(page, 'Before').waitFor();
    await hasStatus(page, 'live');
    await post(page, 'Slowly', 'Ana');
    await arrived(page, 'Slowly');
    const top = await watchTop(page);
    // A byte now and then: never silent, and never through with anything.
    for (const way of ['up', 'down'] as const) proxy.drip(5, way);
    await post(page, 'Hardly');
    await world.write(thread, [{ body: 'By another' }]);
    await page.locator('afterword-discussion:not([status=live])').waitFor({ state: 'attached', timeout: 25_000 });
    await reply(page, 'Hardly').getByText('waiting to send').waitFor({ timeout: 15_000 });
    await proxy.heal();
    await arrived(page, 'Hardly');
    expect((await texts(thread)).sort()).toEqual(['Before', 'By another', 'Hardly', 'Slowly']);
    expect(await top()).toEqual(1);
  });
}, 60_000);

it('[CUR5] a line that a proxy cuts every few seconds delivers everything once', async () => {
  await behindProxy(async (page, proxy, thread) => {
    await hasStatus(page, 'live');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    const written = ['One', 'Two', 'Three', 'Four'];
    for (const body of written) {
      await post(page, body);
      proxy.cut();
      await hasStatus(page, 'live');
    }
    for (const body of written) await arrived(page, body);
    expect(await texts(thread)).toEqual(['Before', ...written]);
  });
});

it('[PAGE11] who removes a reply as the line dies, and is not answered, can bring it back all the same', async () => {
  await behindProxy(async (page, proxy) => {
    await hasStatus(page, 'live');
    await post(page, 'Removed as it died', 'Ana');
    await arrived(page, 'Removed as it died');
    proxy.stall('down');
    await reply(page, 'Removed as it died').getByRole('button', { name: 'Remove' }).click();
    await until(async () => {
      const [row] = await world.app.database.sql<{ state: string }[]>`
        select state from replies where body = 'Removed as it died'`;
      return row?.state !== 'published';
    }, 'it to be removed');
    proxy.cut();
    await proxy.heal();
    const tombstone = reply(page, 'This reply was removed.');
    await tombstone.waitFor();
    // Nothing went wrong there.
    expect(await tombstone.getByRole('alert').count()).toBe(0);
    await tombstone.getByRole('button', { name: 'Undo' }).click();
    await arrived(page, 'Removed as it died');
  });
});

it('[CUR5] [PAGE4] behind a proxy that holds a WebSocket’s answers back, it polls, and nothing is lost', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  const { page } = await world.readers.open('about:blank', COMPLAINTS);
  // The upgrade is passed on; what the server says is kept until there is a lot of it.
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const upstream = socket.connectToServer();
    const held: (string | Buffer)[] = [];
    upstream.onMessage((message) => {
      held.push(message);
      if (held.length > 50) for (const one of held.splice(0)) socket.send(one);
    });
  });
  await page.goto(world.article({ thread }));
  await page.locator('.status').getByText('live, slow line').waitFor({ timeout: 25_000 });
  await post(page, 'By post', 'Ana');
  await arrived(page, 'By post');
  expect(await texts(thread)).toEqual(['Before', 'By post']);
});
