// A change of an own reply that can't be saved at once: it waits without pressing the server, ends where its author ends it, and is told.
import type { Page } from 'playwright-core';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { Between } from '../support/between.js';
import { article, box, button } from '../support/opened.js';
import { hasStatus, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

const WAITS = 'Kept here, and saved as soon as the line is back.';

interface Author {
  page: Page;
  line: Between;
  /** Texts that the server was asked to put in place of one of the replies. */
  edits(): string[];
}

/** Somebody who has written these. */
async function author(...texts: string[]): Promise<Author> {
  const { page } = await world.readers.open('about:blank', { allow: [/WebSocket/, /Failed to load/] });
  const line = await Between.put(page);
  await page.goto(world.article({ thread: newId() }));
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  for (const text of texts) {
    await box(page).fill(text);
    await button(page, 'Post reply').click();
    await button(article(page, text), 'Edit').waitFor();
  }
  return { page, line, edits: () => (line.asked('reply:edit') as { body: string }[]).map(({ body }) => body) };
}

/** Has every edit answered with this. */
function refuse({ line }: Author, error: object, afterMs = 20): void {
  line.instead = (name) => (name === 'reply:edit' ? { error, afterMs } : null);
}

const later = (retryAfterMs: number) => ({ code: 'rate_limited', message: 'x', retry: 'later', retryAfterMs });

async function save(page: Page, from: string, to: string): Promise<void> {
  await button(article(page, from), 'Edit').click();
  await expect.poll(() => box(page).inputValue()).toBe(from);
  await box(page).fill(to);
  await button(page, 'Save changes').click();
}

/** Saved, and the form is left for an answer to the other reply. */
async function saveAndLeave(page: Page, from: string, to: string, other: string): Promise<void> {
  await save(page, from, to);
  await page.getByText(WAITS).waitFor();
  await button(article(page, other), 'Reply').click();
  await button(article(page, from), 'waiting to send').waitFor();
}

it('[PAGE20] changes that wait are sent one after the other, and not before the server asks for it', async () => {
  const ben = await author('first', 'second', 'third');
  const { page, line, edits } = ben;
  refuse(ben, later(500));
  await saveAndLeave(page, 'first', 'one', 'third');
  await saveAndLeave(page, 'second', 'two', 'third');
  const before = edits().length;
  // The composer moves, and another tab writes: none of it is a reason to ask again.
  for (let i = 0; i < 6; i++) {
    await button(page, 'Cancel').click();
    await button(article(page, 'third'), 'Reply').click();
    await page.evaluate(() => {
      const [key] = Object.keys(localStorage).filter((one) => one.includes('draft:'));
      dispatchEvent(new StorageEvent('storage', { key: key! }));
    });
    await pause(250);
  }
  const asked = edits().length - before;
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(6);
  line.instead = null;
  await article(page, 'one').waitFor();
  await article(page, 'two').waitFor();
  expect(edits().length - before - asked).toBeLessThanOrEqual(3);
});

it('[PAGE20] one that was discarded while it waits is not saved', async () => {
  const ben = await author('mine');
  refuse(ben, later(800));
  await save(ben.page, 'mine', 'mended');
  await ben.page.getByText(WAITS).waitFor();
  await button(ben.page, 'Discard').click();
  await expect.poll(() => box(ben.page).inputValue()).toBe('mine');
  ben.line.instead = null;
  await pause(1_500);
  expect(ben.edits()).toEqual(['mended']);
});

it('[PAGE20] the form that is closed while it saves ends that: an answer that comes later changes nothing', async () => {
  const ben = await author('mine', 'other');
  refuse(ben, later(300), 600);
  await save(ben.page, 'mine', 'mended');
  await button(ben.page, 'Cancel').click();
  await button(article(ben.page, 'mine'), 'Draft').waitFor();
  await pause(1_000);
  ben.line.instead = null;
  await button(article(ben.page, 'other'), 'Reply').click();
  await pause(700);
  await button(article(ben.page, 'mine'), 'Draft').waitFor();
  expect(ben.edits()).toEqual(['mended']);
});

it('[PAGE20] the form that is opened again waits on, and saves', async () => {
  const ben = await author('mine', 'other');
  refuse(ben, later(700));
  await saveAndLeave(ben.page, 'mine', 'mended', 'other');
  await button(article(ben.page, 'mine'), 'waiting to send').click();
  await ben.page.getByText(WAITS).waitFor();
  expect(await box(ben.page).inputValue()).toBe('mended');
  ben.line.instead = null;
  await button(article(ben.page, 'mended'), 'Edit').waitFor();
});

it('[PAGE20] why one can not be saved any more is told at its reply, and it is a draft again', async () => {
  const ben = await author('mine', 'other');
  const { page, line } = ben;
  refuse(ben, later(500));
  await saveAndLeave(page, 'mine', 'mended', 'other');
  refuse(ben, { code: 'thread_closed', message: 'x', retry: 'never' });
  await article(page, 'mine')
    .locator('.problem')
    .getByText(/^not sent · /)
    .waitFor();
  line.instead = null;
  await button(article(page, 'mine'), 'Draft').click();
  await expect.poll(() => box(page).inputValue()).toBe('mended');
});

it('[PAGE20] where its reply was removed the text goes on in sight, as a new one', async () => {
  const { page } = await author('mine', 'other');
  const id = (await article(page, 'mine').getAttribute('id'))!;
  await button(article(page, 'mine'), 'Edit').click();
  await expect.poll(() => box(page).inputValue()).toBe('mine');
  await box(page).fill('mended');
  await page.getByText('Draft kept').waitFor();
  await button(page, 'Cancel').click();
  await world.change(id, null);
  await page.locator(`[id="${id}"]`).getByText('This reply was removed').waitFor();
  await button(page, 'Draft').click();
  await expect.poll(() => box(page).inputValue()).toBe('mended');
});

/** Somebody who changed the only reply, which is theirs, and saved it when there was no line any more. */
async function savedWithoutLine(): Promise<{ page: Page; line: Between; id: string }> {
  const thread = newId();
  const { page } = await world.readers.open('about:blank', { allow: [/WebSocket/, /Failed to load/] });
  const line = await Between.put(page);
  await page.goto(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await box(page).fill('mine');
  await button(page, 'Post reply').click();
  await button(article(page, 'mine'), 'Edit').click();
  await expect.poll(() => box(page).inputValue()).toBe('mine');
  const id = (await page.getByRole('article').getAttribute('id'))!;
  await line.refuse();
  await page.route(/socket\.io/, (route) => route.abort());
  await hasStatus(page, 'offline');
  await box(page).fill('mended');
  await button(page, 'Save changes').click();
  await page.getByText(WAITS).waitFor();
  return { page, line, id };
}

/** The page comes again, without a line as before, and says at this reply that its change waits. */
async function comeAgain(page: Page, text: string): Promise<void> {
  await page.reload();
  await hasStatus(page, 'offline');
  await button(article(page, text), 'waiting to send').waitFor();
}

it('[PAGE20] a change that was saved without a line is saved when there is one, over a reload too', async () => {
  const { page, line } = await savedWithoutLine();
  await comeAgain(page, 'mine');
  line.allow();
  await button(article(page, 'mended'), 'Edit').waitFor();
  expect(await button(page, 'Draft').count()).toBe(0);
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('draft:')))).toEqual([]);
});

it('[PAGE20] who closes the form takes back what waited to be saved', async () => {
  const { page, line } = await savedWithoutLine();
  await button(page, 'Cancel').click();
  await button(article(page, 'mine'), 'Draft').waitFor();
  line.allow();
  await hasStatus(page, 'live');
  await button(article(page, 'mine'), 'Draft').click();
  await expect.poll(() => box(page).inputValue()).toBe('mended');
  await button(page, 'Save changes').click();
  await button(article(page, 'mended'), 'Edit').waitFor();
});

it('[PAGE20] a change that was saved without a line replaces nothing that came before it is there', async () => {
  const { page, line, id } = await savedWithoutLine();
  await world.change(id, 'by a moderator');
  await comeAgain(page, 'by a moderator');
  line.allow();
  await button(article(page, 'by a moderator'), 'Draft').click();
  await page.locator('pre').getByText('by a moderator').waitFor();
  expect(await box(page).inputValue()).toBe('mended');
});
