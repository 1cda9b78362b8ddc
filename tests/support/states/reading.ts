// Reading: what stands there, what arrives, how one finds the way.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { connectGuest } from '../client.js';
import { hasStatus } from '../widget.js';
import { acting, actorOf, part, reply, root, send, type Scene, type State } from './scene.js';

const talk = ({ page }: Scene): Promise<void> => acting(page);
const noise = /WebSocket|INTERNET_DISCONNECTED|Failed to load|40[34]|50\d/;
const DEEP = Array.from({ length: 12 }, (_, i) => ({
  body: `Level ${i} of a long talk.`,
  ...(i && { parent: i - 1 }),
}));

const LONG = [{ body: Array.from({ length: 40 }, (_, i) => `Line ${i + 1} of a long reply.`).join('\n') }];

/** Down to where the indentation ends. */
async function deeper(page: Page): Promise<void> {
  await acting(page);
  const [more, end] = [root(page).locator('.more:not([data-branch])'), root(page).locator('[data-branch]')];
  await more.or(end).first().waitFor();
  while (!(await end.count())) {
    const shown = await root(page).locator('article').count();
    await more.first().click();
    await expect.poll(() => root(page).locator('article').count()).toBeGreaterThan(shown);
  }
}

/** Second after second, until they are told in counts: what comes at once is a line that is back, and a slow machine takes longer. */
async function stream({ page, world, thread, ids }: Scene): Promise<void> {
  const guest = await connectGuest(world.server, 'Ben');
  const joined = await guest.snapshot(thread);
  const isTold = async (): Promise<boolean> => (await part(page, 'arrivals-button').count()) > 0;
  for (let second = 0; second < 12 && !(await isTold()); second++) {
    const next = new Promise((done) => setTimeout(done, 1_000));
    for (let i = 0; i < 9; i++) {
      const body = `Stream ${second}.${i}`;
      await guest.must('reply:create', { thread: joined.thread.id, id: newId(), body, parent: ids[5]! });
    }
    await next;
  }
  guest.close();
}

/** Comes back an hour after the last look, when others have written. */
async function comeBack({ page, world, thread, ids }: Scene): Promise<void> {
  await acting(page);
  // As it was when this reader left: the visit ends once more when the page does.
  const [key, kept] = await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    const name = Object.keys(localStorage).find((one) => one.includes('visit:'))!;
    return [name, localStorage.getItem(name)!] as const;
  });
  await world.answer(thread, ids[1]!, 'Something new', 'Ben');
  await world.write(thread, [{ body: 'Something else that is new' }], 'Ben');
  const url = page.url();
  // Another page of the same site, where nothing is kept any more.
  await page.goto(world.page('<!doctype html><title>elsewhere</title><link rel="icon" href="data:,">'));
  const visit = JSON.parse(kept) as { at: number };
  const earlier = JSON.stringify({ ...visit, at: visit.at - 3_600_000 });
  await page.evaluate(([name, value]) => localStorage.setItem(name, value), [key, earlier] as const);
  await page.goto(url);
  await hasStatus(page, 'live');
  await part(page, 'visit-bar').waitFor();
  await part(page, 'new').first().waitFor();
  await part(page, 'visit-bar').locator('button').nth(1).click();
  await root(page).locator('[aria-current]').waitFor();
}

