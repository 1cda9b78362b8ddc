// Nothing on the page moves, whatever becomes of the line and whatever is said of it: in any language, on the narrowest screen and
// with text of twice the size.
import type { Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { SPOKEN } from '../../widget/i18n/languages.js';
import { violations } from './axe.js';
import { hasStatus, World } from './widget.js';

const COMPLAINTS = { allow: [/Failed to load resource/, /WebSocket/] };
const BUSY = { code: 'overloaded', message: 'busy', retry: 'later', retryAfterMs: 1_000 };
const OLD = { code: 'protocol_unsupported', message: 'old', retry: 'never' };

/** What becomes of each new line, and of those that are open when it is said. */
type Fate = 'through' | 'cut' | 'busy' | 'refused';

async function lines(page: Page): Promise<(fate: Fate) => Promise<void>> {
  let fate: Fate = 'through';
  const open = new Set<WebSocketRoute>();
  await page.route(/socket\.io/, (route) => route.abort());
  await page.routeWebSocket(/socket\.io/, (socket) => {
    if (fate === 'cut') return void socket.close();
    open.add(socket);
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const data = fate === 'busy' ? BUSY : fate === 'refused' ? OLD : null;
      if (data && String(message).startsWith('40')) socket.send(`44${JSON.stringify({ message: '', data })}`);
      else server.send(message);
    });
  });
  return async (next) => {
    fate = next;
    for (const socket of open) await socket.close();
    open.clear();
  };
}

/** Where everything stands, by language; of what is written there, and what is said below it; where the page's age covers a reply. */
async function places(page: Page) {
  const at: Record<string, number[]> = {};
  const said: Record<string, string> = {};
  const covers: string[] = [];
  for (const lang of ['en', ...SPOKEN]) {
    await page.evaluate((to) => document.querySelector('afterword-discussion')!.setAttribute('lang', to), lang);
    await page.locator(`section[lang="${lang}"]`).waitFor();
    const [tops, below, isCovered] = await page.evaluate(async () => {
      const stage = document.querySelector('afterword-discussion')!;
      await (stage as unknown as { updateComplete: Promise<unknown> }).updateComplete;
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      const root = stage.shadowRoot!;
      const seen = [...root.querySelectorAll('header, article, form, .tools'), document.querySelector('footer')!];
      const tops = seen.map((node) => Math.round(10 * (node.getBoundingClientRect().top + scrollY)) / 10);
      const note = root.querySelector('.arrivals [role=alert]')?.getBoundingClientRect();
      const name = root.querySelector('.name')!.getBoundingClientRect();
      const isOver = !!note && note.bottom > name.top && note.top < name.bottom;
      return [tops, root.querySelector('.foot p')!.textContent.trim(), isOver] as const;
    });
    at[lang] = tops;
    said[lang] = below;
    if (isCovered) covers.push(lang);
  }
  return { at, said, covers };
}

/** By language, what stands elsewhere. */
function moved(before: Record<string, number[]>, after: Record<string, number[]>): string[] {
  return Object.entries(before).flatMap(([lang, tops]) =>
    String(tops) === String(after[lang]) ? [] : [`${lang}: ${tops.join(' ')} -> ${after[lang]!.join(' ')}`],
  );
}

export type Case = readonly [width: number, size: string, sort: string];

/** A test for each of these widths, sizes of text, and orders. */
export function nothingMoves(cases: readonly Case[]): void {
  let world: World;
  beforeAll(async () => {
    world = await World.make();
  });
  afterEach(() => world.readers.done());
  afterAll(() => world.end());

  it.each(cases)(
    '[PAGE4] at %d px and %s text %s, nothing moves for what is said without a line',
    async (width, size, sort) => {
      const thread = newId();
      await world.write(thread, [{ body: 'One' }, { body: 'Two' }]);
      const { page } = await world.readers.open('about:blank', { ...COMPLAINTS, viewport: { width, height: 800 } });
      const become = await lines(page);
      const head = `<style>html{font-size:${size}}</style>`;
      await page.goto(world.article({ thread, head, attributes: sort && `data-sort="${sort}"` }));
      await hasStatus(page, 'live');
      await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
      await page.getByRole('textbox', { name: 'Your reply' }).fill('Begun');
      await page.getByText('Draft kept').waitFor();
      await page.evaluate(() => scrollTo(0, 0));
      const live = await places(page);

      await become('cut');
      await hasStatus(page, 'offline');
      const cut = await places(page);
      expect(cut.said.en).toMatch(/^You are offline/);
      expect(moved(live.at, cut.at)).toEqual([]);

      await become('busy');
      await page.evaluate(() => document.querySelector('afterword-discussion')!.setAttribute('lang', 'en'));
      await page.getByText('Draft kept · The server is busy').waitFor({ timeout: 20_000 });
      const busy = await places(page);
      expect(moved(live.at, busy.at)).toEqual([]);

      await become('refused');
      await page.getByRole('alert').filter({ hasText: /./ }).waitFor({ timeout: 20_000 });
      const refused = await places(page);
      expect(refused.said.en).toMatch(/^Draft kept · This page is out of date/);
      expect(moved(live.at, refused.at)).toEqual([]);
      // Newest first it stands just above them.
      if (sort) expect(refused.covers).toEqual([]);
      expect(await violations(page)).toEqual([]);
      // Two waits for a line that is tried again, and nineteen languages four times over.
    },
    90_000,
  );
}
