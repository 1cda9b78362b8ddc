// Tabs of one browser on one line: the real lines against a real Socket.IO server; locks and channels are the test's, so
// that tabs can die and freeze.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Socket } from 'socket.io';
import { AppError } from '../../shared/errors.js';
import type { Connection } from '../../widget/net/connection.js';
import { share } from '../../widget/net/share.js';
import { SafeStorage, type Keep } from '../../widget/state/storage.js';
import { heard, LineDesk, useBrowserSocket } from '../support/line-desk.js';
import { makeDelta, THREAD } from '../support/replies.js';
import { Browser, type BrowserTab } from '../support/tabs.js';
import { until } from '../support/until.js';

interface Opened {
  tab: BrowserTab;
  line: Connection;
  close(): void;
}

let desk: LineDesk;
let browser: Browser;
let opened: Opened[];
beforeEach(async () => {
  desk = new LineDesk();
  browser = new Browser();
  opened = [];
  await desk.serve();
  desk.io.on('connection', (socket) => {
    socket.on('thread:join', ({ key }, answer) =>
      answer({ ok: true, data: { mode: 'delta', delta: makeDelta(0, 0, [], { thread: key }) } }),
    );
    socket.on('reply:source', ({ id }, answer) => answer({ ok: true, data: { body: `of ${id}` } }));
  });
});
afterEach(async () => {
  for (const { tab, close } of opened) {
    tab.thaw();
    close();
  }
  await desk.end();
});

useBrowserSocket();

function open(options: { widget?: string; keep?: Keep; tab?: Partial<BrowserTab> } = {}): Opened {
  const tab = Object.assign(browser.tab(), options.tab);
  const connections = desk.tab({ ...options, share: (name, line) => share(name, line, tab) });
  const { line } = connections.line(desk.url, 'site');
  const close = line.hold();
  const one = { tab, line, close };
  opened.push(one);
  return one;
}

/** The lines that the server has. */
const lines = (): Socket[] => desk.sockets.filter((socket) => socket.connected);
const alive = (): number => lines().length;

async function openUp(options?: Parameters<typeof open>[0]): Promise<Opened> {
  const one = open(options);
  await until(() => one.line.connected, 'the line to be up');
  return one;
}

/** One after the other; the second takes the lead from the first, which was alone, and comes first here. */
async function openTabs(count: number): Promise<[leader: Opened, follower: Opened, ...Opened[]]> {
  const first = await openUp();
  const leader = await openUp();
  await until(() => lines().length === 1 && first.line.connected, 'the first tab to follow');
  const more: Opened[] = [];
  while (more.length < count - 2) more.push(await openUp());
  expect(desk.sockets.length).toBe(2);
  return [leader, first, ...more];
}

const source = { id: 'r1' };
const ANSWER = { ok: true, data: { body: 'of r1' } };
const join = (line: Connection, key = THREAD): Promise<unknown> => line.request('thread:join', { key });

