// Every state of the widget as a picture: light and dark, 320 and 1280 px, left to right and right to left, brought about
// by real doing on a real server. They land in tests/.artifacts/gallery, with an index to look at all of them. ONLY=words
// makes those whose name holds the words.
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { READING } from '../support/states/reading.js';
import { show, type View } from '../support/states/scene.js';
import { UNFINISHED } from '../support/states/unfinished.js';
import { WRITING } from '../support/states/writing.js';
import { World } from '../support/widget.js';

const FOLDER = resolve(import.meta.dirname, '../.artifacts/gallery');
const VIEWS: View[] = (['light', 'dark'] as const).flatMap((scheme) =>
  [320, 1280].flatMap((width) => ['en', 'ar'].map((lang) => ({ scheme, width, lang }))),
);

let world: World;
const shown = new Map<string, string[]>();
beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  world = await World.make();
});
afterAll(async () => {
  await world.end();
  const rows = [...shown].map(
    ([state, files]) =>
      `<h2>${state}</h2><div>${files.map((file) => `<a href="${file}"><img src="${file}"></a>`).join('')}</div>`,
  );
  const style =
    'body{font:16px system-ui;margin:2rem}div{display:flex;gap:8px;overflow:auto}img{height:420px;border:1px solid #999}';
  await writeFile(resolve(FOLDER, 'index.html'), `<meta charset="utf-8"><style>${style}</style>${rows.join('')}`);
});

for (const state of [...READING, ...WRITING, ...UNFINISHED]) {
  if (!state.name.includes(process.env.ONLY ?? '')) continue;
  it(state.name, async () => {
    for (const view of VIEWS) {
      const { page } = await show(world, state, view);
      const file = `${state.name.replaceAll(/\W+/g, '-')}-${view.scheme}-${view.width}-${view.lang}.png`;
      // A dialog lies above what is in sight, not above the whole page.
      const fullPage = (await page.locator('dialog[open]').count()) === 0;
      await page.screenshot({ path: resolve(FOLDER, file), fullPage });
      shown.set(state.name, [...(shown.get(state.name) ?? []), file]);
      await page.context().close();
    }
  });
}
