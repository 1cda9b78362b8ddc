// What can be done with replies, in every state that it has: accessible, in light and dark, and within a narrow window.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { violations } from '../support/axe.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

for (const theme of ['light', 'dark'] as const) {
  it(`votes, reactions, reports and undoing, ${theme}, 320 px wide`, async () => {
    const thread = newId();
    const long = Array.from({ length: 40 }, (_, i) => `Line ${i}`).join('\n\n');
    await world.write(thread, [
      { body: `A [link](https://example.org/) and \`\`\`\nlet code = '${'x'.repeat(99)}';\n\`\`\`` },
      { body: long },
    ]);
    const head = `<style>body{margin:8px;background:${theme === 'dark' ? '#111;color:#eee' : '#fff;color:#111'}}</style>`;
    const { page } = await world.readers.open(
      world.article({ thread, head, attributes: `data-votes="updown" data-theme="${theme}"` }),
      { viewport: { width: 320, height: 700 } },
    );
    await hasStatus(page, 'live');
    const first = page.getByRole('article').first();
    const line = (): Promise<number> => first.locator('.actions').evaluate((node) => node.clientHeight);
    await first.getByRole('button', { name: 'Vote up' }).waitFor();
    const height = await line();
    await first.getByRole('button', { name: 'Vote up' }).click();
    await page.getByRole('textbox', { name: 'A name first' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'A name first' }).fill('Ben');
    await page.getByRole('textbox', { name: 'A name first' }).press('Enter');
    for (const emoji of ['❤️', '🎉', '🤔']) {
      await first.getByRole('button', { name: 'Add a reaction' }).click();
      await page.getByRole('dialog').getByRole('button', { name: emoji }).waitFor();
      if (emoji === '🎉') expect(await violations(page)).toEqual([]);
      await page.getByRole('dialog').getByRole('button', { name: emoji }).click();
      await first.getByRole('button', { name: `${emoji} 1, chosen by you` }).waitFor();
    }
    expect(await first.getByRole('button', { name: 'Read more' }).count()).toBe(0);
    // However many there are, the line keeps its height and nothing is wider than the window.
    expect(await line()).toBe(height);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await first.getByRole('button', { name: 'Report' }).click();
    await page.getByRole('dialog', { name: 'Report' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await post(page, 'Mine', 'Ben');
    await page.getByRole('article').filter({ hasText: 'Mine' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
}
