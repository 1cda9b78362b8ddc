// The writing half: following, changing what stands, and more pages.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.js';
import type { Answer, JoinAnswer } from '../../shared/protocol.js';
import { ANA, fails, LiveDesk, ok } from '../support/live-desk.js';
import { EPOCH, makeDelta, makeReply, makeSnapshot, THREAD } from '../support/replies.js';
import { errorOf } from '../support/sync-desk.js';

let desk: LiveDesk;
beforeEach(() => {
  desk = new LiveDesk();
});

describe('following', () => {
  it('[REQ2] joins with key and title, and shows what it is told', async () => {
    await desk.goLive();
    expect(desk.line.asked).toEqual([['thread:join', { key: 'article', sort: 'oldest', title: 'Title' }]]);
    expect([desk.state.phase.is, desk.state.status, desk.shown]).toEqual(['ready', 'live', ['a']]);
    desk.line.events.emit('thread:delta', makeDelta(1, 2, [makeReply('b', { born: 2 })]));
    expect(desk.state.tree().held).toEqual(['b']);
  });

  it('[CUR8] takes the slow lane while data is saved, and joins again when that changes', async () => {
    desk.live.setLane('slow');
    await desk.goLive();
    desk.live.setLane('slow');
    await desk.clock.pass(2_000);
    desk.live.setLane();
    await desk.clock.pass(2_000);
    expect(desk.line.asked.map(([, { lane, cursor }]) => [lane, cursor])).toEqual([
      ['slow', undefined],
      [undefined, { epoch: EPOCH, seq: 1 }],
    ]);
    expect(desk.state.status).toBe('live');
  });

  it('asks for a longer first page where more than one was read, so that a snapshot does not fold it up', async () => {
    const roots = Array.from({ length: 21 }, (_, i) => makeReply(`r${i}`, { born: i + 1 }));
    desk.state.loaded(makeSnapshot(roots));
    await desk.goLive();
    expect(desk.line.asked[0]?.[1]).toMatchObject({ limit: 50, cursor: { epoch: EPOCH, seq: 21 } });
  });

  it('[PAGE4] tells since when it is offline', async () => {
    await desk.goLive();
    desk.line.connected = false;
    desk.line.events.emit('down', null);
    await desk.clock.pass(500);
    desk.line.events.emit('failed', null);
    const since = desk.clock.now();
    await desk.clock.pass(500);
    desk.line.events.emit('failed', null);
    expect([desk.state.status, desk.state.offlineSince]).toEqual(['offline', since]);
    await desk.goLive();
    expect([desk.state.status, desk.state.offlineSince]).toEqual(['live', null]);
  });

  it.each<ErrorCode>(['site_unknown', 'origin_refused', 'protocol_unsupported'])(
    'shows why it was refused: %s',
    async (code) => {
      desk.line.events.emit('refused', errorOf(code));
      expect(desk.state.phase).toEqual({ is: 'refused', error: errorOf(code) });
    },
  );

  it('leaves thread and line when nobody has looked for thirty seconds, and comes back', async () => {
    await desk.goLive();
    desk.live.setVisible(false);
    await desk.clock.pass(20_000);
    desk.live.setVisible(true);
    desk.line.events.emit('thread:beat', { thread: THREAD, epoch: EPOCH, head: 1, readers: 1, typing: [] });
    await desk.clock.pass(14_000);
    expect([desk.line.left, desk.line.holders]).toEqual([[], 1]);
    desk.live.setVisible(false);
    await desk.clock.pass(31_000);
    expect([desk.line.left, desk.line.holders, desk.clock.pending]).toEqual([[THREAD], 0, 0]);
    desk.live.setVisible(true);
    await desk.clock.pass(0);
    expect([desk.line.holders, desk.state.status]).toEqual([1, 'live']);
  });

  it('does not leave before what was written is sent', async () => {
    desk.live.setName('Ana');
    desk.live.post({ parent: null, body: 'x' });
    desk.live.setVisible(false);
    await desk.clock.pass(120_000);
    expect(desk.line.holders).toBe(1);
    await desk.goLive();
    await desk.clock.pass(31_000);
    expect([desk.line.holders, desk.shown]).toEqual([0, ['a', expect.any(String)]]);
  });

  it('ends with every timer and listener', async () => {
    await desk.goLive();
    desk.live.setVisible(false);
    desk.live.stop();
    expect([desk.clock.pending, desk.line.holders, desk.line.left]).toEqual([0, 0, [THREAD]]);
    desk.line.events.emit('thread:delta', makeDelta(1, 2, [makeReply('b', { born: 2 })]));
    expect(desk.state.get('b')).toBeUndefined();
  });
});

