// Two people side by side: what one writes, the other reads.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

it('[PAGE3] a reply stands in the writer’s list at once and waits behind a button at the other reader', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'What Ben reads' }], 'Cleo');
  const url = world.article({ title: 'Letters', thread });
  const [{ page: ana }, { page: ben }] = await Promise.all([world.readers.open(url), world.readers.open(url)]);
  await Promise.all([hasStatus(ana, 'live'), hasStatus(ben, 'live')]);
  await ana.getByRole('heading', { name: '1 reply on “Letters”', level: 2 }).waitFor();

  await post(ana, 'Hello *there*', 'Ana');
  const own = ana.getByRole('article').filter({ hasText: 'Hello there' });
  await own.locator('em').waitFor();
  await ana.getByRole('heading', { name: '2 replies on “Letters”' }).waitFor();
  expect(await own.getByRole('button', { name: 'Reply', exact: true }).count()).toBe(1);
  expect(await own.getByRole('button', { name: 'Edit', exact: true }).count()).toBe(1);

  const pill = ben.getByRole('button', { name: 'Show 1 new reply' });
  await pill.waitFor();
  expect(await ben.getByRole('article').count()).toBe(1);
  await pill.click();
  const arrived = ben.getByRole('article').filter({ hasText: 'Hello there' });
  await arrived.waitFor();
  expect(await arrived.getByText('Ana', { exact: true }).count()).toBe(1);
  expect(await arrived.getByRole('button', { name: /Edit|Remove/ }).count()).toBe(0);
  expect(await pill.count()).toBe(0);
  // Who pressed the button goes on at the first reply that it brought.
  expect(await arrived.evaluate((article) => (article.getRootNode() as ShadowRoot).activeElement === article)).toBe(
    true,
  );
});

it('answers in place: the composer opens under the reply, takes the focus, and Escape closes it and keeps the draft', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'A first thought' }, { body: 'A second one' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const first = page.getByRole('article').filter({ hasText: 'A first thought' });

  await first.getByRole('button', { name: 'Reply', exact: true }).click();
  const box = page.getByRole('textbox', { name: 'Your reply' });
  expect(await box.count()).toBe(1);
  expect(await box.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
  await page.keyboard.type('Half a thought');
  await page.keyboard.press('Escape');
  await page.getByRole('form', { name: 'Leave a reply' }).waitFor();
  expect(await page.getByText('Replying to Ana').count()).toBe(0);

  await first.getByRole('button', { name: 'Reply', exact: true }).click();
  await page.getByText('Replying to Ana').waitFor();
  expect(await box.inputValue()).toBe('Half a thought');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await box.focus();
  await page.keyboard.press('End');
  await page.keyboard.type(', made whole');
  await page.keyboard.press('Control+Enter');
  const answer = page.getByRole('article').filter({ hasText: 'Half a thought, made whole' });
  await answer.getByRole('button', { name: 'Remove' }).waitFor();
  // It stands between the two.
  expect(await page.getByRole('article').allTextContents()).toEqual([
    expect.stringContaining('A first thought'),
    expect.stringContaining('Half a thought, made whole'),
    expect.stringContaining('A second one'),
  ]);
});

it('edits and removes an own reply in place, and the other reader sees both', async () => {
  const url = world.article();
  const [{ page: ana }, { page: ben }] = await Promise.all([world.readers.open(url), world.readers.open(url)]);
  await Promise.all([hasStatus(ana, 'live'), hasStatus(ben, 'live')]);
  await post(ana, 'Befor', 'Ana');
  await ben.getByRole('article').getByText('Befor', { exact: true }).waitFor();
  const own = ana.getByRole('article').filter({ hasText: 'Ana' });
  await own.getByRole('button', { name: 'Edit' }).click();
  const box = ana.getByRole('textbox', { name: 'Your reply' });
  await expect.poll(() => box.inputValue()).toBe('Befor');
  await box.fill('Before');
  await ana.getByRole('button', { name: 'Save changes' }).click();
  await own.getByText('Before', { exact: true }).waitFor();
  await own.getByText('edited').waitFor();
  await ben.getByRole('article').getByText('Before', { exact: true }).waitFor();

  await own.getByRole('button', { name: 'Remove' }).click();
  await ana.getByRole('button', { name: 'Undo' }).waitFor();
  await ana.getByRole('heading', { name: /No replies yet/ }).waitFor();
  await ben.getByRole('heading', { name: /No replies yet/ }).waitFor();
  expect(await ben.getByRole('article').count()).toBe(0);
});

it('asks for what is missing where it is missing', async () => {
  const { page } = await world.readers.open(world.article());
  await hasStatus(page, 'live');
  const box = page.getByRole('textbox', { name: 'Your reply' });
  await box.click();
  await page.getByRole('button', { name: 'Post reply' }).click();
  await page.getByRole('alert').filter({ hasText: 'Write something first.' }).waitFor();
  await box.fill('Nameless');
  await page.getByRole('button', { name: 'Post reply' }).click();
  await page.getByRole('alert').filter({ hasText: 'Give a name first.' }).waitFor();
  const name = page.getByRole('textbox', { name: 'Your name' });
  expect(await name.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
  expect(await page.getByRole('article').count()).toBe(0);
});

it('posts with the keyboard alone', async () => {
  const { page } = await world.readers.open(world.article({ above: 0 }));
  await hasStatus(page, 'live');
  const box = page.getByRole('textbox', { name: 'Your reply' });
  await box.waitFor();
  // Past the reading settings.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await box.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
  await page.keyboard.type('Without a mouse');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Kay');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page
    .getByRole('article')
    .filter({ hasText: 'Without a mouse' })
    .getByRole('button', { name: 'Edit' })
    .waitFor();
});
