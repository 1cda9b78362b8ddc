// Votes and reactions: shown at once, one for each person, the same for everybody, and kept where there is no line.
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
const up = (page: Page, text = 'Vote for me') => reply(page, text).getByRole('button', { name: 'Vote up' });
const score = (page: Page, text = 'Vote for me') => reply(page, text).locator('.votes .n');

/** Somebody with a name, looking at a thread with one reply of Ana's. */
async function reader(thread: string, options: { name?: string; attributes?: string } = {}): Promise<Page> {
  const { name, attributes = '' } = options;
  const { page } = await world.readers.open(world.article({ thread, attributes }));
  await hasStatus(page, 'live');
  if (name) await page.getByRole('textbox', { name: 'Your name' }).fill(name);
  if (name) await page.getByRole('textbox', { name: 'Your name' }).blur();
  return page;
}

it('[PAGE10] a vote shows at once here and live for others, and is taken back by the same button', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const [ben, cleo] = await Promise.all([reader(thread, { name: 'Ben' }), reader(thread)]);
  await up(ben).click();
  await expect.poll(() => up(ben).getAttribute('aria-pressed')).toBe('true');
  await expect.poll(() => score(cleo).textContent()).toBe('1');
  expect(await up(cleo).getAttribute('aria-pressed')).toBe('false');
  expect(await up(ben).getAttribute('aria-describedby')).toMatch(/^by-/);
  await up(ben).click();
  await expect.poll(() => score(cleo).textContent()).toBe('');
  await expect.poll(() => score(ben).textContent()).toBe('');
});

it('[PAGE10] the owner chooses: up and down, up alone, or none', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const down = (page: Page) => reply(page, 'Vote for me').getByRole('button', { name: 'Vote down' });
  const both = await reader(thread, { name: 'Ben', attributes: 'data-votes="updown"' });
  await down(both).click();
  await expect.poll(() => score(both).textContent()).toBe('-1');
  await up(both).click();
  await expect.poll(() => score(both).textContent()).toBe('1');
  expect(await down(both).getAttribute('aria-pressed')).toBe('false');
  const alone = await reader(thread);
  await up(alone).waitFor();
  expect(await down(alone).count()).toBe(0);
  const none = await reader(thread, { attributes: 'data-votes="none"' });
  await reply(none, 'Vote for me').getByRole('button', { name: 'Report' }).waitFor();
  expect(await up(none).count()).toBe(0);
});

it('[PAGE10] who has no name is asked for one where they voted, and the vote counts then', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const [ben, cleo] = await Promise.all([reader(thread), reader(thread)]);
  await up(ben).click();
  const box = ben.getByRole('textbox', { name: 'A name first' });
  await expect.poll(() => box.evaluate((node) => node.matches(':focus'))).toBe(true);
  await box.fill('Ben');
  await box.press('Enter');
  await expect.poll(() => score(cleo).textContent()).toBe('1');
  await expect.poll(() => box.count()).toBe(0);
  expect(await up(ben).getAttribute('aria-pressed')).toBe('true');
});

it('[PAGE10] who gives no name takes the vote back, with Escape or a press, and is where they were', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const cleo = await reader(thread);
  const box = cleo.getByRole('textbox', { name: 'A name first' });
  const isAtVote = () => up(cleo).evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node);
  await up(cleo).click();
  await box.press('Escape');
  await box.waitFor({ state: 'detached' });
  expect(await score(cleo).textContent()).toBe('');
  expect(await up(cleo).getAttribute('aria-pressed')).toBe('false');
  expect(await isAtVote()).toBe(true);
  await up(cleo).click();
  await box.fill('Not me after all');
  await cleo.getByRole('button', { name: 'Take back' }).click();
  await box.waitFor({ state: 'detached' });
  expect(await score(cleo).textContent()).toBe('');
  await up(cleo).click();
  await box.waitFor();
  await up(cleo).click();
  await box.waitFor({ state: 'detached' });
  expect(await score(cleo).textContent()).toBe('');
});

