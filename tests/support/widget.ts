// What a browser test of the widget needs: the real server with the real build, an owner's site on another origin, and
// readers. One for a test file.
import type { Page } from 'playwright-core';
import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from './app.js';
import { Readers } from './browser.js';
import { connectGuest } from './client.js';
import { article, buildWidget, servePages, type Answer, type ArticleOptions, type Build, type Pages } from './pages.js';

export class World {
  app: TestApp;
  readonly readers: Readers;
  readonly #build: Build;
  readonly #pages: Pages;
  readonly #answers: Map<string, Answer | string>;

  private constructor(
    app: TestApp,
    readers: Readers,
    build: Build,
    pages: Pages,
    answers: Map<string, Answer | string>,
  ) {
    this.app = app;
    this.readers = readers;
    this.#build = build;
    this.#pages = pages;
    this.#answers = answers;
  }

  static async make(): Promise<World> {
    const build = await buildWidget();
    const answers = new Map<string, Answer | string>();
    const [app, readers, pages] = await Promise.all([
      startTestApp({ dist: build.dist }),
      Readers.launch(),
      servePages((url) => answers.get(url.pathname)),
    ]);
    return new World(app, readers, build, pages, answers);
  }

  get server(): string {
    return this.app.url;
  }

  /** The owner's site. */
  get origin(): string {
    return this.#pages.origin;
  }

  /** Puts a page of the owner's site at a path of its own; returns its address. */
  page(answer: Answer | string): string {
    const path = `/${newId()}`;
    this.#answers.set(path, answer);
    return this.#pages.origin + path;
  }

  /** An article with the snippet, under a thread of its own unless one is named. */
  article(options: Partial<ArticleOptions> & { headers?: Record<string, string> } = {}): string {
    const { headers = {}, ...rest } = options;
    return this.page({ html: article({ server: this.server, thread: newId(), ...rest }), headers });
  }

  /** Writes replies, one after the other; `parent` is the index of an earlier one. Returns their ids. */
  async write(thread: string, replies: readonly { body: string; parent?: number }[], name = 'Ana'): Promise<string[]> {
    const guest = await connectGuest(this.server, name);
    const joined = await guest.join(thread);
    if (joined.mode !== 'snapshot') throw new Error('expected a snapshot');
    const ids: string[] = [];
    for (const { body, parent } of replies) {
      const id = newId();
      await guest.must('reply:create', {
        thread: joined.thread.id,
        id,
        body,
        parent: parent === undefined ? null : ids[parent]!,
      });
      ids.push(id);
    }
    guest.close();
    return ids;
  }

  /** The server ends as it does for a new version, and comes back under the same address. */
  async restart(): Promise<void> {
    const { database, port, close } = this.app;
    await close();
    this.app = await startTestApp({ dist: this.#build.dist, database, config: { port } });
  }

  /** Writes one answer; returns its id. */
  async answer(thread: string, parent: string, body: string, name: string): Promise<string> {
    const guest = await connectGuest(this.server, name);
    const joined = await guest.snapshot(thread);
    const id = newId();
    await guest.must('reply:create', { thread: joined.thread.id, id, body, parent });
    guest.close();
    return id;
  }

  async end(): Promise<void> {
    await Promise.all([this.readers.close(), this.#pages.close()]);
    await this.app.close();
    await this.app.database.drop();
    await this.#build.remove();
  }
}

/** The first discussion of the page has reached this status. */
export async function hasStatus(page: Page, status: string): Promise<void> {
  await page.locator(`afterword-discussion[status=${status}]`).first().waitFor({ state: 'attached' });
  // Somebody is there: what can be done with replies comes at the first sign of that.
  if (status === 'live') for (const at of [1, 2]) await page.mouse.move(at, at);
}

/** Writes and sends a reply with the composer that is open, as a person would. */
export async function post(page: Page, body: string, name?: string): Promise<void> {
  if (name) await page.getByRole('textbox', { name: 'Your name' }).fill(name);
  await page.getByRole('textbox', { name: 'Your reply' }).fill(body);
  await page.getByRole('button', { name: 'Post reply' }).click();
}
