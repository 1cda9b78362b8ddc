// When a page asks the server to count: what its controls ask of the line, without a page.
import { beforeEach, expect, it, vi } from 'vitest';
import { STANDARD_RULES } from '../../server/sites/rules.js';
import type { JoinAnswer } from '../../shared/protocol.js';
import { Digest } from '../../widget/elements/tools/digest.js';
import { LiveDesk, ok } from '../support/live-desk.js';
import { makeDelta, makeReply, makeSnapshot } from '../support/replies.js';

const YOU = { me: null, can: { write: false, vote: false }, votes: {} };

let desk: LiveDesk;
let digest: Digest;
let seq: number;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  desk = new LiveDesk();
  seq = 1;
  serve(true);
  await desk.goLive();
  const stage = { view: desk.state, kit: { prefs: { get: () => null } }, setting: () => 'auto' };
  digest = new Digest(stage as never, desk.live, {} as never, () => {});
  // As each drawing does.
  const draw = (): void => {
    digest.delays();
    desk.live.setLane(digest.isCounting ? 'digest' : undefined);
  };
  desk.state.subscribe(() => queueMicrotask(draw));
  return () => vi.useRealTimers();
});

/** How each join is answered from now on. A server may be too old to tell any rules. */
function serve(isAble: boolean, tells = true): void {
  desk.line.answers['thread:join'] = ({ cursor }: { cursor?: { seq: number } }) => {
    const rules = tells && { rules: { ...STANDARD_RULES, ...(isAble && { digest: true }) } };
    if (cursor)
      return ok({ mode: 'delta', delta: makeDelta(cursor.seq, seq), ...rules, you: YOU } satisfies JoinAnswer);
    return ok({
      mode: 'snapshot',
      ...makeSnapshot([makeReply('a')], { seq }),
      ...rules,
      you: YOU,
    } satisfies JoinAnswer);
  };
}

/** So many seconds of a flood, all of it left out. */
async function pour(seconds: number): Promise<void> {
  for (let n = 0; n < seconds * 4; n++) {
    const births = [1, 2, 3, 4, 5].map((i) => seq + i);
    const counts = lanes().at(-1) === 'digest';
    const delta = makeDelta(seq, (seq += 5), counts ? [] : births.map((born) => makeReply(`r${born}`, { born })));
    if (desk.line.connected) desk.line.events.emit('thread:delta', counts ? { ...delta, left: { '': births } } : delta);
    await pass(250);
  }
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await desk.clock.pass(ms);
}

const lanes = (): unknown[] =>
  desk.line.asked.filter(([name]) => name === 'thread:join').map(([, { lane }]) => lane ?? 'live');

async function lineGoesAndComes(): Promise<void> {
  desk.line.connected = false;
  desk.line.events.emit('down', null);
  await pass(500);
  desk.line.up();
}

it('[CUR9] a reader in a flood asks to be told in counts, and after it for texts', async () => {
  await pour(25);
  expect(lanes()).toEqual(['live', 'digest']);
  // At most four seconds of heat, five until it is looked, and ten until its turn.
  await pass(20_000);
  // One that hears nothing joins again besides.
  expect(lanes().filter((lane, n, all) => lane !== all[n - 1])).toEqual(['live', 'digest', 'live']);
});

it('[CUR9] on a new line a server is asked once it has said that it can, some time later', async () => {
  await pour(25);
  await lineGoesAndComes();
  await pass(0);
  expect(lanes().slice(2)).toEqual(['live']);
  await pour(25);
  expect(lanes().slice(2)).toEqual(['live', 'digest']);
});

it.each([true, false])('[CUR9] on a new line a server that can not is never asked (tells rules: %s)', async (tells) => {
  await pour(25);
  serve(false, tells);
  await lineGoesAndComes();
  await pour(25);
  expect(lanes().slice(2)).toEqual(['live']);
});
