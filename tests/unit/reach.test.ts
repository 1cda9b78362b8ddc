// After a gap that is answered with the first page alone: what else stands in sight is fetched before anything moves.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer, JoinAnswer, Located, Page, PageRequest } from '../../shared/protocol.js';
import type { Cursor, Reply, Sort, You } from '../../shared/views.js';
import type { BOUNDS } from '../../widget/state/reach.js';
import { buildTree } from '../../widget/state/tree.js';
import { ANA, fails, LiveDesk, ok } from '../support/live-desk.js';
import { EPOCH, makeDelta, makeReply, makeSnapshot, THREAD } from '../support/replies.js';

const FIRST = 20;

let desk: LiveDesk;
/** What the server has, in the order of its lists. */
let rows: Reply[];
let cursor: Cursor;
/** What Ana has chosen. */
let votes: You['votes'];

const born = (n: number, more: Partial<Reply> = {}): Reply => makeReply(`r${n}`, { born: n, ...more });
const roots = (from: number, to: number): Reply[] => Array.from({ length: to - from + 1 }, (_, i) => born(from + i));
const change = (n: number, more: Partial<Reply>): void => {
  rows = rows.map((row) => (row.id === `r${n}` ? { ...row, ...more } : row));
};

/** A part of a list; the rows come without their children, which are behind a `more` of theirs. */
function part(parent: string | null, from: number, limit: number): Page {
  const list = rows.filter((row) => row.parent === parent);
  const replies = list.slice(from, from + limit).map((row): Reply => {
    const count = rows.filter(({ parent: above }) => above === row.id).length;
    return count > 0 ? { ...row, more: { after: '', count } } : row;
  });
  const left = list.length - from - replies.length;
  const mine = {
    votes: Object.fromEntries(Object.entries(votes).filter(([id]) => replies.some((row) => row.id === id))),
  };
  return { replies, more: left > 0 ? { after: `${from + limit}`, count: left } : null, mine };
}

const snapshot = (): Answer<JoinAnswer> => {
  const { replies, more, mine } = part(null, 0, FIRST);
  const first = makeSnapshot(replies, { cursor, more });
  first.thread.count = rows.length;
  return ok({ mode: 'snapshot', ...first, you: { me: ANA, can: { write: true, vote: true }, ...mine! } });
};
const page = ({ parent, after = '0', limit = FIRST }: PageRequest): Answer<Page> =>
  ok(part(parent, Number(after), limit));
const locate = ({ id }: { id: string }): Answer<Located> => {
  const at = rows.findIndex((row) => row.id === id);
  if (at < 0) return fails('not_found');
  return ok({ replies: rows.slice(at - 1, at + 2), more: null, mine: { votes: {} } });
};

function serve(sort: Sort = 'oldest', bounds: Partial<typeof BOUNDS> = {}): void {
  desk = new LiveDesk(null, { sort, bounds });
  Object.assign(desk.line.answers, { 'thread:join': snapshot, 'thread:page': page, 'thread:locate': locate });
}
async function gap(to = 700): Promise<void> {
  cursor = { epoch: cursor.epoch, seq: to };
  desk.line.connected = false;
  desk.line.events.emit('down', null);
  await desk.goLive();
}
const asked = (from: number): unknown[] =>
  desk.line.asked.slice(from).map(([name, { after, id }]) => after ?? id ?? name);
const ids = (from: number, to: number): string[] => roots(from, to).map(({ id }) => id);

/** Of a hundred replies forty are read. */
beforeEach(async () => {
  rows = roots(1, 100);
  cursor = { epoch: EPOCH, seq: 100 };
  votes = {};
  serve();
  await desk.goLive();
  await desk.live.more(null);
});

