// What depends on the engine of a browser, in those that are not Chromium's: holding still what is read (WebKit does not),
// keys and forms, storage over a reload, locks and channels between tabs, a line that is lost. `npm run test:engines`.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { connectGuest } from '../support/client.js';
import { until } from '../support/until.js';
import { World } from '../support/widget.js';
import type { Engine, Tab } from './engine.js';
import { startFirefox } from './firefox.js';
import { startWebKit } from './webkit.js';

const WITHIN = { withinMs: 15_000 };
const numbered = (count: number, word: string): { body: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    body: `${word} ${i}, in words that may take more than a line. `.repeat(1 + (i % 4)),
  }));

/** A tab on a discussion. */
class Page {
  readonly #tab: Tab;

  constructor(tab: Tab) {
    this.#tab = tab;
  }

  /** Shows the discussion at this address, live. */
  async open(url: string): Promise<void> {
    await this.#tab.open(url);
    await this.has('a discussion', `document.querySelector('afterword-discussion')?.shadowRoot`);
    await this.#tab.run(`document.querySelector('afterword-discussion').scrollIntoView()`);
    await this.isLive();
  }

  isLive(): Promise<void> {
    return this.has('the status “live”', `document.querySelector('afterword-discussion[status=live]')`);
  }

  /** Of an expression; in it `root` is the discussion's shadow root, `named` finds what is called so. */
  async value(expression: string): Promise<unknown> {
    return await this.#tab.run(`
      const root = document.querySelector('afterword-discussion')?.shadowRoot;
      const named = (tag, name) => [...root.querySelectorAll(tag)].find((one) => one.textContent.trim().startsWith(name));
      return ${expression};`);
  }

  async has(what: string, expression: string): Promise<void> {
    await until(() => this.value(`!!(${expression})`), what, WITHIN);
  }

  async press(expression: string): Promise<void> {
    await this.has(expression, expression);
    await this.value(`(${expression}).scrollIntoView({ block: 'center' })`);
    const [x, y] = (await this.value(
      `(({ left, top, width, height }) => [left + width / 2, top + height / 2])((${expression}).getBoundingClientRect())`,
    )) as [number, number];
    await this.#tab.press(x, y);
  }

  type(text: string): Promise<void> {
    return this.#tab.type(text);
  }

  close(): Promise<void> {
    return this.#tab.close();
  }
}

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.end());

describe.each([
  ['Firefox', startFirefox],
  ['WebKit', startWebKit],
])('%s', (_, start) => {
  let engine: Engine;
  const pages: Page[] = [];
  beforeAll(async () => {
    engine = await start();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });
  afterAll(() => engine.end());

  async function openPage(url: string): Promise<Page> {
    const page = new Page(await engine.tab());
    pages.push(page);
    await page.open(url);
    return page;
  }

  it('what is read stays where it is when answers come above it', async () => {
    const thread = newId();
    const ids = await world.write(thread, numbered(20, 'Reply'));
    const page = await openPage(world.article({ thread, attributes: 'data-pace="anchor"' }));
    const read = `root.querySelector('[id*="${ids[12]}"]')`;
    await page.value(`${read}.scrollIntoView({ block: 'center' })`);
    const top = (): Promise<unknown> => page.value(`${read}.getBoundingClientRect().top`);
    const before = Number(await top());
    for (let i = 0; i < 6; i++) await world.answer(thread, ids[2]!, `An answer above, number ${i}`, 'Ben');
    await page.has('six answers', `root.textContent.split('An answer above').length > 6`);
    await page.has('the page to have moved along', `scrollY > 0`);
    expect(Math.abs(Number(await top()) - before)).toBeLessThanOrEqual(1);
  });

  it('what waits comes by its button, and what is written survives a reload and is sent', async () => {
    const thread = newId();
    await world.write(thread, numbered(5, 'Reply'));
    const url = world.article({ thread, attributes: 'data-pace="hold"' });
    const page = await openPage(url);
    await world.write(thread, numbered(3, 'Waiting'));
    await page.press(`named('button', 'Show 3 new replies')`);
    await page.has('the three', `named('article', 'A') && root.textContent.includes('Waiting 2')`);
    await page.press(`root.querySelector('textarea')`);
    await page.type('Written in **this** browser.');
    await page.has('the text', `root.querySelector('textarea').value === 'Written in **this** browser.'`);
    // Kept a moment after the last key.
    await page.has('the draft', `Object.keys(localStorage).some((key) => localStorage[key].includes('Written in'))`);
    await page.open(url);
    await page.has('the text again', `root.querySelector('textarea')?.value === 'Written in **this** browser.'`);
    await page.press(`root.querySelector('form input')`);
    await page.type('Frida');
    await page.press(`named('button', 'Post reply')`);
    await page.has('the reply, one’s own', `named('button', 'Edit')`);
    expect(await page.value(`[...root.querySelectorAll('article strong')].map((one) => one.textContent)`)).toContain(
      'this',
    );
  });

  it('[CUR7] two share one line, and one goes on when the other is closed', async () => {
    const thread = newId();
    await world.write(thread, numbered(2, 'Reply'));
    const url = world.article({ thread });
    const guest = await connectGuest(world.server, 'Ben');
    await guest.join(thread);
    const one = await openPage(url);
    const two = await openPage(url);
    const beats = (): { readers: number }[] => guest.pushed('thread:beat');
    const heard = beats().length;
    // This guest, and the two as one.
    await until(() => beats().length > heard && beats().at(-1)!.readers === 2, 'one reader beside this guest', WITHIN);
    await two.isLive();
    await pages.pop()!.close();
    await one.isLive();
    await world.write(thread, [{ body: 'Said to the one that is left' }]);
    await one.has('three replies', `root.querySelector('h2').textContent.startsWith('3 replies')`);
    guest.close();
  });

  it('what is written while the server is away waits, and is sent once', async () => {
    const thread = newId();
    await world.write(thread, numbered(2, 'Reply'));
    const page = await openPage(world.article({ thread }));
    await page.press(`root.querySelector('textarea')`);
    await page.type('Said to nobody yet');
    await page.press(`root.querySelector('form input')`);
    await page.type('Olga');
    const back = world.restart();
    await page.press(`named('button', 'Post reply')`);
    await back;
    await page.isLive();
    await page.has('the reply, sent', `named('button', 'Edit')`);
    await page.has('three replies', `root.querySelector('h2').textContent.startsWith('3 replies')`);
    expect(await page.value(`root.textContent.split('Said to nobody yet').length`)).toBe(2);
  });
});
