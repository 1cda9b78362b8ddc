// The writing half over a scripted line: who speaks, what is sent, and what is shown of the answers.
import { beforeEach, describe, expect, it } from 'vitest';
import { ERRORS, type ErrorBody, type ErrorCode } from '../../shared/errors.js';
import type { Answer, JoinAnswer } from '../../shared/protocol.js';
import type { Me, Reply } from '../../shared/views.js';
import { startLive } from '../../widget/live.js';
import { Emitter } from '../../widget/net/emitter.js';
import { Guest } from '../../widget/net/guest.js';
import type { Line, LineEvents } from '../../widget/net/transport.js';
import { Identity } from '../../widget/state/identity.js';
import { SafeStorage, scopeOf } from '../../widget/state/storage.js';
import { ThreadState } from '../../widget/state/thread.js';
import type { LiveThread } from '../../widget/state/types.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { EPOCH, makeDelta, makeReply, makeSnapshot, THREAD } from '../support/replies.js';

const SERVER = 'https://talk.example';
const ANA: Me = { id: 'ana', name: 'Ana', badge: 'guest' };

const error = (code: ErrorCode, more: Partial<ErrorBody> = {}): ErrorBody => ({ code, message: '', retry: ERRORS[code].retry, ...more });
const fails = (code: ErrorCode, more: Partial<ErrorBody> = {}): Answer<never> => ({ ok: false, error: error(code, more) });
const ok = <T>(data: T): Answer<T> => ({ ok: true, data });

/** Answers each request by a function that the test may replace, and notes it. */
class ScriptedLine implements Line {
  readonly events = new Emitter<LineEvents>();
  readonly asked: [name: string, payload: Record<string, unknown>][] = [];
  readonly left: string[] = [];
  readonly typed: (string | null)[] = [];
  connected = false;
  refusal: ErrorBody | null = null;
  token: string | null = null;
  holders = 0;
  restarts = 0;
  answers: Record<string, (payload: never) => Answer<unknown> | null> = {
    'thread:join': (): Answer<JoinAnswer> => {
      const you = { me: this.token === null ? null : ANA, can: { write: false, vote: false }, votes: {} };
      return ok({ mode: 'snapshot', ...makeSnapshot([makeReply('a', { author: ANA })], { seq: 1 }), you });
    },
    'me:guest': ({ name }: { name: string }) => ok({ token: `token of ${name}`, me: { ...ANA, name } }),
    'reply:create': ({ id, parent }: Reply) => ok({ reply: makeReply(id, { parent, born: 2, author: ANA }) }),
  };

  on<K extends keyof LineEvents>(name: K, listener: (value: LineEvents[K]) => void): () => void {
    return this.events.on(name, listener);
  }
  async request(name: string, payload: unknown): Promise<never> {
    this.asked.push([name, payload as Record<string, unknown>]);
    return (this.connected ? (this.answers[name]?.(payload as never) ?? null) : null) as never;
  }
  enter(thread: string): () => void {
    return () => this.left.push(thread);
  }
  hold(): () => void {
    this.holders++;
    return () => this.holders--;
  }
  speaksFor(token: string, me: Me): void {
    this.token = token;
    this.events.emit('me', me);
  }
  tellTyping(_thread: string, parent: string | null): void {
    this.typed.push(parent);
  }
  restart(): void {
    this.restarts++;
  }
  up(): void {
    this.connected = true;
    this.events.emit('up', null);
  }
  names(from = 1): string[] {
    return this.asked.slice(from).map(([name]) => name);
  }
}

let clock: VirtualClock;
let keep: SafeStorage;
let line: ScriptedLine;
let identity: Identity;
let state: ThreadState;
let live: LiveThread;

function open(): void {
  line = new ScriptedLine();
  identity = new Identity(keep, scopeOf(SERVER, 'site'));
  const guest = new Guest(line, identity);
  state = new ThreadState();
  const connections = { keep, clock, line: () => ({ line, guest }) };
  live = startLive({ server: SERVER, site: 'site', key: 'article', title: 'Title', state, connections });
}

beforeEach(() => {
  clock = new VirtualClock(new Random(1));
  keep = new SafeStorage(() => null);
  open();
});

const goLive = async (): Promise<void> => {
  line.up();
  await clock.pass(0);
};
const shown = (): string[] => state.tree().roots.map(({ reply, pending }) => (pending ? `${pending.body} ${pending.state}` : reply.id));

