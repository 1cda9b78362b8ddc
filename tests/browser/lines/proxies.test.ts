// Proxies that cut what is idle, or at random, and that let bytes trickle: nothing that was written is lost or doubled, and
// nothing moves.
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { arrived, behindProxy, isLevel, says, texts } from '../../support/bad-lines.js';
import { article } from '../../support/opened.js';
import { until } from '../../support/until.js';
import { hasStatus, post, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** Has the page note the statuses that come from now on. */
async function watchStatus(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const found: string[] = [];
    const stage = document.querySelector('afterword-discussion')!;
    let last = stage.getAttribute('status')!;
    new MutationObserver(() => {
      const status = stage.getAttribute('status')!;
      if (status !== last) found.push(status);
      last = status;
    }).observe(stage, { attributeFilter: ['status'] });
    return found;
  });
  return () => seen.jsonValue();
}

/** At how many places in the page its first reply stands from now on, as seen in each frame. */
async function watchTop(page: Page): Promise<() => Promise<number>> {
  const seen = await page.evaluateHandle(() => {
    const tops = new Set<number>();
    const look = (): void => {
      const article = document.querySelector('afterword-discussion')!.shadowRoot!.querySelector('article')!;
      tops.add(Math.round(article.getBoundingClientRect().top + scrollY));
      requestAnimationFrame(look);
    };
    look();
    return tops;
  });
  return () => page.evaluate((tops) => tops.size, seen);
}

it.each(['WebSocket', 'polling'])('[CUR4] a proxy that cuts idle lines has nothing to cut, by %s', async (by) => {
  await behindProxy(world, async (page, proxy) => {
    // Proxies cut after 10 s at the earliest (60 by custom).
    proxy.idle(8_000);
    const lines: unknown[] = [];
    page.on('websocket', (socket) => lines.push(socket));
    if (by === 'polling') await page.routeWebSocket(/socket\.io/, (socket) => void socket.close());
    await page.reload();
    await hasStatus(page, 'live');
    if (by === 'polling') await says(page, 'live, slow line');
    const statuses = await watchStatus(page);
    await pause(14_000);
    expect([await statuses(), lines.length]).toEqual([[], by === 'polling' ? 0 : 1]);
    await post(page, 'Through the proxy', 'Ana');
    await arrived(page, 'Through the proxy');
  });
});

it('[CUR5] [PAGE4] a proxy that cuts what is idle for a moment costs nothing that is written, and moves nothing', async () => {
  await behindProxy(world, async (page, proxy, thread) => {
    await hasStatus(page, 'live');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    const top = await watchTop(page);
    const statuses = await watchStatus(page);
    proxy.idle(1_500);
    const written = ['One', 'Two', 'Three'];
    for (const body of written) {
      await post(page, body);
      await pause(3_000);
    }
    await world.write(thread, [{ body: 'By another' }]);
    for (const body of written) await arrived(page, body);
    await isLevel(page, ['Before', ...written, 'By another']);
    expect(await texts(world, thread)).toEqual(['Before', ...written, 'By another']);
    expect(await statuses()).toEqual(expect.arrayContaining(['catching-up', 'live']));
    expect(await top()).toEqual(1);
  });
});

it('[CUR5] [PAGE4] a line that trickles from load on is slow, says when it is none any more, and loses nothing', async () => {
  await behindProxy(world, async (page, proxy, thread) => {
    for (const way of ['up', 'down'] as const) proxy.drip(10_000, way);
    await page.reload();
    await article(page, 'Before').waitFor();
    await hasStatus(page, 'live');
    await post(page, 'Slowly', 'Ana');
    await arrived(page, 'Slowly');
    const top = await watchTop(page);
    // A byte now and then: never silent, and never through with anything.
    for (const way of ['up', 'down'] as const) proxy.drip(5, way);
    await post(page, 'Hardly');
    await world.write(thread, [{ body: 'By another' }]);
    await page.locator('afterword-discussion:not([status=live])').waitFor({ state: 'attached', timeout: 25_000 });
    await article(page, 'Hardly').getByText('waiting to send').waitFor({ timeout: 15_000 });
    await proxy.heal();
    await arrived(page, 'Hardly');
    expect((await texts(world, thread)).sort()).toEqual(['Before', 'By another', 'Hardly', 'Slowly']);
    expect(await top()).toEqual(1);
  });
}, 60_000);

it('[CUR5] a line that a proxy cuts every few seconds delivers everything once', async () => {
  await behindProxy(world, async (page, proxy, thread) => {
    await hasStatus(page, 'live');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    const written = ['One', 'Two', 'Three', 'Four'];
    for (const body of written) {
      await post(page, body);
      proxy.cut();
      await hasStatus(page, 'live');
    }
    for (const body of written) await arrived(page, body);
    expect(await texts(world, thread)).toEqual(['Before', ...written]);
  });
});

it('[PAGE11] who removes a reply as the line dies, and is not answered, can bring it back all the same', async () => {
  await behindProxy(world, async (page, proxy) => {
    await hasStatus(page, 'live');
    await post(page, 'Removed as it died', 'Ana');
    await arrived(page, 'Removed as it died');
    proxy.stall('down');
    await article(page, 'Removed as it died').getByRole('button', { name: 'Remove' }).click();
    await until(async () => {
      const [row] = await world.app.database.sql<{ state: string }[]>`
        select state from replies where body = 'Removed as it died'`;
      return row?.state !== 'published';
    }, 'it to be removed');
    proxy.cut();
    await proxy.heal();
    const tombstone = article(page, 'This reply was removed.');
    await tombstone.waitFor();
    // Nothing went wrong there.
    expect(await tombstone.getByRole('alert').count()).toBe(0);
    await tombstone.getByRole('button', { name: 'Undo' }).click();
    await arrived(page, 'Removed as it died');
  });
});