export const READING: readonly State[] = [
  { name: 'nothing yet', talk: [], act: ({ page }) => part(page, 'composer').waitFor() },
  { name: 'a talk', act: talk },
  { name: 'paper', attributes: 'data-look="paper"', act: talk },
  { name: 'compact', attributes: 'data-look="compact"', act: talk },
  { name: 'strong contrast', attributes: 'data-theme="contrast"', act: talk },
  {
    name: 'another scheme than the page',
    attributes: 'data-theme="dark"',
    style: ':root{color-scheme:light}',
    act: talk,
  },
  {
    name: 'an accent that could not be read',
    attributes: 'data-accent="#ffe04d"',
    act: ({ page }) => send(page, 'Mine'),
  },
  { name: 'forced colours', context: { forcedColors: 'active' }, act: ({ page }) => send(page, 'Mine') },
  { name: 'less motion', context: { reducedMotion: 'reduce' }, act: talk },
  { name: 'text of twice the size', style: 'html{font-size:200%} body{font-size:1rem}', act: talk },
  {
    name: 'print',
    act: async ({ page }) => {
      await acting(page);
      await page.emulateMedia({ media: 'print' });
    },
  },
  {
    name: 'print of a long reply',
    talk: LONG,
    act: async ({ page }) => {
      await root(page).locator('button.all').waitFor();
      await page.emulateMedia({ media: 'print' });
    },
  },
  {
    name: 'waiting for the replies',
    isApart: true,
    isBare: true,
    act: async ({ page }) => {
      // They never come.
      await page.route('**/api/v1/sites/*/thread?*', () => {});
      await page.reload();
      await root(page).locator('.skeleton').waitFor();
    },
  },
  {
    name: 'broken',
    isApart: true,
    allow: [noise],
    act: async ({ page }) => {
      await page.route('**/thread?*', (route) => route.fulfill({ status: 503, body: '' }));
      // Live mode would bring the replies all the same.
      await page.route('**/widget/live-*', () => {});
      await page.reload();
      await part(page, 'note').locator('button').waitFor();
    },
  },
  {
    name: 'an unknown site',
    talk: [],
    site: 'nobody',
    isApart: true,
    isBare: true,
    allow: [noise],
    act: ({ page }) => root(page).getByText('nobody').waitFor(),
  },
  {
    name: 'arrivals wait',
    attributes: 'data-pace="hold"',
    act: async ({ page, world, thread, ids }) => {
      await acting(page);
      await world.answer(thread, ids[0]!, 'An answer that waits', 'Ben');
      await world.write(thread, [{ body: 'A reply that waits' }], 'Ben');
      await part(page, 'arrivals-button').waitFor();
      await reply(page, ids[0]!).locator('.quiet').waitFor();
    },
  },
  {
    name: 'arrivals in place',
    attributes: 'data-pace="anchor"',
    act: async ({ page, world, thread, ids }) => {
      await acting(page);
      await world.answer(thread, ids[1]!, 'An answer that has come', 'Ben');
      await root(page).locator('.fresh').waitFor();
    },
  },
  {
    name: 'paused',
    attributes: 'data-pace="pause"',
    act: async ({ page, world, thread }) => {
      await acting(page);
      await world.write(thread, [{ body: 'Later' }, { body: 'Later still' }], 'Ben');
      await part(page, 'arrivals-button').waitFor();
    },
  },
  {
    name: 'a stream in batches',
    attributes: 'data-pace="anchor"',
    act: async (scene) => {
      await acting(scene.page);
      await stream(scene);
      await part(scene.page, 'arrivals-button').waitFor();
    },
  },
  { name: 'new since the last visit', act: comeBack },
  {
    name: 'others read, and somebody writes',
    act: async ({ page, world, thread }) => {
      await acting(page);
      const guest = await connectGuest(world.server, 'Ben');
      const joined = await guest.snapshot(thread);
      // It stays for as long as the server does: who leaves writes no more.
      guest.socket.emit('thread:typing', { thread: joined.thread.id });
      await part(page, 'writers').waitFor();
    },
  },
  {
    name: 'folded',
    act: async ({ page }) => {
      await acting(page);
      await part(page, 'fold').first().click();
      await root(page).locator('.unfold').waitFor();
    },
  },
  {
    name: 'a link to a deep reply',
    act: async ({ page, ids }) => {
      await acting(page);
      await page.evaluate((id) => (location.hash = `reply-${id}`), ids[3]!);
      await root(page).locator('[aria-current]').waitFor();
    },
  },
  {
    name: 'a link to nothing',
    act: async ({ page }) => {
      await acting(page);
      await page.evaluate((id) => (location.hash = `reply-${id}`), newId());
      await part(page, 'note').waitFor();
    },
  },
  {
    name: 'a deep talk',
    talk: DEEP,
    act: async ({ page }) => {
      await deeper(page);
    },
  },
  {
    name: 'a branch alone',
    talk: DEEP,
    act: async ({ page }) => {
      await deeper(page);
      await root(page).locator('[data-branch]').click();
      await part(page, 'branch-bar').waitFor();
    },
  },
  { name: 'a long reply', talk: LONG, act: ({ page }) => root(page).locator('button.all').waitFor() },
  {
    name: 'a long reply opened',
    talk: LONG,
    act: async ({ page }) => {
      await acting(page);
      await root(page).locator('button.all').click();
      await root(page).locator('.body.all').waitFor();
    },
  },
  {
    name: 'removed and edited',
    act: async ({ page, world, ids }) => {
      await acting(page);
      const actor = await actorOf(world, ids[1]!);
      await world.app.service.replies.remove(actor, { id: ids[1]! });
      await world.app.service.replies.edit(actor, { id: ids[2]!, body: 'Which way, then?', base: 1 });
      await root(page).locator('.removed').waitFor();
      await part(page, 'edited').waitFor();
    },
  },
  {
    name: 'closed',
    act: async ({ page, world, thread }) => {
      await acting(page);
      const found = await world.app.store.findThread('demo', thread);
      await world.app.service.threads.setState(found!.id, 'closed');
      await part(page, 'note').waitFor();
    },
  },
  {
    name: 'settings',
    act: async ({ page }) => {
      await part(page, 'settings').click();
      await root(page).locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'keys',
    act: async ({ page, ids }) => {
      await acting(page);
      await reply(page, ids[0]!).focus();
      await page.keyboard.press('?');
      await root(page).locator('dialog[open]').waitFor();
    },
  },
];
