import { beforeEach, describe, expect, it } from 'vitest';
import { ERRORS, type ErrorBody, type ErrorCode } from '../../shared/errors.js';
import { IN_FLIGHT_MAX } from '../../shared/limits.js';
import type { Answer } from '../../shared/protocol.js';
import { Backoff } from '../../widget/net/backoff.js';
import { Outbox } from '../../widget/state/outbox.js';
import { SafeStorage, type Keep } from '../../widget/state/storage.js';
import type { OutboxEntry } from '../../widget/state/types.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';

const SCOPE = 'server|site|key|';

/** A tab: an outbox over a storage, whose sends wait for the test to answer them. */
class Tab {
  readonly outbox: Outbox;
  readonly sent: { entry: OutboxEntry; answer: (answer: Answer<unknown> | null) => void }[] = [];
  readonly identified: ErrorCode[] = [];
  changes = 0;

  constructor(keep: Keep, clock: VirtualClock, scope = SCOPE) {
    this.outbox = new Outbox({
      keep,
      scope,
      clock,
      backoff: new Backoff(clock),
      send: (entry) => new Promise((resolve) => this.sent.push({ entry, answer: resolve })),
      identify: (error) => this.identified.push(error.code),
      changed: () => this.changes++,
    });
  }

  /** Answers the oldest send that has no answer yet. */
  async answer(answer: 'ok' | 'nothing' | ErrorBody): Promise<void> {
    this.sent
      .shift()!
      .answer(answer === 'ok' ? { ok: true, data: null } : answer === 'nothing' ? null : { ok: false, error: answer });
    await clock.pass(0);
  }

  get states(): string[] {
    return this.outbox.entries.map(({ body, state }) => `${body}: ${state}`);
  }

  get bodies(): string[] {
    return this.sent.map(({ entry }) => entry.body);
  }
}

const error = (code: ErrorCode, more: Partial<ErrorBody> = {}): ErrorBody => ({
  code,
  message: '',
  retry: ERRORS[code].retry,
  ...more,
});

let clock: VirtualClock;
let keep: SafeStorage;
let tab: Tab;
beforeEach(() => {
  clock = new VirtualClock(new Random(1));
  keep = new SafeStorage(() => null);
  tab = new Tab(keep, clock);
});

const add = (body: string, parent: string | null = null, to = tab): string => to.outbox.add({ parent, body });

