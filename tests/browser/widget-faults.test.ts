// What a browser and the way to a server do to a discussion, beside bad lines (widget-lines): each time nothing that was
// written is lost or doubled, and the state is told.
import type { Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { cuttable, hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const COMPLAINTS = { allow: [/Failed to load resource/, /WebSocket/, /CORS/] };
const box = (page: Page) => page.getByRole('textbox', { name: 'Your reply' });
const reply = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });
/** Only what has arrived at the server can be changed. */
const arrived = (page: Page, text: string) => reply(page, text).getByRole('button', { name: 'Edit' }).waitFor();
const texts = async (thread: string): Promise<string[]> => {
  const rows = await world.app.database.sql<{ body: string }[]>`
    select body from replies r join threads t on t.id = r.thread_id where t.key = ${thread} order by born`;
  return rows.map(({ body }) => body);
};

it('[CUR5] [PAGE20] a tab that is killed in the middle of a sentence leaves it, and what waited, to the next one', async () => {
  const thread = newId();
  const address = world.article({ thread });
  const { page } = await world.readers.open('about:blank', COMPLAINTS);
  const line = await cuttable(page);
  await page.goto(address);
  await hasStatus(page, 'live');
  await post(page, 'Before it', 'Ana');
  await arrived(page, 'Before it');
  await line.cut();
  await hasStatus(page, 'offline');
  await post(page, 'Waiting when it was killed');
  await page.getByText('waiting to send').waitFor();
  await box(page).fill('Half a sen');
  const devtools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  void devtools.send('Page.crash').catch(() => {});
  await crashed;

  const { page: next } = await world.readers.open(address, { beside: page });
  await arrived(next, 'Waiting when it was killed');
  await expect.poll(() => box(next).inputValue()).toBe('Half a sen');
  await box(next).pressSequentially('tence.');
  await next.getByRole('button', { name: 'Post reply' }).click();
  await arrived(next, 'Half a sentence.');
  expect(await texts(thread)).toEqual(['Before it', 'Waiting when it was killed', 'Half a sentence.']);
});

describe('[PAGE20] where nothing can be kept', () => {
  const full = (): void => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  };
  const forbidden = (): void => {
    Object.defineProperty(globalThis, 'localStorage', {
      get: () => {
        throw new DOMException('no', 'SecurityError');
      },
    });
  };
  it.each([
    ['because storage is full', full],
    ['because storage is forbidden', forbidden],
  ])('%s, one writes and is told so, and the browser asks before the text goes with the page', async (_, init) => {
    const thread = newId();
    const { page } = await world.readers.open(world.article({ thread }), { init });
    await hasStatus(page, 'live');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    await box(page).pressSequentially('Only here');
    await page.getByText('This browser keeps nothing').waitFor();
    const asked = page.waitForEvent('dialog');
    void page.reload().catch(() => {});
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    expect(await box(page).inputValue()).toBe('Only here');
    await page.getByRole('button', { name: 'Post reply' }).click();
    await arrived(page, 'Only here');
    expect(await texts(thread)).toEqual(['Only here']);
    // With nothing to lose it asks nobody.
    await page.reload();
    await reply(page, 'Only here').waitFor();
  });
});

it('[PAGE20] a text that has outgrown the room in storage is not said to be kept', async () => {
  const room = (): void => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (key, value) {
      if (value.length > 250) throw new DOMException('full', 'QuotaExceededError');
      setItem.call(this, key, value);
    };
  };
  const { page } = await world.readers.open(world.article({ thread: newId() }), { init: room });
  await hasStatus(page, 'live');
  await box(page).fill('Not much.');
  await page.getByText('Draft kept').waitFor();
  await box(page).fill('More than there is room for. '.repeat(10));
  await page.getByText('This browser keeps nothing').waitFor();
});

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

it('[CUR4] a proxy that cuts lines on which nothing is said has nothing to cut', async () => {
  await behindProxy(async (page) => {
    let lines = 0;
    let quietMs = 0;
    let heardAt = performance.now();
    page.on('websocket', (socket) => {
      lines += 1;
      socket.on('framereceived', () => {
        quietMs = Math.max(quietMs, performance.now() - heardAt);
        heardAt = performance.now();
      });
    });
    await page.reload();
    await hasStatus(page, 'live');
    heardAt = performance.now();
    quietMs = 0;
    await page.waitForFunction(
      (end) => performance.now() > end,
      (await page.evaluate(() => performance.now())) + 12_000,
      {
        timeout: 20_000,
      },
    );
    // Proxies cut after 10 s at the earliest (60 by custom).
    expect(quietMs).toBeLessThan(8_000);
    expect(lines).toBe(1);
    await post(page, 'Through the proxy', 'Ana');
    await arrived(page, 'Through the proxy');
  });
});

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