it('[PAGE10] who has no name gives one with a report, and is thanked', async () => {
  const thread = newId();
  const [id] = await world.write(thread, [{ body: 'Vote for me' }]);
  const cleo = await reader(thread);
  await reply(cleo, 'Vote for me').getByRole('button', { name: 'Report' }).click();
  const box = cleo.getByRole('dialog', { name: 'Report' });
  const send = box.getByRole('button', { name: 'Send report' });
  await send.click();
  expect(await box.isVisible()).toBe(true);
  await box.getByRole('textbox', { name: 'Your name' }).fill('Cleo');
  await send.click();
  await cleo.getByText('Thank you.').first().waitFor();
  const reports = await world.app.database.sql`select reason from reports where reply_id = ${id!}`;
  expect(reports.map(({ reason }) => reason as string)).toEqual(['spam']);
});

it('[PAGE10] without a line a vote waits, also across a reload, and the last wish wins', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const [ben, cleo] = await Promise.all([reader(thread, { name: 'Ben' }), reader(thread)]);
  await up(ben).waitFor();
  // A line that is still being made when the network goes is complained about by the browser.
  await hasStatus(ben, 'live');
  await ben.context().setOffline(true);
  await hasStatus(ben, 'offline');
  await up(ben).click();
  expect(await score(ben).textContent()).toBe('1');
  expect(await score(cleo).textContent()).toBe('');
  await ben.context().setOffline(false);
  await ben.reload();
  await expect.poll(() => score(cleo).textContent()).toBe('1');
  await expect.poll(() => up(ben).getAttribute('aria-pressed')).toBe('true');
});

it('[PAGE10] many presses are few requests, and the last one counts', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const ben = await reader(thread, { name: 'Ben' });
  await up(ben).waitFor();
  await up(ben).evaluate((node: HTMLElement) => {
    for (let i = 0; i < 21; i++) node.click();
  });
  await expect.poll(() => up(ben).getAttribute('aria-pressed')).toBe('true');
  await ben.reload();
  await expect.poll(() => score(ben).textContent()).toBe('1');
});

it('[PAGE10] [VIEW1] who comes back sees what they chose', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const ben = await reader(thread, { name: 'Ben' });
  await up(ben).click();
  await expect.poll(() => score(ben).textContent()).toBe('1');
  await hasStatus(ben, 'live');
  await expect
    .poll(() => ben.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('mine:'))))
    .toEqual([]);
  await ben.reload();
  await hasStatus(ben, 'live');
  await up(ben).waitFor();
  await expect.poll(() => up(ben).getAttribute('aria-pressed')).toBe('true');
  expect(await score(ben).textContent()).toBe('1');
});

it('[PAGE10] reactions of the site: chosen from a small box by keys, counted for all', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const [ben, cleo] = await Promise.all([reader(thread, { name: 'Ben' }), reader(thread, { name: 'Cleo' })]);
  const add = reply(ben, 'Vote for me').getByRole('button', { name: 'Add a reaction' });
  await add.focus();
  await ben.keyboard.press('Enter');
  const box = ben.getByRole('dialog', { name: 'Add a reaction' });
  await box.waitFor();
  await ben.keyboard.press('Escape');
  await expect.poll(() => box.count()).toBe(0);
  await expect.poll(() => add.evaluate((node) => node.matches(':focus'))).toBe(true);
  await ben.keyboard.press('Enter');
  await box.waitFor();
  await ben.keyboard.press('ArrowRight');
  await ben.keyboard.press('Enter');
  const chip = (page: Page, name: RegExp) => reply(page, 'Vote for me').getByRole('button', { name });
  await chip(ben, /^❤️ 1, chosen by you$/).waitFor();
  await chip(cleo, /^❤️ 1$/).click();
  await chip(ben, /^❤️ 2, chosen by you$/).waitFor();
  await chip(ben, /^❤️ 2, chosen by you$/).click();
  await chip(ben, /^❤️ 1$/).waitFor();
  await chip(cleo, /^❤️ 1, chosen by you$/).waitFor();
});

it('[PAGE10] own replies and closed threads show what was given and take nothing', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Vote for me' }]);
  const ben = await reader(thread, { name: 'Ben' });
  await up(ben).click();
  await post(ben, 'My own words', 'Ben');
  await reply(ben, 'My own words').getByRole('button', { name: 'Edit' }).waitFor();
  expect(await up(ben, 'My own words').count()).toBe(0);
  await world.app.database
    .sql`update threads set state = 'closed', head = head + 1, info_seq = head + 1 where key = ${thread}`;
  const cleo = await reader(thread);
  await up(cleo).waitFor();
  expect(await up(cleo).isDisabled()).toBe(true);
  expect(await score(cleo).textContent()).toBe('1');
});
