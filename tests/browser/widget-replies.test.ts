// What a reader does with replies that stand: taking back and bringing back, earlier versions, reports, long texts, code.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const reply = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });
const isFocused = (node: Element): boolean => node.matches(':focus');

async function open(thread: string, attributes = ''): Promise<Page> {
  const { page } = await world.readers.open(world.article({ thread, attributes }));
  await hasStatus(page, 'live');
  return page;
}

it('[PAGE11] removes at once and brings back, also after a reload', async () => {
  const thread = newId();
  const ana = await open(thread);
  await post(ana, 'Said in haste', 'Ana');
  const ben = await open(thread);
  await reply(ana, 'Said in haste').getByRole('button', { name: 'Remove' }).click();
  const undo = ana.getByRole('button', { name: 'Undo' });
  await expect.poll(() => undo.evaluate(isFocused)).toBe(true);
  await ben.getByRole('heading', { name: /No replies yet/ }).waitFor();
  await ana.reload();
  await undo.click();
  await reply(ana, 'Said in haste').waitFor();
  await expect.poll(() => reply(ana, 'Said in haste').evaluate(isFocused)).toBe(true);
  await ben.getByText('Said in haste').waitFor();
  expect(await undo.count()).toBe(0);
});

it('the author sees the earlier versions behind the mark of an edit; others see when it was', async () => {
  const thread = newId();
  const ana = await open(thread);
  await post(ana, 'First version', 'Ana');
  await reply(ana, 'First version').getByRole('button', { name: 'Edit' }).click();
  const box = ana.getByRole('textbox', { name: 'Your reply' });
  await expect.poll(() => box.inputValue()).toBe('First version');
  await box.fill('Second version');
  await ana.getByRole('button', { name: 'Save changes' }).click();
  await reply(ana, 'Second version').getByRole('button', { name: 'edited' }).click();
  const versions = ana.getByRole('dialog', { name: 'Earlier versions' });
  await versions.getByText('First version').waitFor();
  const ben = await open(thread);
  const mark = reply(ben, 'Second version').locator('time', { hasText: 'edited' });
  await expect.poll(() => mark.getAttribute('title')).toMatch(/\d{4}/);
  expect(await mark.getByRole('button').count()).toBe(0);
});

it('a report says why, reaches the server and is thanked for', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Buy pills' }]);
  const ben = await open(thread);
  await ben.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await ben.getByRole('textbox', { name: 'Your name' }).blur();
  await reply(ben, 'Buy pills').getByRole('button', { name: 'Report' }).click();
  const form = ben.getByRole('dialog', { name: 'Report' });
  await form.getByRole('radio', { name: 'Insults' }).check();
  await form.getByRole('textbox').fill('Rude as well');
  await form.getByRole('button', { name: 'Send report' }).click();
  await reply(ben, 'Buy pills').getByText('Thank you.').waitFor();
  const [row] = await world.app.database.sql`select reason, note from reports order by created_at desc limit 1`;
  expect(row).toMatchObject({ reason: 'abuse', note: 'Rude as well' });
});

it('[PAGE12] a long text is cut from the first paint on, until somebody reads more or goes to what is in it', async () => {
  const thread = newId();
  const lines = Array.from({ length: 60 }, (_, i) => `Line ${i}`).join('\n\n');
  const [id] = await world.write(thread, [
    { body: `${lines}\n\n[The end](https://example.org/end)` },
    { body: 'Short' },
  ]);
  const page = await open(thread);
  const long = reply(page, 'Line 0');
  const height = (): Promise<number> => long.locator('.body').evaluate((node) => node.clientHeight);
  const before = await height();
  const more = long.getByRole('button', { name: 'Read more' });
  await more.click();
  expect(await height()).toBeGreaterThan(before * 2);
  await long.getByRole('button', { name: 'Show less' }).click();
  await expect.poll(height).toBe(before);
  expect(await reply(page, 'Short').getByRole('button', { name: 'Read more' }).count()).toBe(0);
  await long.getByRole('link', { name: 'The end' }).focus();
  await expect.poll(height).toBeGreaterThan(before * 2);
  expect(await long.locator('.body').evaluate((node) => node.scrollTop)).toBe(0);
  await long.getByRole('button', { name: 'Show less' }).click();
  await expect.poll(height).toBe(before);
  await page.emulateMedia({ media: 'print' });
  expect(await height()).toBeGreaterThan(before * 2);
  await page.emulateMedia({ media: null });
  await page.evaluate((hash) => (location.hash = hash), `#reply-${id}`);
  await expect.poll(height).toBeGreaterThan(before * 2);
});