describe('[CUR10] what stands in sight beyond the first page', () => {
  it('stands there still, as it is now, and what is new waits behind it', async () => {
    change(30, { rev: 2, seq: 300, html: 'edited' });
    rows.push(...roots(650, 660));
    const before = desk.line.asked.length;
    await gap();
    expect(desk.shown).toEqual(ids(1, 70));
    expect(asked(before)).toEqual(['thread:join', '20']);
    expect(desk.state.get('r30')).toMatchObject({ html: 'edited', rev: 2 });
    expect([desk.state.status, desk.state.tree().more]).toEqual(['live', { after: 70, count: 41 }]);
  });

  it('is as it was, and told to be brought up to date, until all of it has come', async () => {
    let give!: (answer: Answer<Page>) => void;
    desk.line.answers['thread:page'] = () => new Promise((resolve) => (give = resolve)) as never;
    change(3, { rev: 2, seq: 300, html: 'edited' });
    await gap();
    desk.line.events.emit('thread:delta', makeDelta(700, 701, [born(40, { seq: 701, rev: 3 })]));
    const [held] = [desk.state.held];
    expect([desk.state.status, desk.shown.length, desk.state.get('r3')?.rev]).toEqual(['catching-up', 40, 1]);
    give(page({ thread: THREAD, parent: null, sort: 'oldest', after: '20', limit: 50 }));
    await desk.clock.pass(0);
    expect(desk.state.held).not.toBe(held);
    expect([desk.state.status, desk.shown.length, desk.state.get('r3')?.rev]).toEqual(['live', 70, 2]);
    expect([desk.state.get('r40')?.rev, desk.state.held?.cursor.seq]).toEqual([3, 701]);
  });

  it('begins anew where the line is lost meanwhile, with the cursor from before and nothing moved', async () => {
    desk.line.answers['thread:page'] = () => {
      desk.line.connected = false;
      desk.line.events.emit('down', null);
      return null;
    };
    await gap();
    expect([desk.state.status, desk.shown, desk.state.held?.cursor.seq]).toEqual(['catching-up', ids(1, 40), 100]);
    desk.line.answers['thread:page'] = page;
    await desk.goLive();
    expect(desk.line.asked.findLast(([name]) => name === 'thread:join')?.[1]['cursor']).toEqual({
      epoch: EPOCH,
      seq: 100,
    });
    expect(desk.shown).toEqual(ids(1, 70));
  });

  it('is asked for again where the server says when', async () => {
    let refusals = 2;
    desk.line.answers['thread:page'] = (question: PageRequest) =>
      refusals-- > 0 ? fails('overloaded', { retryAfterMs: 2_000 }) : page(question);
    await gap();
    await desk.clock.pass(3_999);
    expect([desk.shown.length, desk.state.status]).toEqual([40, 'catching-up']);
    await desk.clock.pass(1);
    expect([desk.shown.length, desk.state.status]).toEqual([70, 'live']);
  });

  it('is let go where it is refused, or takes too long', async () => {
    desk.line.answers['thread:page'] = () => fails('internal');
    await gap();
    expect([desk.shown, desk.state.status]).toEqual([ids(1, 20), 'live']);
    desk.line.answers['thread:page'] = page;
    await desk.live.more(null);
    desk.line.answers['thread:page'] = () => fails('overloaded', { retryAfterMs: 15_000 });
    await gap(1_400);
    await desk.clock.pass(19_999);
    expect([desk.shown.length, desk.state.status]).toEqual([40, 'catching-up']);
    await desk.clock.pass(1);
    expect([desk.shown, desk.state.status]).toEqual([ids(1, 20), 'live']);
  });

  it('takes a line that does not answer twice for dead, once: then the server has no answer', async () => {
    desk.line.answers['thread:page'] = () => null;
    await gap();
    expect(desk.line.restarts).toBe(1);
    await gap();
    expect([desk.line.restarts, desk.shown, desk.state.status]).toEqual([1, ids(1, 20), 'live']);
  });

  it('is fetched list by list, the upper ones first', async () => {
    rows.push(born(101, { parent: 'r35' }), born(102, { parent: 'r101' }), born(103, { parent: 'r2' }));
    await gap(103);
    for (const list of ['r35', 'r101', 'r2']) await desk.live.more(list);
    const before = desk.line.asked.length;
    await gap();
    const lists = desk.line.asked.slice(before).map(([, { parent }]) => parent);
    expect(lists).toEqual([undefined, null, 'r2', 'r35', 'r101']);
    expect(['r101', 'r102', 'r103'].every((id) => desk.state.held?.paged.has(id))).toBe(true);
  });

  it('comes with what this reader has chosen on it by now', async () => {
    desk.state.change({ you: { ...desk.state.you!, votes: { r1: 1, r30: 1 } } });
    votes = { r2: 1, r31: -1 };
    await gap();
    expect(desk.state.you?.votes).toEqual({ r2: 1, r31: -1 });
  });

  it('keeps what is acknowledged meanwhile: a choice, and who this is', async () => {
    desk.state.change({ you: { ...desk.state.you!, me: null, votes: { r1: 1, r2: 1 }, reactions: { r3: ['👍'] } } });
    votes = { r1: 1, r2: 1 };
    desk.line.answers['thread:page'] = (question: PageRequest) => {
      const you = { ...desk.state.you!, votes: { r1: 1, r30: -1 } as const, reactions: { r3: ['🎉'] } };
      desk.state.change({ you: { ...you, me: { ...ANA, name: 'Anna' } } });
      return page(question);
    };
    await gap();
    const { me, ...mine } = desk.state.you!;
    expect(me?.name).toBe('Anna');
    expect(mine).toMatchObject({ votes: { r1: 1, r30: -1 }, reactions: { r3: ['🎉'] } });
    expect(mine.votes).not.toHaveProperty('r2');
  });

  it('is not looked for behind its place, nor in a list that ends before it', async () => {
    rows = rows.filter(({ born: at }) => at !== 25 && at !== 40);
    const before = desk.line.asked.length;
    await gap();
    expect(asked(before)).toEqual(['thread:join', '20']);
    expect(desk.shown).toEqual(rows.slice(0, 70).map(({ id }) => id));
    rows = rows.slice(0, 10);
    await gap(1_400);
    expect(desk.shown).toEqual(ids(1, 10));
  });

  it('is the same after another beginning of the thread', async () => {
    cursor = { epoch: 'another', seq: 100 };
    await gap(50);
    expect(desk.shown).toEqual(ids(1, 70));
  });

  it('costs nothing where it came with the first page', async () => {
    desk.state.loaded(makeSnapshot(roots(1, 10), { cursor: { epoch: EPOCH, seq: 90 } }));
    const before = desk.line.asked.length;
    await gap();
    expect(asked(before)).toEqual(['thread:join']);
  });

  it('is bounded', async () => {
    serve('oldest', { requests: 3 });
    rows = roots(1, 300);
    await desk.goLive();
    for (let pages = 0; pages < 10; pages++) await desk.live.more(null);
    const before = desk.line.asked.length;
    await gap(5_000);
    expect([desk.line.asked.length - before, desk.shown.length]).toEqual([4, FIRST + 3 * 50]);
  });

  it('of a paused page is there when that is over, with what was read on meanwhile', async () => {
    desk.live.feed.setPaused(true);
    change(30, { rev: 2, seq: 300 });
    await gap();
    expect([desk.shown, desk.state.get('r30')?.rev]).toEqual([ids(1, 40), 1]);
    await desk.live.more(null);
    await desk.live.more(null);
    desk.live.feed.setPaused(false);
    expect([desk.shown, desk.state.get('r30')?.rev]).toEqual([ids(1, 80), 2]);
    await desk.live.more(null);
    expect([desk.shown, desk.state.tree().more]).toEqual([ids(1, 90), { after: 90, count: 10 }]);
  });
});

