// A state of the widget, and how one comes to see it: by real doing, on a real server, in whatever view is asked for. Owns the
// page that a state stands in; the states are in the files beside this one.
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { newId } from '../../../shared/ids.js';
import { hasStatus, type World } from '../widget.js';

/** How one looks at it. */
export interface View {
  scheme: 'light' | 'dark';
  width: number;
  lang: string;
}

export interface Scene {
  world: World;
  page: Page;
  thread: string;
  /** Of the talk, in its order. */
  ids: string[];
  lang: string;
}

export interface State {
  name: string;
  /** Does what leads there, and waits until it is there. Names nothing by its words: they may be of any language. */
  act(scene: Scene): Promise<unknown>;
  /** What has been said before; else a talk of everything. */
  talk?: readonly { body: string; parent?: number }[];
  /** Of the script tag. */
  attributes?: string;
  site?: string;
  /** Of the page. */
  style?: string;
  /** Complaints of the page that belong to the state. */
  allow?: RegExp[];
  /** What the browser is asked for, beside the view. */
  context?: BrowserContextOptions;
  /** It stays without a line. */
  isApart?: boolean;
  /** There is nothing to press. */
  isBare?: boolean;
}

export const TALK: readonly { body: string; parent?: number }[] = [
  {
    body: 'A first thought, with *emphasis*, `code` and [a link](https://example.org/somewhere).\n\n> What somebody said before',
  },
  { body: 'I see it **another way**:\n\n- one reason\n- another one', parent: 0 },
  { body: 'Which way?', parent: 1 },
  { body: 'The way of all things.', parent: 2 },
  { body: 'سلام! متن فارسی با یک نام English در میان آن.', parent: 0 },
  {
    body: '```js\nfor (const line of lines) if (line.length > 80) console.log(line, "is a long line that has to scroll somewhere");\n```',
  },
];
const HEAD =
  ':root { color-scheme: light dark; background: Canvas; color: CanvasText } body { font: 16px/1.5 system-ui, sans-serif; margin: 1.5rem }';

/** Opens it and brings it about; the reader is closed with the others of the test. */
export async function show(world: World, state: State, { scheme, width, lang }: View): Promise<Scene> {
  const { talk = TALK, attributes = '', site = 'demo', style = '', allow = [], context } = state;
  const thread = newId();
  const ids = await world.write(thread, talk);
  const url = world.article({
    thread,
    lang,
    place: `<script async src="${world.server}/afterword.js" data-site="${site}" data-thread="${thread}" ${attributes}></script>`,
    head: `<style>${HEAD} ${style}</style>`,
    title: lang === 'ar' ? 'مقال' : 'A letter box with teeth',
  });
  const { page } = await world.readers.open(url, {
    viewport: { width, height: 900 },
    colorScheme: scheme,
    allow,
    ...context,
  });
  if (!state.isApart) await hasStatus(page, 'live');
  const scene = { world, page, thread, ids, lang };
  await state.act(scene);
  await page.evaluate(() => document.fonts.ready);
  return scene;
}

/** The discussion, and what is in it. */
export const root = (page: Page): Locator => page.locator('afterword-discussion');
export const reply = (page: Page, id: string): Locator => page.locator(`article[id="${id}"]`);
export const part = (page: Page, name: string): Locator => root(page).locator(`[part~="${name}"]`);
/** What can be done with replies has come. */
export const acting = (page: Page): Promise<void> => root(page).locator('[part~="votes"]').first().waitFor();

/** Writes and sends with the form that is open. */
export async function send(page: Page, body: string, name = 'Ana'): Promise<Locator> {
  const box = part(page, 'text').first();
  await box.focus();
  await part(page, 'toolbar').waitFor();
  const known = part(page, 'name').first();
  if (await known.isVisible()) await known.fill(name);
  await box.fill(body);
  await part(page, 'post').first().click();
  const own = root(page).locator('article', { hasText: body });
  await own.waitFor();
  return own;
}

/** As its author, whoever that is. */
export async function actorOf({ app }: World, id: string) {
  const { store } = app;
  const author = (await store.author((await store.reply(id))!.authorId))!;
  return { author, site: (await store.site(author.siteId))! };
}
