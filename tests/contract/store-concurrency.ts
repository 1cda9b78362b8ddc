// Many writers at once, on two nodes: no seq lost, doubled or out of order, no id twice.
import { expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { Change, Created, NewReply } from '../../server/store/store.js';
import { rank } from '../../server/threads/rank.js';
import { author, outcomes, type Bench } from './store-bench.js';

const WRITERS = 16;

function spread(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + 1 + n);
}

export function concurrencyContract(use: () => Bench): void {
  it('[SEQ1] 16 writers on two nodes share one clock: every seq exactly once', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const changes: Change[] = [];
    await Promise.all(
      spread(0, WRITERS).map(async (writer) => {
        const store = writer % 2 === 0 ? bench.store : bench.other;
        for (let n = 0; n < 10; n++) {
          const { change } = await store.createReplies(id, [bench.reply({ body: `${writer} ${n}` })]);
          changes.push(change!);
        }
      }),
    );
    const seqs = changes.flatMap(({ rows }) => rows.map(({ seq }) => seq)).sort((a, b) => a - b);
    expect(seqs).toEqual(spread(0, 160));
    for (const { from, to, rows } of changes) expect(rows.map(({ seq }) => seq)).toEqual(spread(from, to));
    expect(await bench.store.thread(id)).toMatchObject({ head: 160, count: 160, roots: 160 });
    expect((await bench.all(id)).rows.map(({ born }) => born)).toEqual(spread(0, 160));
  });

  it('[SEQ2] seq order is commit order: who sees a seq has seen everything below it', async () => {
    const bench = use();
    const { id } = await bench.thread();
    let writing = true;
    const writers = Promise.all(
      spread(0, WRITERS).map(async (writer) => {
        const store = writer % 2 === 0 ? bench.store : bench.other;
        for (let n = 0; n < 8; n++) await store.createReplies(id, [bench.reply(), bench.reply()]);
      }),
    ).finally(() => (writing = false));
    const seen: number[] = [];
    const poll = async (): Promise<void> => {
      const { change } = (await bench.other.changes(id, seen.length, 10_000))!;
      seen.push(...change!.rows.map(({ seq }) => seq));
      expect(seen).toHaveLength(change!.to);
    };
    while (writing) await poll();
    await writers;
    await poll();
    expect(seen).toEqual(spread(0, WRITERS * 16));
  });

  it('[SEQ3] failures between successes leave no hole', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const taken = await bench.write(id);
    const results = await Promise.all(
      spread(0, 40).map(async (n): Promise<Created[]> => {
        const store = n % 2 === 0 ? bench.store : bench.other;
        const wrong = n % 4 < 2 ? { id: taken.id, body: 'other' } : { parentId: newId() };
        return (await store.createReplies(id, [bench.reply(), bench.reply(wrong)])).results;
      }),
    );
    expect(results.flatMap(outcomes).filter((is) => is === 'created')).toHaveLength(40);
    expect((await bench.all(id)).rows.map(({ seq }) => seq)).toEqual(spread(0, 41));
    expect(await bench.head(id)).toBe(41);
  });

  it('[REQ1] one reply sent many times to two nodes at once is created once and known everywhere', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    for (let round = 0; round < 10; round++) {
      const reply = bench.reply({ parentId: root.id, body: `round ${round}` });
      const results = await Promise.all(
        spread(0, 8).map((n) => (n % 2 === 0 ? bench.store : bench.other).createReplies(id, [reply])),
      );
      const is = results.flatMap((result) => outcomes(result.results));
      expect(is.toSorted()).toEqual(['created', ...Array<string>(7).fill('known')]);
      const rows = results.map(({ results: [only] }) => (only as { row: { seq: number } }).row.seq);
      expect(new Set(rows)).toEqual(new Set([round + 2]));
    }
    expect(await bench.store.reply(root.id)).toMatchObject({ replies: 10, children: 10 });
  });

  it('[REQ1] one id with different words at once: one wins, the other is told', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const other = await bench.thread();
    for (let round = 0; round < 10; round++) {
      const first = bench.reply({ body: 'mine' });
      const second: NewReply = { ...first, body: 'yours', author: bench.ben };
      const [one, two] = await Promise.all([
        bench.store.createReplies(id, [bench.reply(), first]),
        bench.other.createReplies(round % 2 === 0 ? id : other.id, [second, bench.reply()]),
      ]);
      const is = [outcomes(one.results)[1]!, outcomes(two.results)[0]!];
      expect(is.toSorted()).toEqual(['created', 'taken']);
    }
    for (const thread of [id, other.id]) {
      const { rows, to } = await bench.all(thread);
      expect(rows.map(({ seq }) => seq)).toEqual(spread(0, to));
    }
  });

  it('[SEQ7] counters add up when children, votes and edits meet on one reply', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    const voters = spread(0, 8).map((n) => author(`Voter ${n}`));
    for (const voter of voters) await bench.store.putAuthor(voter);
    const changes = await Promise.all([
      ...spread(0, 12).map(async (n) => {
        const store = n % 2 === 0 ? bench.store : bench.other;
        return (await store.createReplies(id, [bench.reply({ parentId: root.id })])).change;
      }),
      ...voters.map(async (voter, n) => {
        const store = n % 2 === 0 ? bench.other : bench.store;
        const done = await store.choose(root.id, [{ authorId: voter.id, value: n < 5 ? 1 : -1 }], rank);
        return done?.is === 'written' ? done.change : null;
      }),
      (async () => {
        const done = await bench.other.editReply(root.id, 1, { body: 'edited', html: '<p>edited</p>', renderer: 1 });
        return done?.is === 'written' ? done.change : null;
      })(),
    ]);
    expect(await bench.store.reply(root.id)).toMatchObject({
      replies: 12,
      children: 12,
      ups: 5,
      downs: 3,
      rank: rank(5, 3),
      rev: 2,
      seq: 22,
    });
    expect(changes.map((change) => change!.to).sort((a, b) => a - b)).toEqual(spread(1, 22));
  });

  it('one thread is opened by many nodes at once', async () => {
    const bench = use();
    const key = newId();
    const opened = await Promise.all(
      spread(0, WRITERS).map((n) =>
        (n % 2 === 0 ? bench.store : bench.other).openThread({
          id: newId(),
          epoch: newId(),
          siteId: bench.ana.siteId,
          key,
          url: null,
          title: null,
        }),
      ),
    );
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    expect(new Set(opened.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it('removing and answering at once leaves counts that are true', async () => {
    const bench = use();
    const { id } = await bench.thread();
    for (let round = 0; round < 10; round++) {
      const root = await bench.write(id);
      const [, answered] = await Promise.all([
        bench.store.removeReply(root.id, 60),
        bench.other.createReplies(id, [bench.reply({ parentId: root.id })]),
      ]);
      const children = answered.change ? 1 : 0;
      expect(['created', 'parent removed']).toContain(outcomes(answered.results)[0]);
      expect(await bench.store.reply(root.id)).toMatchObject({ state: 'removed', replies: children, children });
    }
    const { rows, counters, thread } = await bench.all(id);
    expect(counters).toEqual([]);
    expect(thread.count).toBe(rows.filter(({ state }) => state === 'published').length);
    expect(thread.roots).toBe(10);
  });
}
