// Every state of the widget as a picture: light and dark, 320 and 1280 px, left to right and right to left, brought about
// by real doing on a real server. They land in tests/.artifacts/gallery, with an index to look at all of them.
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { hasStatus, World } from '../support/widget.js';

const FOLDER = resolve(import.meta.dirname, '../.artifacts/gallery');
const HEAD = `<style>:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; margin: 1.5rem }</style>`;
const VIEWS = (['light', 'dark'] as const).flatMap((scheme) =>
  [320, 1280].flatMap((width) => ['en', 'ar'].map((lang) => ({ scheme, width, lang }))),
);

let world: World;
const shown = new Map<string, string[]>();
beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  world = await World.make();
});
afterAll(async () => {
  await world.end();
  const rows = [...shown].map(
    ([state, files]) =>
      `<h2>${state}</h2><div>${files.map((file) => `<a href="${file}"><img src="${file}"></a>`).join('')}</div>`,
  );
  const style =
    'body{font:16px system-ui;margin:2rem}div{display:flex;gap:8px;overflow:auto}img{height:420px;border:1px solid #999}';
  await writeFile(resolve(FOLDER, 'index.html'), `<meta charset="utf-8"><style>${style}</style>${rows.join('')}`);
});

const TALK = [
  {
    body: 'A first thought, with *emphasis*, `code` and [a link](https://example.org/somewhere).\n\n> What somebody said before',
  },
  { body: 'I see it **another way**:\n\n- one reason\n- another one', parent: 0 },
  { body: 'Which way?', parent: 1 },
  { body: 'The way of all things.', parent: 2 },
  { body: 'سلام! متن فارسی با یک نام English در میان آن.', parent: 0 },
  {
    body: '```js\nfor (const line of lines) if (line.length > 80) console.log(line, "is a long line that has to scroll somewhere");\n```',
  },
  { body: Array.from({ length: 40 }, (_, i) => `Line ${i + 1} of a long reply.`).join('\n') },
];

interface Stage {
  thread: string;
  ids: string[];
  page: Page;
  lang: string;
}

/** `allow`: complaints of the page that belong to the state. */
function state(
  name: string,
  act: (stage: Stage) => Promise<unknown>,
  options: { talk?: boolean; attributes?: string; site?: string; allow?: RegExp[] } = {},
): void {
  const { talk = true, attributes = '', site = 'demo', allow = [] } = options;
  it(name, async () => {
    for (const { scheme, width, lang } of VIEWS) {
      const thread = newId();
      const ids = talk ? await world.write(thread, TALK) : [];
      const url = world.article({
        thread,
        lang,
        place: `<script async src="${world.server}/afterword.js" data-site="${site}" data-thread="${thread}" ${attributes}></script>`,
        head: HEAD,
        title: lang === 'ar' ? 'مقال' : 'A letter box with teeth',
      });
      const { page } = await world.readers.open(url, { viewport: { width, height: 900 }, colorScheme: scheme, allow });
      if (site === 'demo') await hasStatus(page, 'live');
      await act({ thread, ids, page, lang });
      await page.evaluate(() => document.fonts.ready);
      const file = `${name.replaceAll(' ', '-')}-${scheme}-${width}-${lang}.png`;
      await page.screenshot({ path: resolve(FOLDER, file), fullPage: true });
      shown.set(name, [...(shown.get(name) ?? []), file]);
      await page.context().close();
    }
  });
}

const root = (page: Page) => page.locator('afterword-discussion');
const reply = (page: Page, id: string) => page.locator(`article[id="${id}"]`);

state('nothing yet', () => Promise.resolve(), { talk: false });
state('a talk', ({ page }) => root(page).locator('.votes').first().waitFor());
state('paper', ({ page }) => root(page).locator('.votes').first().waitFor(), { attributes: 'data-look="paper"' });
state('compact', ({ page }) => root(page).locator('.votes').first().waitFor(), { attributes: 'data-look="compact"' });
state('strong contrast', ({ page }) => root(page).locator('.votes').first().waitFor(), {
  attributes: 'data-theme="contrast"',
});
state(
  'arrivals wait',
  async ({ page, thread, ids }) => {
    await root(page).locator('.votes').first().waitFor();
    await world.answer(thread, ids[0]!, 'An answer that waits', 'Ben');
    await world.write(thread, [{ body: 'A reply that waits' }], 'Ben');
    await root(page).locator('.arrivals button').waitFor();
  },
  { attributes: 'data-pace="hold"' },
);
state('own reply and its tools', async ({ page }) => {
  const box = root(page).locator('textarea');
  await root(page).locator('input').fill('Ana');
  await box.fill('My own words');
  await root(page).locator('.post').click();
  await root(page).locator('article', { hasText: 'My own words' }).locator('.actions button').nth(2).waitFor();
});
state('writing', async ({ page }) => {
  const box = root(page).locator('textarea');
  await box.focus();
  await root(page).locator('.bar').waitFor();
  await box.fill('Some **words** and :smil');
  await box.press('End');
  await box.press('e');
  await root(page).locator('[role=listbox]').waitFor();
});
state('preview', async ({ page }) => {
  const box = root(page).locator('textarea');
  await box.focus();
  await box.fill('Some **words**, a [link](https://example.org)\n\n- and a list');
  await root(page).locator('.preview-toggle').click();
  await root(page).locator('.preview.body').waitFor();
});
state('answering', async ({ page, ids }) => {
  await reply(page, ids[1]!).locator('.actions button').first().click();
  await root(page).locator('.bar').waitFor();
});
state('settings', async ({ page }) => {
  await root(page).locator('.settings').click();
  await root(page).locator('dialog[open]').waitFor();
});
state('keys', async ({ page, ids }) => {
  await reply(page, ids[0]!).focus();
  await page.keyboard.press('?');
  await root(page).locator('dialog[open]').waitFor();
});
state('folded', async ({ page }) => {
  await root(page).locator('.fold').first().click();
  await root(page).locator('.unfold').waitFor();
});
state('a link to a deep reply', async ({ page, ids }) => {
  await page.evaluate((id) => (location.hash = `reply-${id}`), ids[3]!);
  await root(page).locator('[aria-current]').waitFor();
});
state('removed and edited', async ({ page, ids }) => {
  const { service, store } = world.app;
  const row = (await store.reply(ids[1]!))!;
  const author = (await store.author(row.authorId))!;
  const actor = { author, site: (await store.site(author.siteId))! };
  await service.remove(actor, { id: ids[1]! });
  await service.edit(actor, { id: ids[2]!, body: 'Which way, then?', base: 1 });
  await root(page).locator('.removed').waitFor();
});
state('closed', async ({ page, thread }) => {
  const found = await world.app.store.findThread('demo', thread);
  await world.app.service.setState(found!.id, 'closed');
  await root(page).locator('.note').waitFor();
});
state(
  'offline with a reply that waits',
  async ({ page }) => {
    await root(page).locator('textarea').focus();
    await root(page).locator('.bar').waitFor();
    await page.context().setOffline(true);
    await root(page).and(page.locator('[status=offline]')).waitFor();
    await root(page).locator('input').fill('Ana');
    await root(page).locator('textarea').fill('Written on a train');
    await root(page).locator('.post').click();
    await root(page).locator('.pending').waitFor();
  },
  { allow: [/WebSocket|INTERNET_DISCONNECTED|Failed to load/] },
);
state('an unknown site', ({ page }) => root(page).getByText('nobody').waitFor(), {
  talk: false,
  site: 'nobody',
  allow: [/404|403|Failed to load/],
});
