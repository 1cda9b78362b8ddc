// Under which name one writes: what can't be seen is stopped at its box, and a name that is refused costs no text.
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

const KEPT = 'This name is kept for somebody here. Choose another.';
const nameBox = (page: Page) => page.getByRole('textbox', { name: 'Your name' });
const textBox = (page: Page) => page.getByRole('textbox', { name: 'Your reply' });
const arrived = (page: Page, text: string) =>
  page.getByRole('article').filter({ hasText: text }).getByRole('button', { name: 'Edit' });

/** Waits until the focus is in this box and what is wrong with it is said to those who don't see it. */
async function isAt(page: Page, label: string, words: string): Promise<void> {
  const told = () =>
    page.evaluate(() => {
      const root = document.querySelector('afterword-discussion')!.shadowRoot!;
      const box = root.activeElement as HTMLInputElement | null;
      const about = root.getElementById(box?.getAttribute('aria-describedby') ?? '');
      return [box?.labels?.[0]?.querySelector('span')?.textContent, box?.ariaInvalid, about?.textContent];
    });
  await expect.poll(told).toEqual([label, 'true', words]);
}

it('[REQ3] a refused name is said at the name box, and the reply goes out under the next one by itself', async () => {
  const thread = newId();
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await post(page, 'Mine to keep', 'Admin');
  await isAt(page, 'Your name', KEPT);
  const own = page.getByRole('article').filter({ hasText: 'Mine to keep' });
  await own.getByText(`not sent · ${KEPT}`).waitFor();

  // The same name again is the same answer, at the same place.
  await own.getByRole('button', { name: 'Send again' }).click();
  await isAt(page, 'Your name', KEPT);

  await nameBox(page).fill('Zoe');
  await nameBox(page).press('Enter');
  await arrived(page, 'Mine to keep').waitFor();
  // Those who don't see the page may hear of it still.
  expect(await page.locator('article, form').getByText(KEPT).count()).toBe(0);
  expect(await page.getByText('Write something first.').count()).toBe(0);
  expect(await own.locator('.name').textContent()).toBe('Zoe');
  expect(await page.getByRole('article').count()).toBe(1);
});

it('a refused name under an answer leads to the name box as well, and pressing the button sends it', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await post(page, 'An answer', 'Owner');
  await isAt(page, 'Your name', KEPT);
  await nameBox(page).fill('Zoe');
  await page.getByRole('button', { name: 'Post reply' }).click();
  await arrived(page, 'An answer').waitFor();
  expect(await page.getByText('Write something first.').count()).toBe(0);
});

it('[PAGE20] a name that is typed and not given is kept as the text is, and told to nobody', async () => {
  const { page } = await world.readers.open(world.article());
  await hasStatus(page, 'live');
  const frames: string[] = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(String(payload))));
  await textBox(page).fill('Half a thought');
  await page.getByRole('toolbar').waitFor();
  await nameBox(page).focus();
  await page.keyboard.type('Zo ');
  // It is half a name: what asks for one, here or in another tab, does not take it.
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('guest:')))).toEqual([]);

  await page.reload();
  await hasStatus(page, 'live');
  await textBox(page).focus();
  await page.getByRole('toolbar').waitFor();
  expect(await nameBox(page).inputValue()).toBe('Zo ');
  expect(await textBox(page).inputValue()).toBe('Half a thought');
  expect(frames.filter((frame) => frame.includes('Zo'))).toEqual([]);
  expect(await page.getByRole('button', { name: 'Draft', exact: true }).count()).toBe(0);

  await nameBox(page).fill('Zoe');
  await page.keyboard.press('Control+Enter');
  await arrived(page, 'Half a thought').waitFor();
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('draft:')))).toEqual([]);
});

it('[REQ3] a name or a text that nobody can see is stopped at its box', async () => {
  const { page } = await world.readers.open(world.article());
  await hasStatus(page, 'live');
  for (const nothing of ['', '  ', '\u200b\u2060']) {
    await post(page, nothing, 'Ana');
    await isAt(page, 'Your reply', 'Write something first.');
    await textBox(page).fill('Something');
    await nameBox(page).fill(nothing);
    await page.getByRole('button', { name: 'Post reply' }).click();
    await isAt(page, 'Your name', 'Give a name first.');
    expect(await textBox(page).inputValue()).toBe('Something');
  }
  expect(await page.getByRole('article').count()).toBe(0);
});