describe('changing what stands', () => {
  beforeEach(async () => {
    desk.identity.change({ name: 'Ana', token: 't', told: 'Ana' });
    desk.line.token = 't';
    await desk.goLive();
  });

  it('[CUR2] an edit is sent on top of the revision that it was made from, and shown with its answer', async () => {
    desk.line.answers['reply:edit'] = () => ok({ reply: makeReply('a', { seq: 5, rev: 2, html: 'new', author: ANA }) });
    expect(await desk.live.change('reply:edit', { id: 'a', body: 'new', base: 1 })).toMatchObject({ ok: true });
    expect(desk.line.asked.at(-1)).toEqual(['reply:edit', { id: 'a', body: 'new', base: 1 }]);
    expect([desk.state.get('a')?.html, desk.state.held?.cursor.seq]).toEqual(['new', 1]);
  });

  it('an edit that comes too late shows what stands there now', async () => {
    desk.line.answers['reply:edit'] = () =>
      fails('conflict', { current: makeReply('a', { seq: 5, rev: 2, html: 'other' }) });
    expect(await desk.live.change('reply:edit', { id: 'a', body: 'new', base: 1 })).toMatchObject({
      ok: false,
      error: { code: 'conflict' },
    });
    expect(desk.state.get('a')?.html).toBe('other');
  });

  it('a request without an answer says that the same may be tried later', async () => {
    desk.line.connected = false;
    for (const asked of [
      desk.live.change('reply:edit', { id: 'a', body: 'x', base: 1 }),
      desk.live.change('reply:remove', { id: 'a' }),
      desk.live.ask('reply:source', { id: 'a' }),
    ]) {
      expect(await asked).toMatchObject({ ok: false, error: { retry: 'later' } });
    }
  });

  it('asks again with another token, once', async () => {
    desk.line.answers['reply:remove'] = () => fails('token_invalid');
    expect(await desk.live.change('reply:remove', { id: 'a' })).toMatchObject({
      ok: false,
      error: { code: 'token_invalid' },
    });
    expect(desk.line.names()).toEqual(['reply:remove', 'me:guest', 'reply:remove']);
  });
});

describe('more', () => {
  it('fetches the next page of a list once, however often it is asked for', async () => {
    desk.line.answers['thread:join'] = (): Answer<JoinAnswer> => {
      const snapshot = makeSnapshot([makeReply('a')], { more: { after: 'x', count: 1 } });
      return ok({ mode: 'snapshot', ...snapshot, you: { me: null, can: { write: false, vote: false }, votes: {} } });
    };
    desk.line.answers['thread:page'] = () => ok({ replies: [makeReply('b', { born: 1 })], more: null });
    await desk.goLive();
    const [one, two] = [desk.live.more(null), desk.live.more(null)];
    expect([await one, one === two]).toMatchObject([{ ok: true }, true]);
    expect(desk.line.asked.slice(1)).toEqual([
      ['thread:page', { thread: THREAD, parent: null, sort: 'oldest', after: 'x' }],
    ]);
    expect([desk.shown, desk.state.tree().more]).toEqual([['a', 'b'], undefined]);
    expect(await desk.live.more(null)).toMatchObject({ ok: true });
    expect(desk.line.names()).toEqual(['thread:page']);
  });
});