describe('[CUR10] what came live', () => {
  const hear = (from: number, to: number): void => {
    rows.push(...roots(from + 1, to));
    desk.line.events.emit('thread:delta', makeDelta(from, to, roots(from + 1, to)));
    desk.state.reveal();
  };

  it('is reached by the pages before it', async () => {
    hear(100, 110);
    await gap();
    expect(desk.shown).toEqual(ids(1, 110));
  });

  it('stands alone where too much is between, which is behind the button', async () => {
    serve('oldest', { between: 50 });
    await desk.goLive();
    hear(100, 103);
    const before = desk.line.asked.length;
    await gap();
    expect(asked(before)).toEqual(['thread:join', 'r101', 'r103']);
    expect([desk.shown, desk.state.tree().more?.count]).toEqual([[...ids(1, 20), ...ids(101, 103)], 83]);
    for (let pages = 0; pages < 5; pages++) await desk.live.more(null);
    expect([desk.shown, desk.state.tree().more]).toEqual([ids(1, 103), undefined]);
  });
});

it('[CUR10] what came below it meanwhile comes with it, whatever its page says later', async () => {
  serve('oldest', { between: 50 });
  await desk.goLive();
  rows.push(...roots(101, 103));
  desk.line.events.emit('thread:delta', makeDelta(100, 103, roots(101, 103)));
  desk.state.reveal();
  rows.push(born(650, { parent: 'r103' }));
  await gap();
  expect(desk.state.tree().held).toEqual(['r650']);
  for (let pages = 0; pages < 5; pages++) await desk.live.more(null);
  desk.state.reveal();
  expect(
    desk.state
      .tree()
      .roots.at(-1)!
      .children.map(({ reply }) => reply.id),
  ).toEqual(['r650']);
});

describe('[CUR10] the newest first', () => {
  beforeEach(async () => {
    rows.reverse();
    serve('newest');
    await desk.goLive();
    await desk.live.more(null);
  });

  it('what is new stands before it, and waits', async () => {
    rows.unshift(...roots(101, 160).reverse());
    await gap();
    expect(desk.shown).toEqual(ids(41, 100).reverse());
    expect(desk.state.tree().held).toEqual(ids(101, 160));
  });

  it('where that is too much it is behind the button', async () => {
    serve('newest', { news: 30 });
    await desk.goLive();
    rows.unshift(...roots(101, 160).reverse());
    await gap();
    expect([desk.shown, desk.state.tree().held.length]).toEqual([ids(81, 100).reverse(), 20]);
  });
});

describe('[CUR10] what was looked for', () => {
  it('is looked for again, and no page has brought it', async () => {
    await desk.live.read('thread:locate', { id: 'r90', sort: 'oldest' });
    desk.state.change({
      shape: (facts) => buildTree({ ...facts, held: { ...facts.held, paged: new Set(['r89', 'r90', 'r91']) } }),
    });
    change(90, { rev: 2, seq: 300 });
    await gap();
    expect([desk.shown, desk.state.get('r90')?.rev]).toEqual([['r89', 'r90', 'r91'], 2]);
    desk.state.change({ shape: buildTree });
    expect(desk.shown).toEqual(ids(1, 70));
  });

  it('and is there no more is not', async () => {
    await desk.live.read('thread:locate', { id: 'r90', sort: 'oldest' });
    desk.state.change({
      shape: (facts) => buildTree({ ...facts, held: { ...facts.held, paged: new Set(facts.held.rows.keys()) } }),
    });
    rows = rows.filter(({ id }) => id !== 'r90');
    await gap();
    expect(desk.shown).toEqual([...ids(1, 70), 'r88', 'r89', 'r91']);
  });
});