describe('following', () => {
  it('[REQ2] joins with key and title, and shows what it is told', async () => {
    await goLive();
    expect(line.asked).toEqual([['thread:join', { key: 'article', sort: 'oldest', title: 'Title' }]]);
    expect([state.phase.is, state.status, shown()]).toEqual(['ready', 'live', ['a']]);
    line.events.emit('thread:delta', makeDelta(1, 2, [makeReply('b', { born: 2 })]));
    expect(state.tree().held).toEqual(['b']);
  });

  it('[PAGE4] tells since when it is offline', async () => {
    await goLive();
    line.connected = false;
    line.events.emit('down', null);
    await clock.pass(500);
    line.events.emit('failed', null);
    const since = clock.now();
    await clock.pass(500);
    line.events.emit('failed', null);
    expect([state.status, state.offlineSince]).toEqual(['offline', since]);
    await goLive();
    expect([state.status, state.offlineSince]).toEqual(['live', null]);
  });

  it.each<ErrorCode>(['site_unknown', 'origin_refused', 'protocol_unsupported'])('shows why it was refused: %s', async (code) => {
    line.events.emit('refused', error(code));
    expect(state.phase).toEqual({ is: 'refused', error: error(code) });
  });

  it('leaves thread and line when nobody has looked for thirty seconds, and comes back', async () => {
    await goLive();
    live.setVisible(false);
    await clock.pass(20_000);
    live.setVisible(true);
    line.events.emit('thread:beat', { thread: THREAD, epoch: EPOCH, head: 1, readers: 1, typing: [] });
    await clock.pass(14_000);
    expect([line.left, line.holders]).toEqual([[], 1]);
    live.setVisible(false);
    await clock.pass(31_000);
    expect([line.left, line.holders, clock.pending]).toEqual([[THREAD], 0, 0]);
    live.setVisible(true);
    await clock.pass(0);
    expect([line.holders, state.status]).toEqual([1, 'live']);
  });

  it('does not leave before what was written is sent', async () => {
    live.setName('Ana');
    live.post({ parent: null, body: 'x' });
    live.setVisible(false);
    await clock.pass(120_000);
    expect(line.holders).toBe(1);
    await goLive();
    await clock.pass(31_000);
    expect([line.holders, shown()]).toEqual([0, ['a', expect.any(String)]]);
  });

  it('ends with every timer and listener', async () => {
    await goLive();
    live.setVisible(false);
    live.stop();
    expect([clock.pending, line.holders, line.left]).toEqual([0, 0, [THREAD]]);
    line.events.emit('thread:delta', makeDelta(1, 2, [makeReply('b', { born: 2 })]));
    expect(state.get('b')).toBeUndefined();
  });
});

describe('writing', () => {
  it('shows a reply at once, gets a guest’s token for the name, sends, and shows the answer', async () => {
    await goLive();
    live.setName('  Ana ');
    const id = live.post({ parent: null, body: 'Hello' });
    expect(state.tree().roots.at(-1)).toMatchObject({ pending: { id, body: 'Hello' }, reply: { author: { name: 'Ana' } } });
    await clock.pass(0);
    expect(line.asked.slice(1)).toEqual([
      ['me:guest', { name: 'Ana' }],
      ['reply:create', { thread: THREAD, id, parent: null, body: 'Hello' }],
    ]);
    expect([shown(), state.pending, state.you?.me]).toEqual([['a', id], [], ANA]);
  });

  it('asks for a token once for several, and not again for the next', async () => {
    await goLive();
    live.setName('Ana');
    for (const body of ['1', '2', '3']) live.post({ parent: null, body });
    await clock.pass(0);
    live.post({ parent: null, body: '4' });
    await clock.pass(0);
    expect(line.names()).toEqual(['me:guest', 'reply:create', 'reply:create', 'reply:create', 'reply:create']);
  });

  it('asks for another token when the name has changed', async () => {
    await goLive();
    live.setName('Ana');
    live.post({ parent: null, body: '1' });
    await clock.pass(0);
    live.setName('Anna');
    live.post({ parent: null, body: '2' });
    await clock.pass(0);
    expect(line.asked.filter(([name]) => name === 'me:guest').map(([, payload]) => payload)).toEqual([{ name: 'Ana' }, { name: 'Anna' }]);
    expect(state.you?.me?.name).toBe('Anna');
  });

  it('fails, with the text kept, where no name is known and the server wants one', async () => {
    await goLive();
    live.post({ parent: null, body: 'x' });
    await clock.pass(0);
    expect([line.names(), shown()]).toEqual([[], ['a', 'x failed']]);
    expect(state.pending[0]?.error?.code).toBe('sign_in_required');
  });

  it('fails with the field where the name is refused', async () => {
    await goLive();
    line.answers['me:guest'] = () => fails('invalid', { field: 'name' });
    live.setName('admin');
    live.post({ parent: null, body: 'x' });
    await clock.pass(0);
    expect(state.pending[0]).toMatchObject({ state: 'failed', error: { code: 'invalid', field: 'name' } });
  });

  it('gets another token, once, where this one is no good', async () => {
    await goLive();
    live.setName('Ana');
    line.answers['reply:create'] = () => fails('token_invalid');
    live.post({ parent: null, body: 'x' });
    await clock.pass(60_000);
    expect(line.names().filter((name) => name !== 'thread:join')).toEqual(['me:guest', 'reply:create', 'me:guest', 'reply:create']);
    expect(state.pending[0]?.state).toBe('failed');
  });

  it('takes over the token that another tab got, by a new handshake, and stays the same guest', async () => {
    await goLive();
    identity.change({ name: 'Ana', token: 'of another tab', told: 'Ana' });
    live.post({ parent: null, body: 'x' });
    await clock.pass(0);
    expect([line.restarts, line.names(), shown()]).toEqual([1, [], ['a', 'x waiting']]);
    line.events.emit('down', null);
    line.token = 'of another tab';
    await goLive();
    expect(line.names(2)).toEqual(['reply:create']);
  });

  it('[REQ1] takes a conflict that shows its own id for the success that it was', async () => {
    await goLive();
    live.setName('Ana');
    line.answers['reply:create'] = ({ id }: Reply) => fails('conflict', { current: makeReply(id, { born: 2 }) });
    const id = live.post({ parent: null, body: 'x' });
    await clock.pass(0);
    expect([shown(), state.pending]).toEqual([['a', id], []]);
  });

  it('[CUR5] survives a reload, and is sent once by the page that comes', async () => {
    live.setName('Ana');
    const id = live.post({ parent: null, body: 'x' });
    live.stop();
    open();
    await goLive();
    expect(line.asked.slice(1).map(([name, payload]) => [name, payload['id']])).toEqual([['me:guest', undefined], ['reply:create', id]]);
  });

  it('keeps what was being written under its place until it is posted', async () => {
    live.setDraft(null, 'half a sen');
    live.setDraft('a', 'another');
    live.stop();
    open();
    expect([live.draft(null), live.draft('a')]).toEqual(['half a sen', 'another']);
    live.post({ parent: null, body: 'half a sentence' });
    expect([live.draft(null), live.draft('a')]).toEqual(['', 'another']);
  });

  it('tells the others that somebody writes at most every three seconds, and only on a level line', async () => {
    live.typing(null);
    await goLive();
    for (let i = 0; i < 7; i++) {
      live.typing('a');
      await clock.pass(1_000);
    }
    expect(line.typed).toEqual(['a', 'a', 'a']);
  });
});

