import { beforeEach, expect, it } from 'vitest';
import { ERRORS, type ErrorBody, type ErrorCode } from '../../shared/errors.js';
import type { DataOf } from '../../shared/protocol.js';
import type { Reply } from '../../shared/views.js';
import { Backoff } from '../../widget/net/backoff.js';
import { Mine, type Value, type What } from '../../widget/state/mine.js';
import { SafeStorage } from '../../widget/state/storage.js';
import { ThreadState } from '../../widget/state/thread.js';
import type { Outcome } from '../../widget/state/types.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { makeReply, makeSnapshot } from '../support/replies.js';

type Answer = Outcome<DataOf<'reply:vote' | 'reply:react'>>;

/** A tab whose sends wait for the test to answer them. */
class Tab {
  readonly state = new ThreadState();
  readonly mine: Mine;
  readonly sent: { what: What; value: Value; answer: (answer: Answer) => void }[] = [];

  constructor({ isOpen = true } = {}) {
    this.state.loaded(makeSnapshot([makeReply('a', { seq: 5, score: 3, reactions: { '🎉': 2 } })]));
    this.state.change({ you: { me: null, can: { write: true, vote: true }, votes: {} } });
    this.mine = new Mine({
      state: this.state,
      keep,
      scope: 'thread|',
      clock,
      backoff: new Backoff(clock),
      send: (_, what, value) => new Promise((resolve) => this.sent.push({ what, value, answer: resolve })),
    });
    if (isOpen) this.mine.open();
  }

  get reply(): Reply {
    return this.state.get('a')!;
  }

  get vote(): [number, number] {
    const { value, count } = this.mine.of(this.reply, '');
    return [value, count];
  }

  async answer(answer: Answer): Promise<void> {
    this.sent.shift()!.answer(answer);
    await clock.pass(0);
  }

  /** A push changes the row, as the server would. */
  push(change: Partial<Reply>): void {
    const held = this.state.held!;
    this.state.change({ held: { ...held, rows: new Map([['a', { ...this.reply, ...change }]]) } });
  }
}

const refused = (code: ErrorCode, more: Partial<ErrorBody> = {}): Answer => ({
  ok: false,
  error: { code, message: '', retry: ERRORS[code].retry, ...more },
});

let clock: VirtualClock;
let keep: SafeStorage;
let tab: Tab;
beforeEach(() => {
  clock = new VirtualClock(new Random(1));
  keep = new SafeStorage(() => null);
  tab = new Tab();
});

it('[PAGE10] shows a vote at once, and counts it once whichever comes first, the push or the answer', async () => {
  tab.mine.choose('a', '', 1);
  expect(tab.vote).toEqual([1, 4]);
  tab.push({ seq: 6, score: 4 });
  expect(tab.vote).toEqual([1, 4]);
  await tab.answer({ ok: true, data: { score: 4, value: 1 } });
  expect(tab.vote).toEqual([1, 4]);

  tab.mine.choose('a', '', -1);
  expect(tab.vote).toEqual([-1, 2]);
  await tab.answer({ ok: true, data: { score: 2, value: -1 } });
  expect(tab.vote).toEqual([-1, 2]);
  tab.push({ seq: 7, score: 2 });
  expect(tab.vote).toEqual([-1, 2]);
});

it('[PAGE10] sends one at a time; what is pressed meanwhile folds into the next', async () => {
  tab.mine.choose('a', '', 1);
  for (const value of [0, -1, 0, -1] as const) tab.mine.choose('a', '', value);
  expect(tab.sent.map(({ value }) => value)).toEqual([1]);
  expect(tab.vote).toEqual([-1, 2]);
  await tab.answer({ ok: true, data: { score: 4, value: 1 } });
  expect(tab.sent.map(({ value }) => value)).toEqual([-1]);
  expect(tab.vote).toEqual([-1, 2]);
  await tab.answer({ ok: true, data: { score: 2, value: -1 } });
  expect([tab.sent.length, tab.mine.waits('a')]).toEqual([0, false]);
});