describe('[CUR7] tabs of one browser', () => {
  it('speak over one line, each for itself', async () => {
    const tabs = await openTabs(3);
    const deltas = tabs.map(({ line }) => heard(line, 'thread:delta'));
    lines()[0]!.emit('thread:delta', makeDelta(1, 2));
    await until(() => deltas.every(({ length }) => length === 1), 'the delta in every tab');
    const answers = await Promise.all(tabs.map(({ line }) => line.request('reply:source', source)));
    expect(answers).toEqual([ANSWER, ANSWER, ANSWER]);
    expect(alive()).toBe(1);
  });

  it('say nothing while there is one', async () => {
    const one = await openUp();
    expect(await one.line.request('reply:source', source)).toEqual(ANSWER);
    expect([browser.said, browser.channels.size]).toEqual([[], 0]);
  });

  it('find one that lends its line at once, also when many are opened in one moment', async () => {
    const tabs = Array.from({ length: 6 }, () => open());
    await until(() => tabs.every(({ line }) => line.connected) && alive() === 1, 'one line for all');
    expect(await Promise.all(tabs.map(({ line }) => line.request('reply:source', source)))).toEqual(
      tabs.map(() => ANSWER),
    );
  });

  it('go on when the one with the line crashes in the middle of a request', async () => {
    const [one, two, three] = await openTabs(3);
    const asked = new Promise<void>((resolve) => lines()[0]!.on('reply:remove', () => resolve()));
    const answer = two.line.request('reply:remove', { id: 'r1' });
    await asked;
    browser.kill(one.tab);
    expect(await answer).toBeNull();
    one.close();
    await until(() => two.line.connected && three!.line.connected, 'the other tabs to be back');
    expect(await three!.line.request('reply:source', source)).toEqual(ANSWER);
    await until(() => alive() === 1, 'one line');
    expect(desk.sockets.length).toBe(3);
  });

  it('leave a thread whose reader has ended before its join was answered', async () => {
    const [, two] = await openTabs(2);
    const [line] = lines();
    const left: string[] = [];
    let answered = (): void => {};
    line!.removeAllListeners('thread:join');
    line!.on('thread:leave', ({ thread }) => left.push(thread));
    const asked = new Promise<void>((resolve) => {
      line!.on('thread:join', ({ key }, answer) => {
        answered = () => answer({ ok: true, data: { mode: 'delta', delta: makeDelta(0, 0, [], { thread: key }) } });
        resolve();
      });
    });
    void join(two.line);
    await asked;
    browser.kill(two.tab);
    answered();
    await until(() => left.includes(THREAD), 'the thread to be left');
  });

  it('take the line from a tab that is frozen, which follows when it wakes', async () => {
    const [one, two] = await openTabs(2);
    one.tab.freeze();
    const downs = heard(two.line, 'down');
    await until(() => downs.length === 1 && two.line.connected, 'the second tab to have a line of its own');
    expect(await two.line.request('reply:source', source)).toEqual(ANSWER);
    one.tab.thaw();
    await until(() => alive() === 1 && one.line.connected, 'the first tab to follow');
    expect(await one.line.request('reply:source', source)).toEqual(ANSWER);
    expect(desk.sockets.length).toBe(3);
  });

  it('let a tab that nobody looks at be: it asks nothing and takes nothing', async () => {
    const [one, two] = await openTabs(2);
    two.tab.document.visibilityState = 'hidden';
    one.tab.freeze();
    const waits = desk.waits.length;
    await until(() => desk.waits.length > waits + 5, 'more than enough questions');
    expect([desk.sockets.length, two.line.connected]).toEqual([2, true]);
  });

  it('hand the lead on when nobody wants the line in the tab that has it', async () => {
    const [one, two] = await openTabs(2);
    one.close();
    await until(() => desk.sockets.length === 3 && two.line.connected, 'the second tab to lead');
    const again = one.line.hold();
    await until(() => one.line.connected, 'the first tab to follow');
    expect(alive()).toBe(1);
    again();
  });

  it('have a line of their own again when they were left and come back alone', async () => {
    const [one, two] = await openTabs(2);
    two.close();
    one.close();
    await until(() => alive() === 0, 'no line');
    const again = two.line.hold();
    await until(() => two.line.connected, 'a line');
    expect(await two.line.request('reply:source', source)).toEqual(ANSWER);
    expect(alive()).toBe(1);
    again();
  });

  it('learn together that the line is lost, and that it is back', async () => {
    const [one, two] = await openTabs(2);
    const told = [one, two].map(({ line }) => [heard(line, 'down'), heard(line, 'up')]);
    lines()[0]!.disconnect(true);
    await until(() => told.flat().every(({ length }) => length === 1), 'both to be back');
    expect(desk.sockets.length).toBe(3);
  });

  it('learn together that the server won’t have them', async () => {
    const [one, two] = await openTabs(2);
    const refusals = [one, two].map(({ line }) => heard(line, 'refused'));
    desk.refuse = () => new AppError('site_unknown');
    lines()[0]!.disconnect(true);
    await until(() => refusals.every(({ length }) => length === 1), 'both to be refused');
    expect(two.line.refusal?.code).toBe('site_unknown');
  });

  it('get another line together when one of them finds it dead', async () => {
    const [one, two] = await openTabs(2);
    const now = one.line.options.clock.now;
    Object.assign(one.line.options.clock, { now: () => now() + 10_000 });
    two.line.restart();
    await until(() => desk.sockets.length === 3 && two.line.connected && one.line.connected, 'another line');
    expect(alive()).toBe(1);
  });

  it('speak as one guest, whichever of them got the name', async () => {
    const [one, two] = await openTabs(2);
    lines()[0]!.on('me:guest', ({ name }, answer) =>
      answer({ ok: true, data: { token: 'token', me: { id: 'a', name, badge: 'guest' } } }),
    );
    const told = heard(one.line, 'me');
    await two.line.request('me:guest', { name: 'Ana' });
    await until(() => two.line.token === 'token', 'the token in the tab that asked');
    expect([told, one.line.token]).toEqual([[{ id: 'a', name: 'Ana', badge: 'guest' }], 'token']);
  });

  it('stay on one line when a tab asks for it as nobody in the moment in which another is given a name', async () => {
    const [one, two] = await openTabs(2);
    const lost = heard(one.line, 'down');
    const asked = browser.said.length;
    // The question waits on the channel until the name is there.
    one.tab.freeze();
    await until(() => browser.said.length > asked, 'the other tab to ask');
    one.line.options.identity.change({ name: 'Ana', token: 'token', told: 'Ana' });
    one.line.speaksFor('token', { id: 'a', name: 'Ana', badge: 'guest' });
    one.tab.thaw();
    await until(() => two.line.token === 'token', 'the name in the other tab');
    const waits = desk.waits.length;
    await until(() => desk.waits.length > waits + 3, 'some more questions');
    expect(await two.line.request('reply:source', source)).toEqual(ANSWER);
    expect([desk.sockets.length, alive(), lost]).toEqual([2, 1, []]);
  });

  it('stay on one line when the token was dropped in the one that has it', async () => {
    const [one, two] = await openTabs(2);
    one.line.speaksFor('token', { id: 'a', name: 'Ana', badge: 'guest' });
    await until(() => two.line.token === 'token', 'the name in the other tab');
    const asked = browser.said.length;
    one.tab.freeze();
    await until(() => browser.said.length > asked, 'the other tab to ask');
    one.line.restart();
    one.tab.thaw();
    await until(() => two.line.connected && two.line.token === null, 'the other tab to be back');
    expect(await two.line.request('reply:source', source)).toEqual(ANSWER);
    expect(alive()).toBe(1);
  });

  it('shake hands anew where a tab that does not share got the token', async () => {
    const [one, two] = await openTabs(2);
    one.line.options.identity.change({ name: 'Ana', token: 'token', told: 'Ana' });
    two.line.restart();
    await until(() => two.line.connected && two.line.token === 'token' && one.line.connected, 'the line to be back');
    expect([one.line.token, alive(), desk.hellos.at(-1)?.token]).toEqual(['token', 1, 'token']);
  });

  it('leave a thread when the last of them does', async () => {
    const tabs = await openTabs(3);
    const [, two, three] = tabs;
    const left: string[] = [];
    lines()[0]!.on('thread:leave', ({ thread }, answer) => {
      left.push(thread);
      answer({ ok: true, data: {} });
    });
    const leaves: (() => void)[] = [];
    for (const { line } of tabs) {
      await join(line);
      leaves.push(line.enter(THREAD));
    }
    leaves[0]!();
    leaves[1]!();
    expect(await two.line.request('reply:source', source)).toEqual(ANSWER);
    expect(left).toEqual([]);
    browser.kill(three!.tab);
    await until(() => left.length === 1, 'the server to be told');
    three!.close();
    expect(left).toEqual([THREAD]);
  });

  it('don’t share with another version of the widget', async () => {
    const one = await openUp();
    const two = await openUp({ widget: '2.0.0' });
    expect([alive(), one.line.connected, two.line.connected]).toEqual([2, true, true]);
  });

  it('don’t share with somebody else’s token', async () => {
    const one = await openUp();
    const keep = new SafeStorage(() => null);
    keep.set(
      `guest:${encodeURIComponent(desk.url)}|site|`,
      JSON.stringify({ name: 'Eve', token: 'of Eve', told: 'Eve' }),
    );
    const two = await openUp({ keep });
    await until(() => alive() === 2, 'two lines');
    expect([one.line.token, two.line.token]).toEqual([null, 'of Eve']);
  });

  it('have each a line of its own where the browser has no locks', async () => {
    const tab = { navigator: {} };
    await openUp({ tab });
    await openUp({ tab });
    expect(alive()).toBe(2);
  });

  it('have each a line of its own where the browser forbids locks', async () => {
    const request = (): Promise<never> => Promise.reject(new DOMException('No.', 'SecurityError'));
    const tab = { navigator: { locks: { request } as never } };
    await openUp({ tab });
    await openUp({ tab });
    await until(() => alive() === 2, 'two lines');
  });

  it('have each a line of its own where the browser has no channels', async () => {
    const tab = { BroadcastChannel: undefined as never };
    await openUp({ tab });
    await openUp({ tab });
    await until(() => alive() === 2, 'two lines');
  });

  it('never lead two at once, in whatever order they freeze, wake and end', async () => {
    const tabs = await openTabs(3);
    for (const frozen of [0, 1, 2, 1, 0]) {
      tabs[frozen]!.tab.freeze();
      const others = tabs.filter((_, index) => index !== frozen);
      await until(async () => {
        const answers = await Promise.all(others.map(({ line }) => line.request('reply:source', source)));
        return answers.every((answer) => answer?.ok);
      }, 'the others to be answered');
      tabs[frozen]!.tab.thaw();
      await until(() => tabs.every(({ line }) => line.connected) && alive() === 1, 'one line for all');
    }
  });
});
