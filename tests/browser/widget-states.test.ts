// What a reader sees when there is nothing, when it takes long, when it is refused, and when the line is cut.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { violations } from '../support/axe.js';
import { cuttable, hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** The owner's page with an API that answers as told. */
async function answering(handler: (page: Page) => Promise<unknown>, attributes = ''): Promise<Page> {
  const { page } = await world.readers.open(world.page('<p>soon</p>'), {
    allow: [/Failed to load resource/, /WebSocket connection/],
  });
  await handler(page);
  await page.goto(world.article({ attributes }));
  return page;
}

it('an empty discussion invites', async () => {
  const { page } = await world.readers.open(world.article());
  await hasStatus(page, 'live');
  await page.getByText('Nothing has been said yet. Yours can be the first.').waitFor();
  await page.getByRole('form', { name: 'Leave a reply' }).waitFor();
  expect(await violations(page)).toEqual([]);
});

it('a full one is accessible, in light and dark, with an answer being written', async () => {
  const thread = newId();
  await world.write(thread, [
    { body: 'First [link](https://example.com)' },
    { body: '> quoted\n\n`code`', parent: 0 },
    { body: 'Third', parent: 1 },
  ]);
  for (const attributes of ['', 'data-theme="dark"', 'data-accent="#ffe000"']) {
    const { page } = await world.readers.open(world.article({ thread, attributes }));
    await hasStatus(page, 'live');
    await page.getByRole('button', { name: 'Reply', exact: true }).nth(1).click();
    await page.getByText('Replying to Ana').waitFor();
    expect(await violations(page)).toEqual([]);
  }
});

it('shows the shape of what comes to those who wait, and nothing to the others', async () => {
  const page = await answering((p) => p.route('**/api/v1/**', () => {}));
  const skeleton = page.locator('.skeleton');
  await skeleton.waitFor();
  expect(await skeleton.evaluate((node) => getComputedStyle(node).animationDelay)).toBe('0.3s');
  expect(await violations(page)).toEqual([]);
});

it('says why a page is refused, in words for its owner', async () => {
  const refusals: [status: number, code: string, words: RegExp][] = [
    [404, 'site_unknown', /knows no site called “demo”.*data-site/],
    [403, 'origin_refused', new RegExp(`does not accept replies on ${world.origin}`)],
    [400, 'protocol_unsupported', /out of date/],
  ];
  for (const [status, code, words] of refusals) {
    const page = await answering((p) =>
      p.route('**/api/v1/**', (route) =>
        route.fulfill({
          status,
          json: { code, message: '', retry: 'never' },
          headers: { 'access-control-allow-origin': '*' },
        }),
      ),
    );
    await page.getByText(words).waitFor();
    expect(await page.getByRole('form').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
  }
});

it('[PROC2] a site that does not list the origin is refused by the real server in the same words', async () => {
  const { page } = await world.readers.open(world.page('<p>soon</p>'), { allow: [/Failed to load resource/] });
  await page.goto(
    world.article({ place: `<script async src="${world.server}/afterword.js" data-site="nobody"></script>` }),
  );
  await page.getByText(/knows no site called “nobody”/).waitFor();
  await page.goto(world.article({ place: `<script async src="${world.server}/afterword.js"></script>` }));
  await page.getByText(/“site” is not valid here. Site owners: check the snippet/).waitFor();
});

it('offers to try again where the replies can’t be loaded, and does', async () => {
  const page = await answering(async (p) => {
    await p.route('**/api/v1/**', (route) => route.abort());
    await p.route(/live-/, (route) => route.abort());
  });
  await page.getByText('The replies can’t be loaded now.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.unroute('**/api/v1/**');
  await page.getByRole('button', { name: 'Try again' }).focus();
  await page.keyboard.press('Enter');
  const heading = page.getByRole('heading', { name: /No replies yet/ });
  await heading.waitFor();
  // Who pressed it by key goes on from there, not from the top of the page.
  expect(await heading.evaluate((element) => element.matches(':focus'))).toBe(true);
  expect(await violations(page)).toEqual([]);
});

it('a closed discussion is read, not written in', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Last words' }]);
  await world.app.database
    .sql`update threads set state = 'closed', head = head + 1, info_seq = head + 1 where key = ${thread}`;
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByText('This discussion is closed.').waitFor();
  expect(await page.getByRole('form').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Reply', exact: true }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
});

it('keeps what is written while the line is cut, over a reload, and sends it once when it is back', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  const { page } = await world.readers.open(world.page('<p>soon</p>'), {
    allow: [/Failed to load resource/, /WebSocket/],
  });
  const line = await cuttable(page);
  await page.goto(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
  await line.cut();
  await hasStatus(page, 'offline');
  await page
    .locator('.status')
    .getByText(/^offline since \d/)
    .waitFor();
  await page.getByText(/You are offline. What you write is kept here/).waitFor();
  await post(page, 'Kept through it all');
  const own = page.getByRole('article').filter({ hasText: 'Kept through it all' });
  await own.getByText('waiting to send').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('textbox', { name: 'Your reply' }).fill('A draft as well');

  await page.reload();
  await own.getByText('waiting to send').waitFor();
  expect(await page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('A draft as well');

  line.mend();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await own.getByRole('button', { name: 'Remove' }).waitFor();
  expect(await own.count()).toBe(1);
  expect(await page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('A draft as well');
  const { page: other } = await world.readers.open(world.article({ thread }));
  await other.getByText('Kept through it all').waitFor();
  expect(await other.getByRole('article').count()).toBe(2);
});

it('a reply that can’t be sent keeps its text, says why, and can be taken back into the composer', async () => {
  const thread = newId();
  const ids = await world.write(thread, [{ body: 'Soon gone' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await page.getByText('Replying to Ana').waitFor();
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Too late');
  await world.app.database.sql`update threads set state = 'closed' where key = ${thread}`;
  await page.getByRole('button', { name: 'Post reply' }).click();
  const own = page.getByRole('article').filter({ hasText: 'Too late' });
  await own.getByText(/not sent · The discussion was closed/).waitFor();
  expect(await violations(page)).toEqual([]);
  await own.getByRole('button', { name: 'Take back' }).click();
  await expect.poll(() => page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('Too late');
  expect(ids).toHaveLength(1);
});
