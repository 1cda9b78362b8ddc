// What the tests of bad lines do: open a page whose line they have in their hands, and look at what came of it.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { newId } from '../../shared/ids.js';
import { Between } from './between.js';
import { article, openThread, texts as shown } from './opened.js';
import { TcpProxy } from './tcp-proxy.js';
import { until } from './until.js';
import type { Portal } from './portal.js';
import { hasStatus, post, type World } from './widget.js';

/** What a browser says of such lines. */
export const COMPLAINTS = {
  allow: [/MIME type/, /Failed to load/, /WebSocket/, /CORS/, /INTERNET_DISCONNECTED/],
};

/** Only what has arrived at the server can be changed. Over the worst of these lines that takes twelve seconds. */
export const arrived = (page: Page, text: string) =>
  article(page, text).getByRole('button', { name: 'Edit' }).waitFor({ timeout: 12_000 });
export const says = (page: Page, text: string | RegExp): Promise<void> =>
  page.locator('.status').getByText(text).waitFor();

/** What the database holds of a thread, in its order. */
export async function texts(world: World, thread: string): Promise<string[]> {
  const rows = await world.app.database.sql<{ body: string }[]>`
    select body from replies r join threads t on t.id = r.thread_id where t.key = ${thread} order by born`;
  return rows.map(({ body }) => body);
}

/** A reader on a line that the test has in its hands, level with a thread of one reply. */
export async function openOn(
  world: World,
  before?: (page: Page) => Promise<unknown>,
): Promise<{ page: Page; line: Between; thread: string }> {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  let line!: Between;
  const page = await openThread(world, thread, '', {
    ...COMPLAINTS,
    before: async (fresh) => {
      await before?.(fresh);
      line = await Between.put(fresh);
    },
  });
  return { page, line, thread };
}

/** Everything that is there is shown, each once. */
export async function isLevel(page: Page, expected: readonly string[]): Promise<void> {
  const pill = page.getByRole('button', { name: /^Show \d+ new repl/ });
  await until(
    async () => {
      if (await pill.count()) await pill.click();
      return (await shown(page)).length >= expected.length;
    },
    `all of ${expected.join(', ')}`,
  );
  expect((await shown(page)).map((text) => text.trim())).toEqual(expected);
  await hasStatus(page, 'live');
}

/** A reader of a thread with one reply, whose way to the server leads through a proxy of the test's own. */
export async function behindProxy(
  world: World,
  act: (page: Page, proxy: TcpProxy, thread: string) => Promise<void>,
): Promise<void> {
  const proxy = await TcpProxy.open({ port: world.app.port });
  try {
    const thread = newId();
    await world.write(thread, [{ body: 'Before' }]);
    const server = `http://127.0.0.1:${proxy.port}`;
    const { page } = await world.readers.open(world.article({ thread, server }), COMPLAINTS);
    await act(page, proxy, thread);
  } finally {
    await proxy.close();
  }
}

/**
 * A reader of a thread with one reply, live by way of this portal, is captured, writes, and signs in: what was written is kept,
 * and sent once behind it, by itself. `turnedAway`: attempts that came to nothing so far.
 */
export async function sitsOut(
  world: World,
  page: Page,
  thread: string,
  portal: Portal,
  turnedAway: () => number,
): Promise<void> {
  await hasStatus(page, 'live');
  portal.capture();
  await hasStatus(page, 'offline');
  await says(page, /^offline since \d/);
  // What it takes to write is not there yet, and can't be had here.
  await post(page, 'From the lobby', 'Ana');
  await article(page, 'From the lobby').getByText('waiting to send').waitFor();
  await world.write(thread, [{ body: 'Meanwhile' }]);
  await until(() => turnedAway() >= 3, 'it to try again and again', { withinMs: 15_000 });
  expect(await texts(world, thread)).toEqual(['Before', 'Meanwhile']);
  portal.signIn();
  await page.locator('afterword-discussion[status=live]').waitFor({ timeout: 20_000 });
  await arrived(page, 'From the lobby');
  await isLevel(page, ['Before', 'Meanwhile', 'From the lobby']);
  expect(await texts(world, thread)).toEqual(['Before', 'Meanwhile', 'From the lobby']);
}