it('[PAGE10] a wish outlives the tab, and the last one wins', async () => {
  tab.mine.hold();
  tab.mine.choose('a', '', 1);
  tab.mine.choose('a', '🎉', 1);
  tab.mine.choose('a', '', -1);
  expect(tab.sent).toEqual([]);
  tab = new Tab();
  expect(tab.vote).toEqual([-1, 2]);
  expect(tab.mine.of(tab.reply, '🎉')).toEqual({ value: 1, count: 3 });
  const wishes = new Map<What, Value>();
  while (tab.sent[0]) {
    const { what, value } = tab.sent[0];
    wishes.set(what, value);
    await tab.answer({ ok: true, data: what ? { reactions: { '🎉': 3 }, mine: ['🎉'] } : { score: 2, value: -1 } });
  }
  expect(wishes).toEqual(
    new Map<What, Value>([
      ['', -1],
      ['🎉', 1],
    ]),
  );
  expect(keep.keys('')).toEqual([]);
  expect(tab.mine.of(tab.reply, '🎉')).toEqual({ value: 1, count: 3 });
});

it('[PAGE10] what an earlier page may have sent is taken back, though this one was not told of it yet', async () => {
  tab.mine.choose('a', '🎉', 1);
  // It arrived, but the page was loaded again before it heard of that.
  tab = new Tab({ isOpen: false });
  tab.mine.choose('a', '🎉', 0);
  tab.state.change({ you: { me: null, can: { write: true, vote: true }, votes: {}, reactions: { a: ['🎉'] } } });
  tab.mine.open();
  expect(tab.sent).toMatchObject([{ what: '🎉', value: 0 }]);
});

it('[PAGE10] a wish that is taken back before it is sent is none', () => {
  tab.mine.hold();
  tab.mine.choose('a', '', 1);
  tab.mine.choose('a', '', 0);
  tab.mine.open();
  expect([tab.sent.length, keep.keys('').length]).toEqual([0, 0]);
});

it.each([
  { before: ['🎉'], sent: [{ what: '🎉', value: 0 }] },
  { before: undefined, sent: [] },
])('[PAGE10] chosen and taken back before it was known what stood: $before', ({ before, sent }) => {
  tab = new Tab({ isOpen: false });
  tab.mine.choose('a', '🎉', 1);
  tab.mine.choose('a', '🎉', 0);
  const you = { me: null, can: { write: true, vote: true }, votes: {} };
  tab.state.change({ you: before ? { ...you, reactions: { a: before } } : you });
  tab.mine.open();
  expect(tab.sent).toMatchObject(sent);
  expect(keep.keys('').length).toBe(sent.length);
});

it('[PAGE10] a refusal goes back and says why; a busy server is asked again', async () => {
  tab.mine.choose('a', '', 1);
  await tab.answer(refused('overloaded'));
  expect([tab.vote, tab.sent.length]).toEqual([[1, 4], 0]);
  await clock.pass(60_000);
  expect(tab.sent.length).toBe(1);
  await tab.answer(refused('thread_closed'));
  expect(tab.vote).toEqual([0, 3]);
  expect(tab.mine.failed.get('a')?.code).toBe('thread_closed');
});

it('[PAGE10] waits for a name, or for another one', async () => {
  tab.mine.choose('a', '', 1);
  await tab.answer(refused('sign_in_required'));
  expect([tab.mine.nameless?.code, tab.vote, tab.sent.length]).toEqual(['sign_in_required', [1, 4], 0]);
  tab.mine.open();
  await tab.answer(refused('invalid', { field: 'name' }));
  expect([tab.mine.nameless?.field, tab.vote]).toEqual(['name', [1, 4]]);
  tab.mine.open();
  await tab.answer({ ok: true, data: { score: 4, value: 1 } });
  expect([tab.mine.nameless, tab.vote]).toEqual([null, [1, 4]]);
});
