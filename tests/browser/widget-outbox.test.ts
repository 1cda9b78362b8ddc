// Own replies on their way: where each stands, why, and what can be done about it.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { article, button } from '../support/opened.js';
import { cuttable, hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make({ rateLimits: true });
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const allow = [/WebSocket|INTERNET_DISCONNECTED|Failed to load/];

async function reader(thread: string = newId()): Promise<Page> {
  const { page } = await world.readers.open(world.article({ thread }), { allow });
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).focus();
  await page.getByRole('toolbar').waitFor();
  return page;
}

it('[CUR5] shows what waits for the line, one by one and together, and sends what is left when it is back', async () => {
  const thread = newId();
  const page = await reader(thread);
  await page.context().setOffline(true);
  await hasStatus(page, 'offline');
  await post(page, 'One', 'Ana');
  await article(page, 'One').getByText('waiting to send').waitFor();
  await page.locator('[role=status].unseen', { hasText: 'waiting to send' }).waitFor();
  await post(page, 'Two');
  await post(page, 'Three');
  await page.getByText('3 replies wait to be sent').waitFor();

  // Asked first, with the focus on the harmless answer.
  await button(article(page, 'Two'), 'Discard').click();
  await page.getByText('Discard this text for good?').waitFor();
  await page.keyboard.press('Enter');
  await button(article(page, 'Two'), 'Take back').waitFor();
  await button(article(page, 'Two'), 'Discard').click();
  await button(article(page, 'Two'), 'Discard').click();
  await page.getByText('2 replies wait to be sent').waitFor();
  expect(await article(page, 'Two').count()).toBe(0);
  await button(article(page, 'Three'), 'Take back').click();
  await expect.poll(() => page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('Three');

  await page.context().setOffline(false);
  await button(article(page, 'One'), 'Remove').waitFor();
  expect(await page.getByRole('article').count()).toBe(1);
  expect(await page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('Three');
});

it('[CUR5] counts down to when a hasty reply is sent, and sends it by itself', async () => {
  const page = await reader();
  for (let i = 0; i < 22; i++) await post(page, `Number ${i}`, 'Ana');
  await page
    .getByText(/waiting to send · sends by itself in \d+ sec/)
    .first()
    .waitFor();
  await button(article(page, 'Number 21'), 'Remove').waitFor({ timeout: 20_000 });
  await expect.poll(() => page.getByText('waiting to send').count()).toBe(0);
});

it('[CUR5] what answers a removed reply can go to the discussion instead', async () => {
  const thread = newId();
  const [id] = await world.write(thread, [{ body: 'Soon gone' }]);
  const page = await reader(thread);
  await button(article(page, 'Soon gone'), 'Reply').click();
  await page.getByText('Replying to Ana').waitFor();
  await page.context().setOffline(true);
  await hasStatus(page, 'offline');
  await post(page, 'An answer', 'Ben');
  await article(page, 'An answer').getByText('waiting to send').waitFor();
  await world.change(id!, null);
  await page.context().setOffline(false);
  await page.getByText('not sent · The reply that this answers was removed.').waitFor();
  await page.getByText('1 reply was not sent').waitFor();
  await button(article(page, 'An answer'), 'Write it to the discussion instead').click();
  await button(article(page, 'An answer'), 'Remove').waitFor();
  expect(await page.locator('.pending, .writers').count()).toBe(0);
});

it('[PAGE4] tells when the line is tried again where that takes a while, tries at once when asked to, and moves nothing for it', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'What is read' }]);
  /** With a text begun above the list, and the longest wait that there can be. */
  const away = async (width: number) => {
    const { page } = await world.readers.open(world.page('<p>soon</p>'), { allow, viewport: { width, height: 800 } });
    await page.addInitScript(() => void (Math.random = () => 0.999));
    const line = await cuttable(page);
    await page.goto(world.article({ thread, attributes: 'data-sort="newest"', title: 'It fits just beside that' }));
    await hasStatus(page, 'live');
    await page.getByRole('textbox', { name: 'Your reply' }).fill('Begun');
    await page.getByText('Draft kept').waitFor();
    const top = () => article(page, 'What is read').evaluate((one) => one.getBoundingClientRect().top);
    const before = await top();
    await line.cut();
    await page
      .getByText('You are offline. What you write is kept here and sent as soon as the line is back.')
      .waitFor();
    const moved = async () => (await top()) - before;
    expect(await moved()).toBe(0);
    return { page, line, moved };
  };
  const [{ page, line, moved }, narrow] = await Promise.all([away(900), away(360)]);
  await page.getByText(/next attempt in [678] sec/).waitFor({ timeout: 20_000 });
  expect(await moved()).toBe(0);
  await page.getByText('next attempt in 5 sec').waitFor();
  line.mend();
  await button(page, 'Try now').click();
  await hasStatus(page, 'live');
  await expect.poll(() => button(page, 'Try now').count()).toBe(0);
  expect(await moved()).toBe(0);
  // Who pressed it goes on beside it.
  const settings = button(page, 'Reading settings');
  expect(await settings.evaluate((one) => (one.getRootNode() as ShadowRoot).activeElement === one)).toBe(true);
  // Where the words are too long for a small screen they end in dots, and lie on nothing.
  await narrow.page.evaluate(() => (document.body.style.fontSize = '32px'));
  const [tryNow, gear] = ['Try now', 'Reading settings'].map((name) => button(narrow.page, name));
  const right = await tryNow!.evaluate((one) => one.getBoundingClientRect().left + one.scrollWidth);
  expect(right).toBeLessThanOrEqual((await gear!.boundingBox())!.x);
});

it('[PAGE20] an own reply that is changed without a line waits for its text, and one that is removed says why it stands', async () => {
  const page = await reader();
  await post(page, 'As it was', 'Ana');
  await button(article(page, 'As it was'), 'Edit').waitFor();
  await page.context().setOffline(true);
  await hasStatus(page, 'offline');
  await button(article(page, 'As it was'), 'Remove').click();
  await page
    .getByRole('alert')
    .filter({ hasText: /^not sent · offline since/ })
    .waitFor();
  await button(article(page, 'As it was'), 'Edit').click();
  await page.locator('form').getByText('Loading…').waitFor();
  // An empty box would pass for the text.
  expect(await button(page, 'Save changes').isDisabled()).toBe(true);
  await page.context().setOffline(false);
  const box = page.getByRole('textbox', { name: 'Your reply' });
  await expect.poll(() => box.inputValue()).toBe('As it was');
  await box.fill('As it is');
  await button(page, 'Save changes').click();
  await button(article(page, 'As it is'), 'Edit').waitFor();
});
