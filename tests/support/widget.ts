// What a browser test of the widget needs: the real server with the real build, an owner's site on another origin, and
// readers. One for a test file.
import type { Page, WebSocketRoute } from 'playwright-core';
import type { AppConfig } from '../../server/app.js';
import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from './app.js';
import { Readers } from './browser.js';
import { connectGuest } from './client.js';
import { article, DIST, servePages, type Answer, type ArticleOptions, type Pages } from './pages.js';

export class World {
  app: TestApp;
  readonly readers: Readers;
  readonly #pages: Pages;
  readonly #answers: Map<string, Answer | string>;

  private constructor(app: TestApp, readers: Readers, pages: Pages, answers: Map<string, Answer | string>) {
    this.app = app;
    this.readers = readers;
    this.#pages = pages;
    this.#answers = answers;
  }

  /** `config`: of the server, where it is not as in all tests. */
  static async make(config: Partial<AppConfig> = {}, browserArgs: readonly string[] = []): Promise<World> {
    const answers = new Map<string, Answer | string>();
    const [app, readers, pages] = await Promise.all([
      startTestApp({ dist: DIST, config }),
      Readers.launch(browserArgs),
      servePages((url) => answers.get(url.pathname)),
    ]);
    return new World(app, readers, pages, answers);
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

  /** The script tag as an owner puts it into a page, with more attributes. */
  tag(attributes = ''): string {
    return `<script async src="${this.server}/afterword.js" data-site="demo" ${attributes}></script>`;
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
    this.app = await startTestApp({ dist: DIST, database, config: { port } });
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

  /** Changes a reply, or removes it (`null`), as its author would. */
  async change(id: string, body: string | null): Promise<void> {
    const { service, store } = this.app;
    const row = (await store.reply(id))!;
    const author = (await store.author(row.authorId))!;
    const actor = { author, site: (await store.site(author.siteId))! };
    if (body === null) await service.replies.remove(actor, { id });
    else await service.replies.edit(actor, { id, body, base: row.rev });
  }

  /** Opens or closes a thread. */
  async setState(thread: string, state: 'open' | 'closed'): Promise<void> {
    const found = await this.app.store.findThread('demo', thread);
    await this.app.service.threads.setState(found!.id, state);
  }

  async end(): Promise<void> {
    await Promise.all([this.readers.close(), this.#pages.close()]);
    await this.app.close();
    await this.app.database.drop();
  }
}

/** A line that can be cut and mended; pages, scripts and first paints come all the same. */
export async function cuttable(page: Page): Promise<{ cut(): Promise<void>; mend(): void }> {
  let isCut = false;
  const open = new Set<WebSocketRoute>();
  await page.routeWebSocket(/socket\.io/, (socket) => {
    if (isCut) return void socket.close();
    socket.connectToServer();
    open.add(socket);
  });
  await page.route(/socket\.io/, (route) => (isCut ? route.abort() : route.continue()));
  return {
    cut: async () => {
      isCut = true;
      for (const socket of open) await socket.close();
    },
    mend: () => {
      isCut = false;
    },
  };
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
