// How the talk is told apart from how it looks: headings, whom a reply answers, the keys, and where one stands when more comes.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { newId } from '../../shared/ids.js';
import { SPOKEN } from '../../widget/i18n/languages.js';
import { connectGuest } from '../support/client.js';
import { hasStatus, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => {
    let at: Element | null = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.closest('article')?.id ?? at?.localName;
  });

it('the page stays where more was asked for, and the first of what came stands there', async () => {
  const thread = newId();
  const ids = await world.write(
    thread,
    Array.from({ length: 65 }, (_, i) => ({ body: `Root ${i}` })),
  );
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const more = page.getByRole('button', { name: 'Show 45 more replies' });
  await more.scrollIntoViewIfNeeded();
  const last = page.locator(`[id="${ids[19]}"]`);
  const before = (await last.boundingBox())!.y;
  const { y } = (await more.boundingBox())!;
  await more.click();
  await page.getByText('Root 39').waitFor();
  expect(Math.abs((await last.boundingBox())!.y - before)).toBeLessThanOrEqual(1);
  expect(Math.abs((await page.locator(`[id="${ids[20]}"]`).boundingBox())!.y - y)).toBeLessThan(30);
});

it('each reply is a heading of its level and tells whom it answers, and the way there leads back', async () => {
  const thread = newId();
  const ids = await world.write(thread, [
    { body: 'Trunk' },
    { body: 'Twig', parent: 0 },
    { body: 'Leaf', parent: 1 },
    { body: 'Next' },
  ]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const heads = page.getByRole('heading', { name: /^Ana/ });
  await expect.poll(() => heads.count()).toBe(4);
  const levels = await heads.evaluateAll((all) => all.map((one) => one.ariaLevel));
  expect(levels).toEqual(['3', '4', '5', '3']);
  expect(await page.getByRole('link', { name: 'Replying to Ana' }).count()).toBe(2);
  const sign = page.locator(`[id="${ids[2]}"] [part=parent]`);
  await sign.click();
  await expect.poll(() => focused(page)).toBe(ids[1]);
  await page.getByRole('button', { name: 'Back to the answer' }).click();
  await expect.poll(() => focused(page)).toBe(ids[2]);
});

it('the key c leads to the composer, where it stands already as well', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One' }, { body: 'Two' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Reply', exact: true }).first().focus();
  await page.keyboard.press('j');
  await page.keyboard.press('c');
  await expect.poll(() => focused(page)).toBe('textarea');
  await page.keyboard.type('rc');
  expect(await page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('rc');
});

it('the order is changed in the settings, and stays as it is without a line', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Old' }, { body: 'New' }]);
  const { page } = await world.readers.open(world.article({ thread }), { allow: [/ERR_INTERNET_DISCONNECTED/] });
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Reading settings' }).click();
  const first = () => page.getByRole('article').first().innerText();
  await page.getByRole('radio', { name: 'Newest first' }).check();
  await expect.poll(first).toContain('New');
  await page.context().setOffline(true);
  await page.getByRole('radio', { name: 'Best first' }).click();
  await page.getByRole('dialog').locator('.problem').filter({ hasText: /./ }).waitFor();
  expect(await page.getByRole('radio', { name: 'Newest first' }).isChecked()).toBe(true);
  expect(await page.getByRole('radio', { name: 'Best first' }).isChecked()).toBe(false);
});

it('the focus stays at the place of a reply that goes while it is there', async () => {
  const thread = newId();
  const guest = await connectGuest(world.server, 'Ben');
  const joined = await guest.snapshot(thread);
  const [answered, alone, next] = [newId(), newId(), newId()];
  for (const [id, parent] of [
    [answered, null],
    [newId(), answered],
    [alone, null],
    [next, null],
  ] as const)
    await guest.must('reply:create', { thread: joined.thread.id, id, body: `Words of ${id}`, parent });
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const vote = (id: string) => page.locator(`[id="${id}"]`).getByRole('button', { name: 'Vote up' });
  await vote(answered).focus();
  await guest.must('reply:remove', { id: answered });
  await page.getByText('This reply was removed.').waitFor();
  expect(await focused(page)).toBe(answered);
  await vote(alone).focus();
  await guest.must('reply:remove', { id: alone });
  await page.locator(`[id="${alone}"]`).waitFor({ state: 'detached' });
  expect(await focused(page)).toBe(next);
  guest.close();
});

it('no language is wider than a narrow window, with the longest words of the status', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One' }, { body: 'Two', parent: 0 }]);
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 320, height: 700 } });
  await hasStatus(page, 'live');
  const { page: beside } = await world.readers.open(world.article({ thread }));
  await hasStatus(beside, 'live');
  await page.getByText('a few reading').waitFor();
  await page.getByRole('button', { name: 'Reply', exact: true }).last().click();
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Words');
  await page.getByRole('button', { name: 'Bold' }).waitFor();
  const wide: string[] = [];
  for (const lang of ['en', ...SPOKEN]) {
    await page.evaluate((to) => document.querySelector('afterword-discussion')!.setAttribute('lang', to), lang);
    await page.locator(`section[lang^="${lang.slice(0, 2)}"]`).waitFor();
    wide.push(
      ...(await page.evaluate((of) => {
        const root = document.querySelector('afterword-discussion')!.shadowRoot!;
        const over = [...root.querySelectorAll('header *, .actions *, form *')].filter((node) => {
          const { left, right, width } = node.getBoundingClientRect();
          return width > 0 && !node.closest('.unseen') && (left < 0 || right > innerWidth);
        });
        return over.map((node) => `${of}: ${node.localName} ${node.className} ${node.textContent}`);
      }, lang)),
    );
    if ((await page.evaluate(() => document.documentElement.scrollWidth)) > 320) wide.push(`${lang}: the page`);
  }
  expect(wide).toEqual([]);
});

it('a form at rest is whole on the narrowest screen with text of twice the size, in every language', async () => {
  const head = '<style>html{font-size:200%}</style>';
  const { page } = await world.readers.open(world.article({ head }), { viewport: { width: 320, height: 700 } });
  await hasStatus(page, 'live');
  const box = page.getByRole('textbox', { name: 'Your reply' });
  // What comes when it is touched stays, with its styles.
  await box.focus();
  await page.getByRole('toolbar').waitFor();
  await box.press('Escape');
  await page.locator('form:not(.open)').waitFor();
  const cut: string[] = [];
  for (const lang of ['en', ...SPOKEN]) {
    await page.evaluate((to) => document.querySelector('afterword-discussion')!.setAttribute('lang', to), lang);
    await page.locator(`section[lang="${lang}"]`).waitFor();
    const [wide, high] = await page.evaluate(() => {
      const area = document.querySelector('afterword-discussion')!.shadowRoot!.querySelector('textarea')!;
      return [document.documentElement.scrollWidth > innerWidth, area.scrollHeight > area.clientHeight];
    });
    if (wide) cut.push(`${lang}: wider than the screen`);
    if (high) cut.push(`${lang}: ${await page.locator('textarea').getAttribute('placeholder')}`);
  }
  expect(cut).toEqual([]);
});
