// A browser on a server that is asked for twice what it can do (LOAD1): what is there is read, what is written arrives, once.
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import type { Snapshot } from '../../../shared/views.js';
import { connectGuest, type TestClient } from '../../support/client.js';
import { makeNodes, type Nodes } from '../../support/nodes.js';
import {
  copyProgram,
  makeDataFolder,
  type DataFolder,
  type Program,
  type ServerProcess,
} from '../../support/server-process.js';
import { until } from '../../support/until.js';
import { hasStatus, post, World } from '../../support/widget.js';

/** Markdown that takes some milliseconds to render: the processor is what runs out. */
const HEAVY = '*a [b](https://example.com/c) `d` **e***\n\n'.repeat(200);
const CROWD = 16;
/** Asked for a second; it can do about half of it. */
const PER_SECOND = 600;

let world: World;
let program: Program;
let data: DataFolder;
let nodes: Nodes;
let server: ServerProcess;
let url: string;
beforeAll(async () => {
  world = await World.make();
  program = await copyProgram({ pages: true });
  data = makeDataFolder({ onDisk: true });
  nodes = makeNodes({ AFTERWORD_DATA_DIR: data.path });
  server = nodes.start(program);
  url = await server.ready;
}, 60_000);
afterEach(() => world.readers.done());
afterAll(async () => {
  await nodes.end();
  await data.remove();
  program.remove();
  await world.end();
});

/** Asks on a schedule that waits for no answer, until it is told to stop. */
function crowd(guests: readonly TestClient[], thread: string): () => Promise<void> {
  let isOver = false;
  const asking = (async () => {
    const begun = performance.now();
    for (let n = 0; !isOver; await pause(5)) {
      for (; n < ((performance.now() - begun) / 1_000) * PER_SECOND; n++)
        void guests[n % guests.length]!.ask('reply:preview', { thread, body: HEAVY }).catch(() => {});
    }
  })();
  return () => {
    isOver = true;
    return asking;
  };
}

const written = async (key: string): Promise<string[]> => {
  const answer = await fetch(`${url}/api/v1/sites/demo/thread?key=${key}`);
  return ((await answer.json()) as Snapshot).replies.map(({ html }) => html.replace(/<[^>]*>/g, '').trim());
};
const tops = (page: Page): Promise<number[]> =>
  page.evaluate(() =>
    [...document.querySelector('afterword-discussion')!.shadowRoot!.querySelectorAll('header, article')].map((node) =>
      Math.round(node.getBoundingClientRect().top + scrollY),
    ),
  );

it('[LOAD1] [CUR5] on an overloaded server one reads and writes, nothing moves, and nothing is lost', async () => {
  const thread = newId();
  const guests = await Promise.all(Array.from({ length: CROWD }, (_, n) => connectGuest(url, `Guest ${n}`)));
  const { thread: there } = await guests[0]!.snapshot(thread);
  await guests[0]!.must('reply:create', { thread: there.id, id: newId(), parent: null, body: 'Before' });
  const address = world.article({ thread, server: url });
  const { page } = await world.readers.open(address);
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ana');
  const calm = await tops(page);

  const leave = crowd(guests, there.id);
  await until(() => server.errors().includes('overloaded: a part'), 'it to be overloaded', { withinMs: 10_000 });
  await post(page, 'In the crowd');
  await page.getByRole('article').filter({ hasText: 'In the crowd' }).waitFor();
  expect((await tops(page)).slice(0, calm.length)).toEqual(calm);
  // Who comes now reads, whether there is a line or not, and writes as well.
  const { page: newcomer } = await world.readers.open(address);
  await newcomer.getByText('Before').waitFor();
  await newcomer.getByRole('textbox', { name: 'Your reply' }).waitFor({ timeout: 20_000 });
  await post(newcomer, 'Come late', 'Ben');
  await newcomer.getByRole('article').filter({ hasText: 'Come late' }).waitFor();
  await pause(3_000);
  await leave();

  for (const [reader, text] of [
    [page, 'In the crowd'],
    [newcomer, 'Come late'],
  ] as const) {
    const own = reader.getByRole('article').filter({ hasText: text });
    await own.getByRole('button', { name: 'Edit' }).waitFor({ timeout: 20_000 });
    await hasStatus(reader, 'live');
  }
  expect((await written(thread)).sort()).toEqual(['Before', 'Come late', 'In the crowd']);
  for (const guest of guests) guest.close();
}, 90_000);