describe('changing what stands', () => {
  beforeEach(async () => {
    identity.change({ name: 'Ana', token: 't', told: 'Ana' });
    line.token = 't';
    await goLive();
  });

  it('[CUR2] an edit is sent on top of the revision that is held, and shown with its answer', async () => {
    line.answers['reply:edit'] = () => ok({ reply: makeReply('a', { seq: 5, rev: 2, html: 'new', author: ANA }) });
    expect(await live.edit('a', 'new')).toMatchObject({ ok: true });
    expect(line.asked.at(-1)).toEqual(['reply:edit', { id: 'a', body: 'new', base: 1 }]);
    expect([state.get('a')?.html, state.held?.cursor.seq]).toEqual(['new', 1]);
  });

  it('an edit that comes too late shows what stands there now', async () => {
    line.answers['reply:edit'] = () => fails('conflict', { current: makeReply('a', { seq: 5, rev: 2, html: 'other' }) });
    expect(await live.edit('a', 'new')).toMatchObject({ ok: false, error: { code: 'conflict' } });
    expect(state.get('a')?.html).toBe('other');
    expect(await live.edit('unknown', 'x')).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });

  it('a request without an answer says that the same may be tried later', async () => {
    line.connected = false;
    for (const asked of [live.edit('a', 'x'), live.remove('a'), live.source('a')]) {
      expect(await asked).toMatchObject({ ok: false, error: { retry: 'later' } });
    }
  });

  it('asks again with another token, once', async () => {
    line.answers['reply:remove'] = () => fails('token_invalid');
    expect(await live.remove('a')).toMatchObject({ ok: false, error: { code: 'token_invalid' } });
    expect(line.names()).toEqual(['reply:remove', 'me:guest', 'reply:remove']);
  });
});

describe('more', () => {
  it('fetches the next page of a list once, however often it is asked for', async () => {
    line.answers['thread:join'] = (): Answer<JoinAnswer> => {
      const snapshot = makeSnapshot([makeReply('a')], { more: { after: 'x', count: 1 } });
      return ok({ mode: 'snapshot', ...snapshot, you: { me: null, can: { write: false, vote: false }, votes: {} } });
    };
    line.answers['thread:page'] = () => ok({ replies: [makeReply('b', { born: 1 })], more: null });
    await goLive();
    const [one, two] = [live.more(null), live.more(null)];
    expect([await one, one === two]).toMatchObject([{ ok: true }, true]);
    expect(line.asked.slice(1)).toEqual([['thread:page', { thread: THREAD, parent: null, sort: 'oldest', after: 'x' }]]);
    expect([shown(), state.tree().more]).toEqual([['a', 'b'], undefined]);
    expect(await live.more(null)).toMatchObject({ ok: true });
    expect(line.names()).toEqual(['thread:page']);
  });
});
