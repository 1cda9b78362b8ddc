// The writing half: who speaks, what is sent, and what is shown of the answers.
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import type { Reply } from '../../shared/views.js';
import type { Backing } from '../../widget/state/storage.js';
import { ANA, fails, LiveDesk } from '../support/live-desk.js';
import { makeReply, THREAD } from '../support/replies.js';

/** A browser's storage that from some point on takes no more than it holds. */
class TightBacking implements Backing {
  readonly entries = new Map<string, string>();
  #max = Infinity;

  set isTight(isTight: boolean) {
    this.#max = isTight ? this.#size : Infinity;
  }
  get #size(): number {
    return [...this.entries].join('').length;
  }
  get length(): number {
    return this.entries.size;
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    const before = this.entries.get(key);
    this.entries.set(key, value);
    if (this.#size <= this.#max) return;
    if (before === undefined) this.entries.delete(key);
    else this.entries.set(key, before);
    throw new DOMException('full', 'QuotaExceededError');
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
  key(index: number): string | null {
    return [...this.entries.keys()][index] ?? null;
  }
}

let desk: LiveDesk;
beforeEach(() => {
  desk = new LiveDesk();
});

describe('writing', () => {
  it('shows a reply at once, gets a guest’s token for the name, sends, and shows the answer', async () => {
    await desk.goLive();
    desk.live.setName('  Ana ');
    const id = desk.live.post({ parent: null, body: 'Hello' });
    expect(desk.state.tree().roots.at(-1)).toMatchObject({
      pending: { id, body: 'Hello' },
      reply: { author: { name: 'Ana' } },
    });
    await desk.clock.pass(0);
    expect(desk.line.asked.slice(1)).toEqual([
      ['me:guest', { name: 'Ana' }],
      ['reply:create', { thread: THREAD, id, parent: null, body: 'Hello' }],
    ]);
    expect([desk.shown, desk.state.pending, desk.state.you?.me]).toEqual([['a', id], [], ANA]);
  });

  it('[CUR5] [PAGE20] is kept where storage takes no more than what is being written', () => {
    const backing = new TightBacking();
    const { live } = new LiveDesk(backing);
    live.drafts.set(null, 'Hello', { since: { epoch: newId(), seq: 1 } });
    backing.isTight = true;
    const id = live.post({ parent: null, body: 'Hello' });
    expect([...backing.entries]).toEqual([
      [expect.stringMatching(new RegExp(`outbox:.*${id}$`)), expect.stringContaining('Hello')],
    ]);
  });

  it('asks for a token once for several, and not again for the next', async () => {
    await desk.goLive();
    desk.live.setName('Ana');
    for (const body of ['1', '2', '3']) desk.live.post({ parent: null, body });
    await desk.clock.pass(0);
    desk.live.post({ parent: null, body: '4' });
    await desk.clock.pass(0);
    expect(desk.line.names()).toEqual(['me:guest', 'reply:create', 'reply:create', 'reply:create', 'reply:create']);
  });

  it('asks for another token when the name has changed', async () => {
    await desk.goLive();
    desk.live.setName('Ana');
    desk.live.post({ parent: null, body: '1' });
    await desk.clock.pass(0);
    desk.live.setName('Anna');
    desk.live.post({ parent: null, body: '2' });
    await desk.clock.pass(0);
    expect(desk.line.asked.filter(([name]) => name === 'me:guest').map(([, payload]) => payload)).toEqual([
      { name: 'Ana' },
      { name: 'Anna' },
    ]);
    expect(desk.state.you?.me?.name).toBe('Anna');
  });

  it('fails, with the text kept, where no name is known and the server wants one', async () => {
    await desk.goLive();
    desk.live.post({ parent: null, body: 'x' });
    await desk.clock.pass(0);
    expect([desk.line.names(), desk.shown]).toEqual([[], ['a', 'x failed']]);
    expect(desk.state.pending[0]?.error?.code).toBe('sign_in_required');
  });

  it('fails with the field where the name is refused', async () => {
    await desk.goLive();
    desk.line.answers['me:guest'] = () => fails('invalid', { field: 'name' });
    desk.live.setName('admin');
    desk.live.post({ parent: null, body: 'x' });
    await desk.clock.pass(0);
    expect(desk.state.pending[0]).toMatchObject({ state: 'failed', error: { code: 'invalid', field: 'name' } });
  });

  it('sends again by itself, under another name, what failed for its name and nothing else', async () => {
    await desk.goLive();
    desk.line.answers['me:guest'] = () => fails('invalid', { field: 'name' });
    desk.live.setName('admin');
    desk.live.post({ parent: null, body: 'x' });
    await desk.clock.pass(0);
    desk.live.setName(' admin ');
    expect(desk.state.pending[0]).toMatchObject({ state: 'failed' });
    desk.line.answers['me:guest'] = () => fails('forbidden');
    desk.live.setName('Ana');
    await desk.clock.pass(0);
    expect(desk.state.pending[0]).toMatchObject({ body: 'x', state: 'failed', error: { code: 'forbidden' } });
    desk.live.setName('Anna');
    expect(desk.state.pending[0]).toMatchObject({ state: 'failed', error: { code: 'forbidden' } });
  });

  it('gets another token, once, where this one is no good', async () => {
    await desk.goLive();
    desk.live.setName('Ana');
    desk.line.answers['reply:create'] = () => fails('token_invalid');
    desk.live.post({ parent: null, body: 'x' });
    await desk.clock.pass(60_000);
    expect(desk.line.names().filter((name) => name !== 'thread:join')).toEqual([
      'me:guest',
      'reply:create',
      'me:guest',
      'reply:create',
    ]);
    expect(desk.state.pending[0]?.state).toBe('failed');
  });

  it('takes over the token that another tab got, by a new handshake, and stays the same guest', async () => {
    await desk.goLive();
    desk.identity.change({ name: 'Ana', token: 'of another tab', told: 'Ana' });
    desk.live.post({ parent: null, body: 'x' });
    await desk.clock.pass(0);
    expect([desk.line.restarts, desk.line.names(), desk.shown]).toEqual([1, [], ['a', 'x waiting']]);
    desk.line.events.emit('down', null);
    desk.line.token = 'of another tab';
    await desk.goLive();
    expect(desk.line.names(2)).toEqual(['reply:create']);
  });

  it('[REQ1] takes a conflict that shows its own id for the success that it was', async () => {
    await desk.goLive();
    desk.live.setName('Ana');
    desk.line.answers['reply:create'] = ({ id }: Reply) => fails('conflict', { current: makeReply(id, { born: 2 }) });
    const id = desk.live.post({ parent: null, body: 'x' });
    await desk.clock.pass(0);
    expect([desk.shown, desk.state.pending]).toEqual([['a', id], []]);
  });

  it('[CUR5] survives a reload, and is sent once by the page that comes', async () => {
    desk.live.setName('Ana');
    const id = desk.live.post({ parent: null, body: 'x' });
    desk.reload();
    await desk.goLive();
    expect(desk.line.asked.slice(1).map(([name, payload]) => [name, payload['id']])).toEqual([
      ['me:guest', undefined],
      ['reply:create', id],
    ]);
  });

  it('keeps what was being written under its place until it is posted', async () => {
    desk.live.drafts.set(null, 'half a sen');
    desk.live.drafts.set('a', 'another');
    desk.reload();
    expect([desk.live.drafts.get(null), desk.live.drafts.get('a')]).toEqual(['half a sen', 'another']);
    desk.live.post({ parent: null, body: 'half a sentence' });
    expect([desk.live.drafts.get(null), desk.live.drafts.get('a')]).toEqual(['', 'another']);
  });

  it('tells the others that somebody writes at most every three seconds, and only on a level line', async () => {
    desk.live.typing(null);
    await desk.goLive();
    for (let i = 0; i < 7; i++) {
      desk.live.typing('a');
      await desk.clock.pass(1_000);
    }
    expect(desk.line.typed).toEqual(['a', 'a', 'a']);
  });
});