describe('[CUR5] a reply on its way', () => {
  it('waits until the line is level, is sent then, and is gone with its answer', async () => {
    add('one');
    expect([tab.states, tab.bodies]).toEqual([['one: waiting'], []]);
    tab.outbox.open();
    expect([tab.states, tab.bodies]).toEqual([['one: sending'], ['one']]);
    await tab.answer('ok');
    expect([tab.states, tab.outbox.isBusy, keep.keys('')]).toEqual([[], false, []]);
  });

  it('survives a reload of the page, in the order of writing', () => {
    add('one');
    add('two', 'some parent');
    const later = new Tab(keep, clock);
    expect(later.outbox.entries).toEqual(tab.outbox.entries);
    expect(later.outbox.entries[1]).toMatchObject({ parent: 'some parent', state: 'waiting' });
  });

  it('is one of four in flight at most', async () => {
    tab.outbox.open();
    for (const body of ['1', '2', '3', '4', '5', '6']) add(body);
    expect(tab.bodies).toEqual(['1', '2', '3', '4']);
    expect(IN_FLIGHT_MAX).toBe(4);
    await tab.answer('ok');
    expect(tab.bodies).toEqual(['2', '3', '4', '5']);
  });

  it('is sent again with the same id when no answer came', async () => {
    const id = add('one');
    tab.outbox.open();
    await tab.answer('nothing');
    expect([tab.states, tab.sent]).toEqual([['one: waiting'], []]);
    await clock.pass(1_000);
    expect(tab.sent[0]?.entry.id).toBe(id);
  });

  it('waits no longer where all that were in the air with it failed as well, but for what the server asks for', async () => {
    for (const body of ['one', 'two', 'three', 'four']) add(body);
    tab.outbox.open();
    await tab.answer(error('overloaded', { retryAfterMs: 1_000 }));
    for (let i = 0; i < 2; i++) await tab.answer(error('overloaded', { retryAfterMs: 500 }));
    expect(tab.outbox.resumesAt - clock.now()).toBeLessThan(2_000);
    await tab.answer(error('overloaded', { retryAfterMs: 5_000 }));
    expect(tab.outbox.resumesAt - clock.now()).toBeGreaterThanOrEqual(5_000);
    await clock.pass(8_000);
    expect(tab.bodies).toEqual(['one', 'two', 'three', 'four']);
  });

  it('is held while there is no line, and sent when it is back', async () => {
    tab.outbox.open();
    add('one');
    tab.outbox.hold();
    await tab.answer('nothing');
    await clock.pass(60_000);
    expect(tab.sent).toEqual([]);
    tab.outbox.open();
    expect(tab.bodies).toEqual(['one']);
  });

  it('is gone when it has arrived by delta, whatever the answer says afterwards', async () => {
    const id = add('one');
    tab.outbox.open();
    tab.outbox.confirm((known) => known === id);
    expect([tab.states, keep.keys('')]).toEqual([[], []]);
    await tab.answer(error('internal'));
    await clock.pass(60_000);
    expect([tab.states, tab.sent]).toEqual([[], []]);
  });

  it('waits for the reply that it answers', async () => {
    const parent = add('question');
    add('answer', parent);
    tab.outbox.open();
    expect(tab.bodies).toEqual(['question']);
    await tab.answer('ok');
    expect(tab.bodies).toEqual(['answer']);
  });

  it('leaves no timer behind', async () => {
    tab.outbox.open();
    add('one');
    await tab.answer('nothing');
    expect(clock.pending).toBe(1);
    tab.outbox.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('[CUR5] a refusal', () => {
  it.each<ErrorCode>([
    'invalid',
    'protocol_unsupported',
    'site_unknown',
    'origin_refused',
    'forbidden',
    'not_found',
    'conflict',
    'thread_closed',
    'parent_gone',
  ])('%s keeps the text, says why, and is not tried again', async (code) => {
    tab.outbox.open();
    add('one');
    await tab.answer(error(code, { field: 'body' }));
    await clock.pass(120_000);
    expect([tab.states, tab.sent, tab.outbox.isBusy]).toEqual([['one: failed'], [], false]);
    expect(tab.outbox.entries[0]?.error).toEqual(error(code, { field: 'body' }));
    expect(new Tab(keep, clock).outbox.entries).toEqual(tab.outbox.entries);
  });

  it.each<ErrorCode>(['rate_limited', 'overloaded'])(
    '%s waits as long as was asked, with everything else',
    async (code) => {
      tab.outbox.open();
      const id = add('one');
      await tab.answer(error(code, { retryAfterMs: 5_000 }));
      add('two');
      await clock.pass(4_999);
      expect(tab.sent).toEqual([]);
      await clock.pass(1_001);
      expect([tab.bodies, tab.sent[0]?.entry.id]).toEqual([['one', 'two'], id]);
    },
  );

  it('`internal` is tried again, but not for ever', async () => {
    tab.outbox.open();
    add('one');
    for (let i = 0; i < 5; i++) {
      expect(tab.states).toEqual(['one: sending']);
      await tab.answer(error('internal', { id: 'quote me' }));
      await clock.pass(40_000);
    }
    expect([tab.states, tab.outbox.entries[0]?.error?.id]).toEqual([['one: failed'], 'quote me']);
  });

  it.each<ErrorCode>(['token_invalid', 'sign_in_required'])('%s asks for another token, once', async (code) => {
    tab.outbox.open();
    add('one');
    await tab.answer(error(code));
    expect([tab.identified, tab.states]).toEqual([[code], ['one: sending']]);
    await tab.answer(error(code));
    expect([tab.identified, tab.states]).toEqual([[code], ['one: failed']]);
  });

  it('of a code that this widget does not know is understood by its `retry`', async () => {
    tab.outbox.open();
    add('one');
    add('two');
    await tab.answer({ code: 'newer' as ErrorCode, message: '', retry: 'never' });
    await tab.answer({ code: 'newer' as ErrorCode, message: '', retry: 'later' });
    expect(tab.states).toEqual(['one: failed', 'two: waiting']);
  });
});

describe('a failed reply', () => {
  const failWith = async (code: ErrorCode): Promise<string> => {
    tab.outbox.open();
    const id = add('one');
    await tab.answer(error(code));
    return id;
  };

  it('[REQ1] is sent again under its id', async () => {
    const id = await failWith('thread_closed');
    tab.outbox.retry(id);
    expect([tab.sent[0]?.entry.id, tab.outbox.entries[0]?.error]).toEqual([id, undefined]);
  });

  it('[REQ1] is sent again under another id where that one was taken', async () => {
    const id = await failWith('conflict');
    tab.outbox.retry(id);
    expect(tab.bodies).toEqual(['one']);
    expect(tab.sent[0]?.entry.id).not.toBe(id);
    expect(keep.keys('outbox:')).toHaveLength(1);
  });

  it('is taken back with its text', async () => {
    const id = await failWith('parent_gone');
    expect([tab.outbox.discard(id), tab.states, keep.keys('')]).toEqual(['one', [], []]);
    expect(tab.outbox.discard(id)).toBe('');
  });
});

describe('a waiting reply', () => {
  it('is taken back with its text, but not while it is in the air', () => {
    const id = add('one');
    expect(tab.outbox.discard(id)).toBe('one');
    tab.outbox.open();
    const other = add('two');
    expect([tab.outbox.discard(other), tab.states]).toEqual(['', ['two: sending']]);
  });
});

describe('two tabs over one storage', () => {
  it('lose nothing of each other', () => {
    const other = new Tab(keep, clock);
    add('one');
    add('two', null, other);
    add('three');
    expect(new Tab(keep, clock).outbox.entries.map(({ body }) => body).toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('[REQ1] never send different content under one id: what one sends twice is the same', () => {
    const id = add('one');
    const other = new Tab(keep, clock);
    tab.outbox.open();
    other.outbox.open();
    expect(tab.sent[0]?.entry).toEqual(other.sent[0]?.entry);
    expect(tab.sent[0]?.entry.id).toBe(id);
  });

  it('send what the other has left behind when their line is level again', () => {
    const other = new Tab(keep, clock);
    other.outbox.open();
    add('one');
    expect(other.sent).toEqual([]);
    tab.outbox.stop();
    other.outbox.hold();
    other.outbox.open();
    expect(other.bodies).toEqual(['one']);
  });

  it('do not send what the other has sent or taken back', async () => {
    const id = add('one');
    const other = new Tab(keep, clock);
    expect(other.states).toEqual(['one: waiting']);
    tab.outbox.discard(id);
    other.outbox.open();
    await clock.pass(0);
    expect([other.sent, other.states]).toEqual([[], []]);
  });

  it('keep to their own discussion', () => {
    add('one');
    expect(new Tab(keep, clock, 'server|site|key|other|').states).toEqual([]);
    expect(new Tab(keep, clock, 'server|site|').states).toEqual([]);
  });

  it('do not break on what somebody else has put there', () => {
    keep.set(`outbox:${SCOPE}not-an-id`, '{"body":"x","createdAt":1}');
    keep.set(`outbox:${SCOPE}0190163d-8694-739b-aea5-966c26f8ad91`, '{"body":7}');
    expect(new Tab(keep, clock).states).toEqual([]);
  });
});
