// A whole visit without a pointer, and what a screen reader is told of the page. Keys alone: nothing is clicked, nothing focused
// by the test.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** The name of what has the focus, as a browser computes it for a button, a link or a box; of a reply its id. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    let at: Element | null = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (at?.localName === 'article') return at.id;
    return (
      at?.ariaLabel ??
      (at as HTMLInputElement | null)?.labels?.[0]?.textContent?.trim() ??
      at?.textContent?.trim() ??
      ''
    );
  });

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${name} is not reached; the focus is on ${await focused(page)}`);
}

async function visit(thread: string): Promise<Page> {
  const { page } = await world.readers.open(world.article({ thread }));
  await page.locator('afterword-discussion[status=live]').waitFor({ state: 'attached' });
  return page;
}

it('reads, folds, votes, reacts, answers, edits, removes and brings back by keys alone', async () => {
  const thread = newId();
  const [trunk, , leaf] = await world.write(thread, [
    { body: 'Trunk' },
    { body: 'Twig', parent: 0 },
    { body: 'Leaf', parent: 1 },
    { body: 'Next' },
  ]);
  const page = await visit(thread);
  const article = (text: string) => page.getByRole('article').filter({ hasText: text });
  await tabTo(page, 'Reading settings');
  await page.keyboard.press('j');
  await expect.poll(() => focused(page)).toBe(trunk);

  await page.keyboard.press('f');
  await article('Leaf').waitFor({ state: 'detached' });
  await page.keyboard.press('f');
  await article('Leaf').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect.poll(() => focused(page)).toBe(leaf);

  await tabTo(page, 'Vote up');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toContain('A name first');
  await page.keyboard.type('Kay');
  await page.keyboard.press('Enter');
  await expect.poll(() => article('Leaf').locator('.votes .n').textContent()).toBe('1');
  // The question goes, and who answered it is at the same reply.
  await expect.poll(() => focused(page)).toBe(leaf);

  await tabTo(page, 'Add a reaction');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Add a reaction' }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await article('Leaf').locator('.chips button[aria-pressed=true]').waitFor();
  expect(await focused(page)).toBe('Add a reaction');

  await page.keyboard.press('r');
  await expect.poll(() => focused(page)).toBe('Your reply');
  await page.keyboard.type('By keys');
  await page.keyboard.press('Control+Enter');
  await article('By keys').getByRole('button', { name: 'Edit' }).waitFor();
  await expect.poll(() => article('By keys').evaluate((node) => node.matches(':focus'))).toBe(true);

  await tabTo(page, 'Edit');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('Your reply');
  await expect.poll(() => page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('By keys');
  await page.keyboard.press('End');
  await page.keyboard.type(' alone');
  await page.keyboard.press('Control+Enter');
  await article('By keys alone').getByRole('button', { name: 'edited' }).waitFor();

  await tabTo(page, 'Remove');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('Undo');
  await page.keyboard.press('Enter');
  await article('By keys alone').waitFor();

  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  // What has just sent the change is told as well.
  await page.locator('dt:has-text("Ctrl+Enter") + dd', { hasText: 'Post reply' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor({ state: 'hidden' });
  await page.keyboard.press('c');
  await expect.poll(() => focused(page)).toBe('Your reply');
});

it('is a region of headings, each reply one with what can be done about it', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Trunk' }, { body: 'Twig', parent: 0 }]);
  const page = await visit(thread);
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Vote up' }).first().waitFor();
  const tree = await page.locator('afterword-discussion').ariaSnapshot();
  expect(tree.replaceAll(/#reply-[\da-f-]+/g, '#reply')).toBe(`- status
- region "An article":
  - heading "2 replies on “An article”" [level=2]
  - text: live
  - button "Reading settings"
  - paragraph:
    - button "Skip to the composer"
    - button "Keyboard shortcuts ?"
  - article "Ana now":
    - heading "Ana now" [level=3]:
      - text: Ana
      - link "now":
        - /url: "#reply"
        - time: now
    - paragraph: Trunk
    - paragraph:
      - button "Reply"
      - button "Vote up"
      - button "Add a reaction"
      - button "Report"
  - button "Fold the replies to Ana" [expanded]
  - article "Ana now Replying to Ana":
    - heading "Ana now Replying to Ana" [level=3]:
      - text: Ana
      - link "now":
        - /url: "#reply"
        - time: now
      - link "Replying to Ana":
        - /url: "#reply"
        - text: ↰
    - paragraph: Twig
    - paragraph:
      - button "Reply"
      - button "Vote up"
      - button "Add a reaction"
      - button "Report"
  - form "Leave a reply":
    - heading "Leave a reply" [level=3]
    - text: Your reply
    - textbox "Your reply":
      - /placeholder: What do you think?
    - text: Your name
    - textbox "Your name"
    - button "Post reply"`);
});
