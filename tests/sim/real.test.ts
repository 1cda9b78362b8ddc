// The widget's own halves over a real line, a real server and a real database: what the simulation takes for granted.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startLive } from '../../widget/live.js';
import { Connections } from '../../widget/net/connection.js';
import { SafeStorage, type Keep } from '../../widget/state/storage.js';
import { ThreadState } from '../../widget/state/thread.js';
import type { LiveThread } from '../../widget/state/types.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { useBrowserSocket } from '../support/line-desk.js';
import { until } from '../support/until.js';
import { nodesOf } from './reader.js';

useBrowserSocket();

interface Tab {
  state: ThreadState;
  live: LiveThread;
  /** What stands in the tree: the text, and how far it is on its way. */
  texts(): string[];
}

let database: TestDatabase;
let app: TestApp;
let tabs: Tab[];
beforeEach(async () => {
  database = await createTestDatabase();
  app = await startTestApp({ database });
  tabs = [];
});
afterEach(async () => {
  for (const { live } of tabs) live.stop();
  await app.end();
  await database.drop();
});

function openTab(keep: Keep, name: string): Tab {
  const state = new ThreadState();
  const connections = new Connections({ keep, onWake: () => () => {} });
  const live = startLive({ server: app.url, site: 'demo', key: 'real', state, connections });
  live.setName(name);
  const texts = (): string[] =>
    nodesOf(state).map(({ reply, pending }) =>
      pending ? `${pending.body} (${pending.state})` : reply.html.replace(/<.*?>/g, '').trim(),
    );
  const tab = { state, live, texts };
  tabs.push(tab);
  return tab;
}

const browser = (): SafeStorage => new SafeStorage(() => null);
const isLive = ({ state }: Tab) => state.status === 'live';

it('[PUMP1] what one reader writes, changes and takes back, another one sees', async () => {
  const [ana, ben] = [openTab(browser(), 'Ana'), openTab(browser(), 'Ben')];
  await until(() => isLive(ana) && isLive(ben), 'both to be live');
  const id = ana.live.post({ parent: null, body: 'Hello' });
  expect(ana.texts()).toEqual(['Hello (sending)']);
  await until(() => ben.state.tree().held.length === 1, 'Ben to have an arrival behind the pill');
  ben.state.reveal();
  ben.live.post({ parent: id, body: 'And to you' });
  await until(() => ana.texts().length === 2 || ana.state.tree().held.length === 1, 'Ana to have the answer');
  ana.state.reveal();
  expect([ana.texts(), ben.texts()[0]]).toEqual([['Hello', 'And to you'], 'Hello']);

  expect(await ana.live.change('reply:edit', { id, body: 'Hello **all**', base: 1 })).toMatchObject({ ok: true });
  await until(() => ben.texts()[0] === 'Hello all', 'Ben to see the edit');
  expect(await ana.live.ask('reply:source', { id })).toEqual({ ok: true, data: { body: 'Hello **all**' } });
  expect(await ben.live.change('reply:remove', { id })).toMatchObject({ ok: false, error: { code: 'forbidden' } });
  expect(await ana.live.change('reply:remove', { id })).toMatchObject({ ok: true });
  await until(() => ben.state.get(id)?.state === 'removed', 'Ben to see the tombstone');
  expect([ben.state.count, ben.texts()]).toEqual([1, ['', 'And to you']]);
});

it('[CUR5] [REQ1] what is written while the server is away is kept, shown, and sent exactly once when it is back', async () => {
  const keep = browser();
  const [ana, ben] = [openTab(keep, 'Ana'), openTab(browser(), 'Ben')];
  await until(() => isLive(ana) && isLive(ben), 'both to be live');
  const { port } = app;
  await app.close();
  await until(() => ana.state.status !== 'live', 'the line to be lost');
  for (const body of ['one', 'two', 'three']) ana.live.post({ parent: null, body });
  expect(ana.texts()).toEqual(['one (waiting)', 'two (waiting)', 'three (waiting)']);
  await until(() => ana.state.status === 'offline', 'it to be known');
  expect(ana.state.offlineSince).toBeGreaterThan(0);

  ana.live.stop();
  app = await startTestApp({ database, config: { port } });
  const again = openTab(keep, 'Ana');
  await until(() => isLive(again) && again.state.pending.length === 0, 'the outbox to be empty');
  await until(() => isLive(ben) && ben.state.count === 3, 'Ben to have caught up');
  ben.state.reveal();
  expect(ben.texts().toSorted()).toEqual(['one', 'three', 'two']);
  const late = openTab(browser(), 'Eve');
  await until(() => isLive(late), 'a late reader');
  expect(late.texts()).toEqual(ben.texts());
});

it('two tabs of one browser are one guest, who got one token', async () => {
  const keep = browser();
  const [one, two] = [openTab(keep, 'Ana'), openTab(keep, 'Ana')];
  await until(() => isLive(one) && isLive(two), 'both to be live');
  one.live.post({ parent: null, body: 'from one' });
  await until(() => one.state.pending.length === 0, 'the first to be sent');
  two.live.post({ parent: null, body: 'from two' });
  await until(() => two.state.pending.length === 0 && isLive(two), 'the second to be sent');
  expect(two.state.you?.me).toEqual(one.state.you?.me);
  await until(() => two.texts().length === 2 && one.texts().length === 2, 'both to see both, nothing held back');
  expect(await two.live.change('reply:remove', { id: nodesOf(two.state)[0]!.reply.id })).toMatchObject({ ok: true });
});