describe('versions apart', () => {
  it.each([
    ['newer', '"protocol":2'],
    ['older', '"protocol":0'],
  ])(
    '[PAGE4] a page %s than the server says that it has to be loaded again, and keeps the text over that',
    async (_, said) => {
      const thread = newId();
      await world.write(thread, [{ body: 'Before' }]);
      const { page } = await world.readers.open('about:blank', COMPLAINTS);
      let isApart = false;
      const lines = new Set<WebSocketRoute>();
      await page.routeWebSocket(/socket\.io/, (socket) => {
        lines.add(socket);
        const server = socket.connectToServer();
        socket.onMessage((message) => server.send(isApart ? String(message).replace('"protocol":1', said) : message));
      });
      const address = world.article({ thread });
      await page.goto(address);
      await hasStatus(page, 'live');
      await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
      await box(page).fill('Begun before the update');
      isApart = true;
      for (const line of lines) await line.close();
      await page.getByText(/reload/i).waitFor();
      await reply(page, 'Before').waitFor();
      await box(page).press('End');
      await box(page).pressSequentially(', ended after it');
      isApart = false;
      await page.reload();
      await hasStatus(page, 'live');
      expect(await box(page).inputValue()).toBe('Begun before the update, ended after it');
      await page.getByRole('button', { name: 'Post reply' }).click();
      await arrived(page, 'ended after it');
      expect(await texts(thread)).toEqual(['Before', 'Begun before the update, ended after it']);
    },
  );

  it('a page leaves alone what a later server adds: fields, pushes, and codes of errors', async () => {
    const thread = newId();
    await world.write(thread, [{ body: 'Before' }]);
    const { page } = await world.readers.open('about:blank');
    let pushes = 0;
    await page.routeWebSocket(/socket\.io/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        const text = String(message);
        const [, head, json] = /^(4[23]\d*)(\[.*)$/s.exec(text) ?? [];
        if (!json) return socket.send(message);
        const packet = JSON.parse(json) as unknown[];
        const add = (value: unknown): unknown =>
          Array.isArray(value)
            ? value.map(add)
            : typeof value === 'object' && value !== null
              ? {
                  ...Object.fromEntries(
                    Object.entries(value).map(([key, one]) => [
                      key,
                      key === 'reactions' || key === 'votes' ? one : add(one),
                    ]),
                  ),
                  later: { a: 1 },
                }
              : value;
        socket.send(head + JSON.stringify(packet.map(add)));
        if (pushes++ % 2 === 0) socket.send('42["thread:later",{"thread":"x","what":[1,2]}]');
      });
    });
    await page.goto(world.article({ thread }));
    await hasStatus(page, 'live');
    await world.write(thread, [{ body: 'Pushed' }]);
    await page
      .getByRole('button', { name: /^Show 1 new repl/ })
      .click()
      .catch(() => {});
    await reply(page, 'Pushed').waitFor();
    await post(page, 'Written', 'Ben');
    await arrived(page, 'Written');
    expect(pushes).toBeGreaterThan(3);
  });
});

it('[LOAD1] [CUR5] a server that refuses new lines is read all the same, and gets what was written when it takes one', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  const { page } = await world.readers.open('about:blank', COMPLAINTS);
  let refusals = 0;
  let isBusy = true;
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    const body = { code: 'overloaded', message: 'busy', retry: 'later', retryAfterMs: 1_000 };
    socket.onMessage((message) => {
      if (!isBusy || !String(message).startsWith('40')) return server.send(message);
      refusals += 1;
      socket.send(`44${JSON.stringify({ message: 'busy', data: body })}`);
    });
  });
  await page.goto(world.article({ thread }));
  await reply(page, 'Before').waitFor();
  await until(() => refusals > 0, 'it to be refused');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
  await post(page, 'While it is busy');
  await page.getByText('waiting to send').waitFor();
  await until(() => refusals > 1, 'it to try again', { withinMs: 15_000 });
  isBusy = false;
  await arrived(page, 'While it is busy');
  expect(await texts(thread)).toEqual(['Before', 'While it is busy']);
});
