// Discussions in pages that change while they are open: single-page apps, elements that are moved, that go and that come.
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

const count = (page: Page) => page.locator('afterword-discussion').count();

it('survives being moved: what was loaded and what is being written stay', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Half a thought');
  await page.evaluate(() => document.querySelector('footer')!.append(document.querySelector('afterword-discussion')!));
  expect(await page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('Half a thought');
  expect(await page.getByText('First').count()).toBe(1);
  await world.write(thread, [{ body: 'Second' }]);
  await page.getByRole('button', { name: 'Show 1 new reply' }).waitFor();
});

it('removed and put back later it goes on where it was', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'First' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.clock.install();
  const element = await page.evaluateHandle(() => {
    const node = document.querySelector('afterword-discussion')!;
    node.remove();
    return node;
  });
  await page.clock.runFor(5_000);
  await world.write(thread, [{ body: 'Meanwhile' }]);
  await page.evaluate((node) => document.querySelector('main')!.append(node), element);
  await page.clock.runFor(1_000);
  await page.clock.resume();
  await hasStatus(page, 'live');
  await page.getByRole('button', { name: 'Show 1 new reply' }).click();
  await page.getByText('Meanwhile').waitFor();
});

it('[PAGE2] follows a single-page app to the next page and back', async () => {
  const { page } = await world.readers.open(world.article({ place: world.tag(), title: 'One' }));
  await hasStatus(page, 'live');
  await post(page, 'On page one', 'Ana');
  await page.getByRole('article').getByRole('button', { name: 'Remove' }).waitFor();
  await page.evaluate(() => {
    history.pushState({}, '', `${location.pathname}/two?utm_source=x`);
    document.title = 'Two';
  });
  await page.getByRole('heading', { name: 'No replies yet on “Two”' }).waitFor();
  await hasStatus(page, 'live');
  await page.evaluate(() => {
    history.back();
    document.title = 'One';
  });
  await page.getByRole('heading', { name: '1 reply on “One”' }).waitFor();
  await page.getByText('On page one').waitFor();
});

it('[PAGE2] the canonical address names the thread, and a change of it is noticed', async () => {
  const [a, b] = [newId(), newId()];
  await world.write(`https://example.com/${a}`, [{ body: 'Canonical one' }]);
  await world.write(`https://example.com/${b}`, [{ body: 'Canonical two' }]);
  const head = `<link rel="canonical" href="https://example.com/${a}">`;
  const { page } = await world.readers.open(world.article({ place: world.tag(), head }));
  await page.getByText('Canonical one').waitFor();
  await hasStatus(page, 'live');
  await page.evaluate(
    (href) => document.querySelector('link[rel=canonical]')!.setAttribute('href', href),
    `https://example.com/${b}`,
  );
  await page.getByText('Canonical two').waitFor();
});

it('[PAGE1] takes up what a single-page app puts in the place of a discussion that never began', async () => {
  const [first, second] = [newId(), newId()];
  await world.write(second, [{ body: 'On the second page' }]);
  const { page } = await world.readers.open(world.page('<p>soon</p>'), {
    init: () => Object.assign(globalThis, { requestIdleCallback: () => 0 }),
  });
  const place = `<div id="app"><div style="height:4000px"></div><afterword-discussion thread="${first}"></afterword-discussion></div>`;
  await page.goto(world.article({ place, head: world.tag() }), { waitUntil: 'networkidle' });
  await page.evaluate((thread) => {
    history.pushState({}, '', '?second');
    document.querySelector('#app')!.innerHTML = `<afterword-discussion thread="${thread}"></afterword-discussion>`;
  }, second);
  await page.getByText('On the second page').waitFor();
  await hasStatus(page, 'live');
});

it('later ones begin when the reader comes near', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Far below' }]);
  const { page } = await world.readers.open(world.article());
  await hasStatus(page, 'live');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.evaluate((key) => {
    const element = document.createElement('afterword-discussion');
    element.setAttribute('thread', key);
    document.querySelector('main')!.innerHTML = '<div style="height:4000px"></div>';
    document.querySelector('main')!.append(element);
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }, thread);
  expect(asked.filter((url) => url.includes(thread))).toEqual([]);
  await page.locator('afterword-discussion').scrollIntoViewIfNeeded();
  await page.getByText('Far below').waitFor();
});

it('[PAGE1] the one that the script made goes when the page gets its own', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'On its own' }]);
  const { page } = await world.readers.open(world.article());
  await hasStatus(page, 'live');
  await page.evaluate((key) => {
    const element = document.createElement('afterword-discussion');
    element.setAttribute('thread', key);
    document.querySelector('footer')!.append(element);
  }, thread);
  await page.getByText('On its own').waitFor();
  expect(await count(page)).toBe(1);
});
