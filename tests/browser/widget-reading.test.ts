// Reading a discussion: its order, its branches, its pages, its languages, and what is said to those who don't see it.
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const chain = (length: number) =>
  Array.from({ length }, (_, i) => ({ body: `Level ${i}`, ...(i > 0 && { parent: i - 1 }) }));

it('a branch folds at its line and unfolds again, with the keyboard too', async () => {
  const thread = newId();
  await world.write(thread, [
    { body: 'Trunk' },
    { body: 'Twig', parent: 0 },
    { body: 'Leaf', parent: 1 },
    { body: 'Next' },
  ]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const fold = page.getByRole('button', { name: 'Fold the replies to Ana' }).first();
  expect(await fold.getAttribute('aria-expanded')).toBe('true');
  expect((await fold.boundingBox())!.width).toBeGreaterThanOrEqual(24);
  await fold.focus();
  await page.keyboard.press('Enter');
  await page.getByText('Twig').waitFor({ state: 'detached' });
  const unfold = page.getByRole('button', { name: 'Unfold 2 replies' });
  expect(await unfold.getAttribute('aria-expanded')).toBe('false');
  await page.getByText('Next').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Leaf').waitFor();
});

it('[PAGE3] the rest of a long list and of a branch come on demand, and the reader goes on at the first of them', async () => {
  const thread = newId();
  const roots = Array.from({ length: 23 }, (_, i) => ({ body: `Root ${i}` }));
  const children = Array.from({ length: 7 }, (_, i) => ({ body: `Child ${i}`, parent: 0 }));
  await world.write(thread, [...roots, ...children]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const text = () =>
    page.evaluate(
      () => (document.querySelector('afterword-discussion')!.shadowRoot!.activeElement as HTMLElement)?.innerText,
    );
  await page.getByRole('button', { name: 'Show 3 more in this branch' }).press('Enter');
  await page.getByText('Child 6').waitFor();
  expect(await text()).toContain('Child 4');
  await page.getByRole('button', { name: 'Show 3 more replies' }).press('Enter');
  await page.getByText('Root 22').waitFor();
  expect(await text()).toContain('Root 20');
  expect(await page.getByRole('button', { name: /more/ }).count()).toBe(0);
  expect(await page.getByRole('article').count()).toBe(30);
});

it('[PAGE18] the button for more says that it loads, keeps the focus where the next replies begin, and where it fails says so', async () => {
  const thread = newId();
  await world.write(
    thread,
    Array.from({ length: 65 }, (_, i) => ({ body: `Root ${i}` })),
  );
  const { page } = await world.readers.open(world.article({ thread }), { allow: [/ERR_INTERNET_DISCONNECTED/] });
  await hasStatus(page, 'live');
  const { service } = world.app;
  const pages = vi.spyOn(service.threads, 'page');
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  pages.mockImplementationOnce(async () => {
    await gate;
    throw new AppError('overloaded', { retryAfterMs: 1_000 });
  });
  const more = page.locator('button.more');
  const isFocused = () => more.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node);
  await page.getByRole('button', { name: 'Show 45 more replies' }).press('Enter');
  await page.getByRole('button', { name: 'Loading…' }).waitFor();
  expect(await more.getAttribute('aria-busy')).toBe('true');
  open();
  await page.getByRole('button', { name: 'Not loaded. Try again' }).waitFor();
  expect(await more.getAttribute('aria-busy')).toBe('false');
  expect(await isFocused()).toBe(true);
  await expect.poll(() => page.getByRole('status').allTextContents()).toContain('Not loaded. Try again');

  await page.context().setOffline(true);
  await hasStatus(page, 'offline');
  await more.press('Enter');
  await page.getByRole('button', { name: 'Not loaded. Try again' }).waitFor();
  expect(await isFocused()).toBe(true);
  await page.context().setOffline(false);
  await hasStatus(page, 'live');
  await more.press('Enter');
  await page.getByText('Root 39').waitFor();
  const next = page.locator('article', { hasText: 'Root 20' });
  expect(await next.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
  await page.getByRole('button', { name: 'Show 25 more replies' }).waitFor();
  pages.mockRestore();
});

it('newest first, the composer and arrivals stand at the top', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Old' }, { body: 'New' }]);
  const { page } = await world.readers.open(world.article({ thread, attributes: 'data-sort="newest"' }));
  await hasStatus(page, 'live');
  expect(await page.getByRole('article').allInnerTexts()).toEqual([
    expect.stringContaining('New'),
    expect.stringContaining('Old'),
  ]);
  const y = async (locator: ReturnType<typeof page.locator>) => (await locator.boundingBox())!.y;
  expect(await y(page.getByRole('form'))).toBeLessThan(await y(page.getByRole('article').first()));
  await world.write(thread, [{ body: 'Newest' }], 'Ben');
  const pill = page.getByRole('button', { name: 'Show 1 new reply' });
  await pill.waitFor();
  await pill.click();
  await page.getByText('Newest').waitFor();
  expect(await page.getByRole('article').first().innerText()).toContain('Newest');
});

it('a removed reply with answers leaves its place, without its words', async () => {
  const thread = newId();
  const [id] = await world.write(thread, [{ body: 'Regretted' }, { body: 'Answered', parent: 0 }]);
  await world.app.database
    .sql`update replies set state = 'removed', body = '', html = '', seq = seq + 10, body_seq = seq + 10 where id = ${id!}`;
  await world.app.database.sql`update threads set head = head + 10, count = 1 where key = ${thread}`;
  const { page } = await world.readers.open(world.article({ thread }));
  await page.getByText('This reply was removed.').waitFor();
  await page.getByText('Answered').waitFor();
  await hasStatus(page, 'live');
  expect(await page.getByText('Regretted').count()).toBe(0);
});

it('forty levels fit a phone', async () => {
  const thread = newId();
  await world.write(thread, chain(40));
  for (const width of [320, 900]) {
    const { page } = await world.readers.open(world.article({ thread }), { viewport: { width, height: 900 } });
    await hasStatus(page, 'live');
    for (let level = 0; level < 40; level++) {
      if (await page.getByText(`Level ${level}`, { exact: true }).count()) continue;
      await page.getByRole('button', { name: /more in this branch|Continue this branch/ }).click();
      await page.getByText(`Level ${level}`, { exact: true }).waitFor();
    }
    const deepest = await page.getByText('Level 39', { exact: true }).boundingBox();
    expect(deepest!.width).toBeGreaterThan(width * 0.45);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
});

it('speaks the page’s language, from right to left where that is written so', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Erster' }, { body: 'سلام' }]);
  const german = await world.readers.open(world.article({ thread, lang: 'de-AT', title: 'Brief' }));
  await german.page.getByRole('heading', { name: '2 Antworten zu „Brief“' }).waitFor();
  await german.page.getByRole('button', { name: 'Antwort senden' }).waitFor({ state: 'attached' });
  const persian = await world.readers.open(world.article({ thread, lang: 'fa', title: 'نامه' }));
  await persian.page.getByRole('heading', { name: '۲ پاسخ به «نامه»' }).waitFor();
  const root = persian.page.locator('#root');
  expect(await root.getAttribute('dir')).toBe('rtl');
  const [avatar, name] = await Promise.all([
    persian.page.locator('.avatar').first().boundingBox(),
    persian.page.locator('.name').first().boundingBox(),
  ]);
  expect(avatar!.x).toBeGreaterThan(name!.x);
  const klingon = await world.readers.open(world.article({ thread, lang: 'tlh', title: 'Letter' }));
  await klingon.page.getByRole('heading', { name: '2 replies on “Letter”' }).waitFor();
});

it.each([
  { what: 'come late', holds: 500, said: ['jetzt|Antworten'] },
  { what: 'do not come', holds: 60_000, said: ['now|Reply'] },
])('[PAGE13] replies whose words $what are not said in two languages', async ({ holds, said }) => {
  const thread = newId();
  await world.write(thread, [{ body: 'Erster' }]);
  const { page } = await world.readers.open(world.page('<p>soon</p>'), {
    init: () => {
      const seen = new Set<string>();
      Object.assign(globalThis, { seen });
      const look = (): void => {
        const reply = document.querySelector('afterword-discussion')?.shadowRoot?.querySelector('article');
        const say = (part: string): string => reply?.querySelector(`[part=${part}]`)?.textContent.trim() ?? '';
        if (reply) seen.add(`${say('time').split(' ')[0]}|${say('button')}`);
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
  });
  // The line takes so long once: the file is fetched, and then imported out of the cache, which is off where requests are held.
  let late: Promise<unknown> | undefined;
  await page.route(/widget\/de-/, async (route) => {
    await (late ??= new Promise((go) => setTimeout(go, holds).unref()));
    await route.continue().catch(() => {});
  });
  await page.goto(world.article({ thread, lang: 'de' }));
  await page.getByText('Erster').waitFor();
  await hasStatus(page, 'live');
  expect(await page.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen])).toEqual(said);
});

it('tells those who don’t see the page what arrived and what became of their own, politely and together', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const region = page.locator('afterword-discussion [role=status]');
  expect(await region.textContent()).toBe('');
  await world.write(thread, [{ body: 'Second' }, { body: 'Third' }], 'Ben');
  await expect.poll(() => region.textContent()).toMatch(/2 new replies|1 new reply/);
  await post(page, 'Mine', 'Cleo');
  await expect.poll(() => region.textContent(), { timeout: 8_000 }).toContain('Your reply is posted.');
});

it('shows no tooltip of the title over the text', async () => {
  const { page } = await world.readers.open(
    world.article({
      place: `<script async src="${world.server}/afterword.js" data-site="demo"></script><afterword-discussion title="Mine" thread="${newId()}"></afterword-discussion>`,
    }),
  );
  await page.getByRole('heading', { name: 'No replies yet on “Mine”' }).waitFor();
  expect(await page.locator('#root').getAttribute('title')).toBe('');
});

it('every button and field is large enough to be hit', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One' }, { body: 'Two', parent: 0 }]);
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 320, height: 800 } });
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).click();
  for (const target of await page.locator('afterword-discussion :is(button, input, textarea)').all()) {
    const box = (await target.boundingBox())!;
    expect([box.width >= 24, box.height >= 24], await target.evaluate((node) => node.outerHTML)).toEqual([true, true]);
  }
});