it('[PAGE12] code is scrolled by keys and copied by a button that takes no room', async () => {
  const thread = newId();
  const code = `const long = '${'x'.repeat(200)}';`;
  await world.write(thread, [{ body: `\`\`\`\n${code}\n\`\`\`` }]);
  const { page } = await world.readers.open(world.article({ thread }), {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await hasStatus(page, 'live');
  const pre = page.locator('article pre');
  await expect.poll(() => pre.evaluate((node) => node.tabIndex)).toBe(0);
  expect(await pre.evaluate((node) => getComputedStyle(node).marginTop)).toBe('0px');
  await page.locator('article').getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('status').getByText('Copied.').waitFor();
  expect((await page.evaluate(() => navigator.clipboard.readText())).trim()).toBe(code);
});

it('[PAGE13] after a night asleep the times are right as soon as somebody looks', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Said last night' }]);
  const { page } = await world.readers.open(world.article({ thread }), {
    timezoneId: 'Pacific/Auckland',
    locale: 'en-NZ',
  });
  await hasStatus(page, 'live');
  const time = reply(page, 'Said last night').locator('time').first();
  expect(await time.textContent()).toBe('now');
  const at = await time.evaluate((node) => Date.parse((node as HTMLTimeElement).dateTime));
  expect(await time.getAttribute('title')).toContain(
    new Intl.DateTimeFormat('en', { timeStyle: 'short', timeZone: 'Pacific/Auckland' }).format(at),
  );
  await page.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 9 * 3_600_000;
    dispatchEvent(new Event('focus'));
  });
  await expect.poll(() => time.textContent()).toBe('9 hours ago');
});

it('what is written, edited and removed elsewhere shows in place, and moves nothing', async () => {
  const thread = newId();
  const ana = await open(thread);
  await post(ana, 'First text', 'Ana');
  await world.write(thread, [{ body: 'Below it' }], 'Cleo');
  const ben = await open(thread);
  const top = (): Promise<number> => reply(ben, 'Below it').evaluate((node) => node.getBoundingClientRect().top);
  const before = await top();
  await reply(ana, 'First text').getByRole('button', { name: 'Edit' }).click();
  const box = ana.getByRole('textbox', { name: 'Your reply' });
  await expect.poll(() => box.inputValue()).toBe('First text');
  await box.fill('Other text');
  await ana.getByRole('button', { name: 'Save changes' }).click();
  await reply(ben, 'Other text').locator('time', { hasText: 'edited' }).waitFor();
  expect(
    await reply(ben, 'Other text')
      .locator('.body')
      .evaluate((node) => node.getAnimations().length),
  ).toBe(1);
  expect(await top()).toBe(before);
});

// The last one: the server goes on by these rules for a few seconds.
it('[PAGE11] asks first where the site gives no time to undo, and offers no edit behind its window', async () => {
  const { sql } = world.app.database;
  await sql`update sites set undo_seconds = 0, edit_window_seconds = 100`;
  try {
    const page = await open(newId());
    await post(page, 'For good', 'Ana');
    const own = reply(page, 'For good');
    // The server looks at a site's rules again every few seconds.
    const left = async (): Promise<number> => {
      await page.reload();
      await own.getByRole('button', { name: 'Remove' }).waitFor();
      return own.getByText('2 minutes left to edit').count();
    };
    await expect.poll(left, { timeout: 15_000 }).toBe(1);
    await own.getByRole('button', { name: 'Remove' }).click();
    await own.getByText('Remove this reply for everybody?').waitFor();
    await own.getByRole('button', { name: 'Keep it' }).click();
    await expect.poll(() => own.getByRole('button', { name: 'Remove' }).evaluate(isFocused)).toBe(true);
    await own.getByRole('button', { name: 'Remove' }).click();
    await own.getByRole('button', { name: 'Yes, remove it' }).click();
    await page.getByRole('heading', { name: /No replies yet/ }).waitFor();
    await sql`update sites set edit_window_seconds = 0`;
    const later = await open(newId());
    await post(later, 'Too late', 'Ana');
    const edit = async (): Promise<number> => {
      await later.reload();
      await reply(later, 'Too late').getByRole('button', { name: 'Remove' }).waitFor();
      return reply(later, 'Too late').getByRole('button', { name: 'Edit' }).count();
    };
    await expect.poll(edit, { timeout: 15_000 }).toBe(0);
  } finally {
    await sql`update sites set undo_seconds = default, edit_window_seconds = default`;
  }
}, 60_000);
