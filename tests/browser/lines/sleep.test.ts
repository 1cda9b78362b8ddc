// A laptop that sleeps, a night or a moment: the line that died meanwhile is soon another one, and one that did not is kept.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { fallAsleep } from '../../support/asleep.js';
import { arrived, behindProxy, COMPLAINTS, isLevel, openOn, texts } from '../../support/bad-lines.js';
import { article } from '../../support/opened.js';
import { until } from '../../support/until.js';
import { hasStatus, post, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** Longer than a busy page stands still, and shorter than a line may be silent. */
const ASLEEP_MS = 12_000;

it('[CUR1] [CUR5] after a night asleep catches up at once, exactly, with what was being written and sent', async () => {
  const { page, line, thread } = await openOn(world, (fresh) => fresh.clock.install());
  // The lid is closed: the line dies for good, no timer runs, and nobody tells the page.
  line.isMute = true;
  await post(page, 'As the lid closed', 'Ana');
  await article(page, 'As the lid closed').getByText('sending').waitFor();
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Half a sent');
  await world.write(thread, [{ body: 'At night' }, { body: 'At dawn' }]);
  await page.clock.fastForward(9 * 3_600_000);
  await until(() => line.count === 2, 'another line');
  await page.clock.runFor(3_000);
  await isLevel(page, ['Before', 'At night', 'At dawn', 'As the lid closed']);
  await arrived(page, 'As the lid closed');
  expect(await page.getByRole('textbox', { name: 'Your reply' }).inputValue()).toBe('Half a sent');
  expect(await texts(world, thread)).toEqual(['Before', 'At night', 'At dawn', 'As the lid closed']);
});

it.each([
  ['a page', 1],
  ['a tab that shares another one’s line', 2],
])('[CUR4] [CUR5] after a short sleep in which the line died, %s soon catches up', async (_, tabs) => {
  await behindProxy(world, async (page, proxy, thread) => {
    await hasStatus(page, 'live');
    let reader = page;
    if (tabs > 1) {
      reader = (await world.readers.open(page.url(), { ...COMPLAINTS, beside: page })).page;
      await hasStatus(reader, 'live');
    }
    await reader.getByRole('textbox', { name: 'Your name' }).fill('Ana');
    await reader.getByRole('textbox', { name: 'Your reply' }).fill('Begun before it');
    const wake = await fallAsleep(page);
    try {
      proxy.lose();
      await world.write(thread, [{ body: 'In the night' }]);
      await pause(ASLEEP_MS);
    } finally {
      wake();
    }
    const wokeAt = performance.now();
    await reader.getByRole('button', { name: 'Post reply' }).click();
    await arrived(reader, 'Begun before it');
    expect(performance.now() - wokeAt).toBeLessThan(12_000);
    await isLevel(reader, ['Before', 'In the night', 'Begun before it']);
    expect(await texts(world, thread)).toEqual(['Before', 'In the night', 'Begun before it']);
  });
});

it('[CUR4] keeps a line that a short sleep did no harm', async () => {
  await behindProxy(world, async (page, proxy, thread) => {
    await hasStatus(page, 'live');
    const lines: unknown[] = [];
    page.on('websocket', (line) => lines.push(line));
    const wake = await fallAsleep(page);
    await world.write(thread, [{ body: 'In the night' }]);
    await pause(ASLEEP_MS);
    wake();
    await isLevel(page, ['Before', 'In the night']);
    // Longer than it is waited for a sign of life.
    await pause(8_000);
    await hasStatus(page, 'live');
    expect([lines.length, proxy.connections > 0]).toEqual([0, true]);
  });
});
