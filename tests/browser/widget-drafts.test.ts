// What a reader writes is never lost, and one sees where it waits.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { article, box, button } from '../support/opened.js';
import { hasStatus, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** What a browser says of attempts to get a line where there is none. */
const NO_LINE = /WebSocket.*INTERNET_DISCONNECTED/;

/** A reader of a talk of these, each under the one before it. */
async function talk(...bodies: string[]): Promise<{ page: Page; thread: string; ids: string[] }> {
  const thread = newId();
  const replies = bodies.map((body, i) => (i ? { body, parent: i - 1 } : { body }));
  const ids = await world.write(thread, replies);
  const { page } = await world.readers.open(world.article({ thread }), { allow: [NO_LINE] });
  await hasStatus(page, 'live');
  return { page, thread, ids };
}

/** Begins an answer with the composer's tools there. */
async function answer(page: Page, to: string, text: string): Promise<void> {
  await button(article(page, to), 'Reply').click();
  await page.getByRole('toolbar').waitFor();
  await box(page).fill(text);
}

it('[PAGE20] says that a draft is kept, marks where it waits, over a reload too, and lets go of it and back', async () => {
  const { page } = await talk('A claim');
  await answer(page, 'A claim', 'Half a thought');
  await page.getByText('Draft kept').waitFor();
  expect(await button(page, 'Draft').count()).toBe(0);
  await button(page, 'Cancel').click();
  await button(article(page, 'A claim'), 'Draft').waitFor();

  await page.reload();
  await hasStatus(page, 'live');
  await button(article(page, 'A claim'), 'Draft').click();
  expect(await box(page).inputValue()).toBe('Half a thought');
  await button(page, 'Discard').click();
  expect(await box(page).inputValue()).toBe('');
  await button(page, 'Undo').click();
  expect(await box(page).inputValue()).toBe('Half a thought');
  await button(page, 'Discard').click();
  await button(page, 'Cancel').click();
  await expect.poll(() => button(page, 'Draft').count()).toBe(0);
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('draft:')))).toEqual([]);
});

