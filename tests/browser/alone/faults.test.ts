// What a browser and a server do to a discussion, beside bad lines: each time nothing that was written is lost
// or doubled, and the state is told, to those who don't see it, too.
import type { Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { until } from '../../support/until.js';
import { box } from '../../support/opened.js';
import { cuttable, hasStatus, post, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const COMPLAINTS = { allow: [/Failed to load resource/, /WebSocket/, /CORS/] };
const reply = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });
/** Only what has arrived at the server can be changed. */
const arrived = (page: Page, text: string) => reply(page, text).getByRole('button', { name: 'Edit' }).waitFor();
/** In sight, and to those who listen. */
const isTold = async (page: Page, words: string): Promise<void> => {
  await page.locator('.foot').getByText(words).waitFor();
  await page.locator('[role=status].unseen', { hasText: words }).waitFor();
};
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
  await page.getByText('waiting to send', { exact: true }).waitFor();
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

const LOST = 'This browser keeps nothing: the text is lost when the page is closed.';

/** The browser asks its reader, who stays. */
async function asksBeforeItGoes(page: Page): Promise<void> {
  const asked = page.waitForEvent('dialog');
  void page.reload().catch(() => {});
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
}

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
    await isTold(page, LOST);
    await asksBeforeItGoes(page);
    expect(await box(page).inputValue()).toBe('Only here');
    await page.getByRole('button', { name: 'Post reply' }).click();
    await arrived(page, 'Only here');
    expect(await texts(thread)).toEqual(['Only here']);
    // With nothing to lose it asks nobody.
    await page.reload();
    await reply(page, 'Only here').waitFor();
  });

  it('from the middle of a text on, that is told as well, and the browser asks until it has been sent', async () => {
    const thread = newId();
    await world.write(thread, [{ body: 'Before' }]);
    const { page } = await world.readers.open(world.article({ thread }), {
      allow: [/INTERNET_DISCONNECTED|Failed to load|WebSocket/],
      viewport: { width: 360, height: 800 },
    });
    await hasStatus(page, 'live');
    await page.getByRole('button', { name: 'Reply', exact: true }).click();
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    await box(page).fill('Begun');
    await page.getByText('Draft kept').waitFor();
    // What the site itself keeps fills all that there is.
    await page.evaluate(() => {
      let piece = 'x'.repeat(2 ** 20);
      for (let n = 0; piece; n++) {
        try {
          localStorage.setItem(`site:${n}`, piece);
        } catch {
          piece = piece.slice(piece.length / 2);
          if (piece.length === 1) piece = '';
        }
      }
    });
    await box(page).press('End');
    await box(page).pressSequentially(` before it was full${' of other things'.repeat(8)}.`);
    await isTold(page, LOST);
    // On a small screen, too, in sight.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await asksBeforeItGoes(page);
    await page.context().setOffline(true);
    await hasStatus(page, 'offline');
    await page.getByRole('button', { name: 'Post reply' }).click();
    await page.getByText('waiting to send').waitFor();
    // The form that it was written in has gone.
    await asksBeforeItGoes(page);
    await page.context().setOffline(false);
    await arrived(page, 'Begun before it was full');
    expect(await texts(thread)).toEqual(['Before', expect.stringMatching(/^Begun before .* of other things\.$/)]);
    await page.reload();
    await reply(page, 'Begun before it was full').waitFor();
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
      await page.getByRole('alert').filter({ hasText: 'This page is out of date. Reload it.' }).waitFor();
      // Where one writes as well.
      await page.getByText('Draft kept · This page is out of date. Reload it.').waitFor();
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

  it('[PAGE7] a page whose parts an updated server has no more leads to the name, and sends what is written all the same', async () => {
    const thread = newId();
    await world.write(thread, [{ body: 'Before' }]);
    const { page } = await world.readers.open(world.article({ thread }), COMPLAINTS);
    await page.route(/\/(writing|tools)-/, (route) => route.fulfill({ status: 404 }));
    await hasStatus(page, 'live');
    await post(page, 'After the update');
    await page.keyboard.type('Ana');
    await page.keyboard.press('Enter');
    await arrived(page, 'After the update');
    expect(await texts(thread)).toEqual(['Before', 'After the update']);
  });

  it('[PAGE18] a page whose parts an updated server has no more says so to who asks for one, and asks again', async () => {
    const { page } = await world.readers.open(world.article({ thread: newId() }), COMPLAINTS);
    await hasStatus(page, 'live');
    const settings = page.getByRole('button', { name: 'Reading settings' });
    for (const part of [/\/tools-/, /\/sheets-/]) {
      let asked = 0;
      await page.route(part, (route) => ((asked += 1), route.fulfill({ status: 404 })));
      await settings.click();
      // Under its name, and past what the browser remembers of that.
      await until(() => asked === 2, 'it to be asked for');
      await page.locator('[role=status].unseen', { hasText: 'Not loaded. Try again' }).waitFor();
      await page.unroute(part);
    }
    // As somebody does who waits for a slow line.
    await settings.dblclick();
    await page.getByRole('dialog').waitFor();
  });

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
  // Little more than the server asks for, however often it did.
  await page.addInitScript(() => void (Math.random = () => 0.05));
  await page.goto(world.article({ thread }));
  await reply(page, 'Before').waitFor();
  await until(() => refusals > 0, 'it to be refused');
  const heard = page.locator('[role=status].unseen');
  await page.mouse.move(1, 1);
  await heard.filter({ hasText: /^offline since/ }).waitFor();
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
  await page.locator('.foot').getByText('The server is busy. Try again in a moment.').waitFor();
  await post(page, 'While it is busy');
  await page.getByText('waiting to send').waitFor();
  await until(() => refusals > 1, 'it to try again', { withinMs: 15_000 });
  isBusy = false;
  // Together, or one after the other.
  await heard.filter({ hasText: 'live' }).waitFor();
  await heard.filter({ hasText: 'Your reply is posted.' }).waitFor();
  await arrived(page, 'While it is busy');
  expect(await texts(thread)).toEqual(['Before', 'While it is busy']);
});

it('[LOAD1] [CUR5] what a server takes no more of for now is said with the time when it is sent, and is sent then', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  const { page } = await world.readers.open('about:blank');
  let isBusy = true;
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    const error = { code: 'overloaded', message: 'busy', retry: 'later', retryAfterMs: 1_000 };
    socket.onMessage((message) => {
      const [, id] = /^42(\d+)\["(?:reply|me):/.exec(String(message)) ?? [];
      if (id && isBusy) socket.send(`43${id}${JSON.stringify([{ ok: false, error }])}`);
      else server.send(message);
    });
  });
  await page.goto(world.article({ thread }));
  await hasStatus(page, 'live');
  await post(page, 'More than it can take', 'Ana');
  const said = /waiting to send · sends by itself in \d+ sec/;
  await reply(page, 'More than it can take').getByText(said).waitFor();
  await page.locator('[role=status].unseen', { hasText: said }).waitFor();
  isBusy = false;
  await arrived(page, 'More than it can take');
  expect(await texts(thread)).toEqual(['Before', 'More than it can take']);
});