it('[PAGE20] tells of a draft whose reply is not in sight, and leads there', async () => {
  const thread = newId();
  const others = Array.from({ length: 24 }, (_, i) => ({ body: `Reply number ${i}.` }));
  await world.write(thread, [...others, { body: 'The last' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Show 5 more replies' }).click();
  await answer(page, 'The last', 'To be continued');
  await page.reload();
  await hasStatus(page, 'live');
  await page.getByText('A text of yours waits further away.').waitFor();
  await button(page, 'Show').click();
  await button(article(page, 'The last'), 'Draft').click();
  expect(await box(page).inputValue()).toBe('To be continued');
});

it('[PAGE20] knows after a reload which revision a draft answers, and who answered since', async () => {
  const { page, thread, ids } = await talk('A claim');
  await answer(page, 'A claim', 'I doubt it');
  const url = page.url();
  await page.goto('about:blank');
  await world.change(ids[0]!, 'Another claim');
  await world.answer(thread, ids[0]!, 'Me too', 'Cleo');
  await page.goto(url);
  await hasStatus(page, 'live');
  await button(article(page, 'Another claim'), 'Draft').click();
  await page.getByText('1 person answered this while you wrote.').waitFor();
  await page.getByText('What you answer was changed since you began.').waitFor();
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await button(page, 'Post reply').click();
  expect(await box(page).inputValue()).toBe('I doubt it');
  await button(page, 'Post reply').click();
  await article(page, 'I doubt it').waitFor();
});

it('[PAGE20] a change that was begun stays reachable when its reply was changed elsewhere, with both texts', async () => {
  const { page } = await talk('Before');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await box(page).fill('mine');
  await button(page, 'Post reply').click();
  const own = article(page, 'mine');
  await button(own, 'Edit').waitFor();
  const id = await own.getAttribute('id');
  await button(own, 'Edit').click();
  await expect.poll(() => box(page).inputValue()).toBe('mine');
  await box(page).fill('mine, thought over');
  const url = page.url();
  await page.goto('about:blank');
  await world.change(id!, 'from the telephone');
  await page.goto(url);
  await hasStatus(page, 'live');
  await button(page, 'Draft').click();
  await page.getByRole('heading', { name: 'As it is now' }).waitFor();
  expect(await page.locator('.theirs pre').textContent()).toBe('from the telephone');
  expect(await box(page).inputValue()).toBe('mine, thought over');
  await button(page, 'Keep mine').click();
  await button(page, 'Save changes').click();
  await button(article(page, 'mine, thought over'), 'Edit').waitFor();
});

it('[PAGE20] a change that is saved without a line is saved when there is one', async () => {
  const { page } = await talk('Before');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await box(page).fill('mine');
  await button(page, 'Post reply').click();
  await button(article(page, 'mine'), 'Edit').click();
  await expect.poll(() => box(page).inputValue()).toBe('mine');
  await page.context().setOffline(true);
  await hasStatus(page, 'offline');
  await box(page).fill('mended');
  await button(page, 'Save changes').click();
  await page.getByText('Kept here, and saved as soon as the line is back.').waitFor();
  await page.context().setOffline(false);
  await button(article(page, 'mended'), 'Edit').waitFor();
});

it('[PAGE20] two tabs that write in one place lose nothing of each other', async () => {
  const { page } = await talk('A claim');
  const { page: other } = await world.readers.open(page.url(), { beside: page });
  await hasStatus(other, 'live');
  await answer(page, 'A claim', 'From the one');
  // It only follows, as nobody wrote there.
  await button(article(other, 'A claim'), 'Draft').click();
  await other.getByRole('toolbar').waitFor();
  expect(await box(other).inputValue()).toBe('From the one');
  await box(page).press('End');
  await page.keyboard.type(' tab');
  await expect.poll(() => box(other).inputValue()).toBe('From the one tab');

  await box(other).fill('From the other');
  await page.getByText('Another text for this place is kept, from another tab.').waitFor();
  expect(await box(page).inputValue()).toBe('From the one tab');
  await box(page).press('End');
  await page.keyboard.type('!');
  await other.getByText('Another text for this place is kept, from another tab.').waitFor();
  await other.close();

  // After a crash of the first one both are there.
  await page.reload();
  await hasStatus(page, 'live');
  await button(article(page, 'A claim'), 'Draft').click();
  await page.getByText('Another text for this place is kept, from another tab.').waitFor();
  const first = await box(page).inputValue();
  await button(page.locator('.other'), 'Show').click();
  const second = await page.locator('.other pre').textContent();
  expect(new Set([first, second])).toEqual(new Set(['From the one tab!', 'From the other']));
  await button(page, 'Take the other text').click();
  expect(await box(page).inputValue()).toBe(second);
  await button(page.locator('.other'), 'Show').waitFor();
  expect(await page.locator('.other pre').textContent()).toBe(first);
  await button(page.locator('.other'), 'Discard').click();
  expect(await page.locator('.other').count()).toBe(0);
});

it('[PAGE20] what was begun in a tab that is gone is gone on with in one that was open all the time', async () => {
  const { page } = await talk('A claim');
  const { page: other } = await world.readers.open(page.url(), { beside: page });
  await hasStatus(other, 'live');
  await box(other).fill('From the one that ended');
  await other.close();
  await box(page).focus();
  await page.keyboard.press('End');
  await page.keyboard.type(', and on.');
  expect(await box(page).inputValue()).toBe('From the one that ended, and on.');
});

it('[PAGE20] a text whose parent was removed goes to who still stands, or to the discussion, and is never lost', async () => {
  const { page, ids } = await talk('At the top', 'In the middle', 'Further down');
  await answer(page, 'Further down', 'My answer');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await world.change(ids[2]!, null);
  // Said above the box, to those who don't see it as well; nothing says any more that it could be sent there.
  await page.locator('[role=status]', { hasText: 'What you answer was removed since you began.' }).waitFor();
  expect(await button(page, 'Post reply').count()).toBe(0);
  await button(page, 'Write it to the discussion instead').waitFor();
  // The key that sends does what the button says.
  await box(page).press('Control+Enter');
  await page.locator(`.node:has(> article[id="${ids[1]}"]) > afterword-composer`).waitFor();
  expect(await box(page).inputValue()).toBe('My answer');
  await page.getByText('Replying to Ana').waitFor();
  await button(page, 'Post reply').waitFor();

  await world.change(ids[1]!, null);
  await button(page, 'Answer Ana instead').click();
  await page.locator(`.node:has(> article[id="${ids[0]}"]) > afterword-composer`).waitFor();
  await world.change(ids[0]!, null);
  await button(page, 'Write it to the discussion instead').click();
  expect(await box(page).inputValue()).toBe('My answer');
  expect(await page.getByRole('article').filter({ hasText: 'My answer' }).count()).toBe(0);
  await button(page, 'Post reply').click();
  await article(page, 'My answer').waitFor();
});

it('[PAGE20] a line that is lost while one writes is told on the edge of the box, and nothing moves', async () => {
  const { page } = await talk('A claim');
  // What a keyboard on the screen leaves of a phone.
  await page.setViewportSize({ width: 390, height: 420 });
  await answer(page, 'A claim', 'Half a thought');
  await box(page).evaluate((node) => node.scrollIntoView({ block: 'end' }));
  const place = () => box(page).evaluate((node) => node.getBoundingClientRect().toJSON() as DOMRect);
  const before = await place();
  const told = page.locator('.away > span');
  expect(await told.count()).toBe(0);
  await page.context().setOffline(true);
  await hasStatus(page, 'offline');
  await told.getByText(/^offline since /).waitFor();
  const at = (await told.boundingBox())!;
  expect(await place()).toEqual(before);
  expect(at.y).toBeGreaterThanOrEqual(0);
  expect(Math.abs(at.y + at.height / 2 - before.y)).toBeLessThan(2);
  await page.context().setOffline(false);
  await told.waitFor({ state: 'detached' });
});

it('[PAGE20] a text stays in sight when the discussion is closed, and says so when it is sent', async () => {
  const { page, thread } = await talk('Before');
  await box(page).focus();
  await page.getByRole('toolbar').waitFor();
  await page.keyboard.type('Too late');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await world.setState(thread, 'closed');
  await page.locator('.note', { hasText: 'This discussion is closed.' }).waitFor();
  await page.locator('[role=status].unseen', { hasText: 'This discussion is closed.' }).waitFor();
  await page.getByText('Draft kept').waitFor();
  expect(await box(page).inputValue()).toBe('Too late');
  await button(page, 'Post reply').click();
  await page.getByText('The discussion was closed before this arrived.').waitFor();
  await world.setState(thread, 'open');
  await expect.poll(() => page.locator('.note').count()).toBe(0);
  await button(page, 'Post reply').click();
  await article(page, 'Too late').waitFor();
});

it('[PAGE20] who writes when the discussion is closed keeps the focus, with and without a text, at the list and in an answer', async () => {
  const { page, thread } = await talk('Before');
  const isAt = () => box(page).evaluate((one) => (one.getRootNode() as ShadowRoot).activeElement === one);
  const close = async (): Promise<void> => {
    await page.getByRole('toolbar').waitFor();
    await world.setState(thread, 'closed');
    await page.locator('.note').waitFor();
    expect(await isAt()).toBe(true);
  };
  await box(page).focus();
  await close();
  await world.setState(thread, 'open');
  await expect.poll(() => page.locator('.note').count()).toBe(0);
  expect(await isAt()).toBe(true);

  await answer(page, 'Before', 'Half an answer');
  await close();
  expect(await box(page).inputValue()).toBe('Half an answer');
  await page.getByText('Draft kept').waitFor();
  // Found again afterwards.
  await page.reload();
  await hasStatus(page, 'live');
  await button(article(page, 'Before'), 'Draft').click();
  expect(await box(page).inputValue()).toBe('Half an answer');
});
