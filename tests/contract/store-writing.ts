// Creating replies: the clock, the ids, the parents, batches, whom they name.
import { expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { DEPTH_MAX } from '../../shared/limits.js';
import { outcomes, type Bench } from './store-bench.js';

export function writingContract(use: () => Bench): void {
  it('[SEQ1] each reply moves the clock by one and carries that seq', async () => {
    const { store, write, thread } = boundTo(use());
    const { id } = await thread();
    for (let seq = 1; seq <= 5; seq++) {
      const { change } = await write(id, { body: `number ${seq}` });
      expect(change).toMatchObject({ from: seq - 1, to: seq, counters: [], thread: { head: seq, infoSeq: seq } });
      expect(change.rows).toMatchObject([{ born: seq, seq, bodySeq: seq, rev: 1, depth: 0, parentId: null }]);
      expect(change.rows[0]!.rootId).toBe(change.rows[0]!.id);
    }
    expect(await store.thread(id)).toMatchObject({ head: 5, count: 5, roots: 5 });
  });

  it('[SEQ7] a child restamps its parent, as counters', async () => {
    const { store, write, thread } = boundTo(use());
    const { id } = await thread();
    const root = await write(id);
    const child = await write(id, { parentId: root.id });
    expect(child.change).toMatchObject({
      from: 1,
      to: 2,
      rows: [{ id: child.id, parentId: root.id, rootId: root.id, depth: 1, born: 2, seq: 2 }],
      counters: [{ id: root.id, seq: 2, replies: 1, ups: 0, downs: 0 }],
    });
    expect(await store.reply(root.id)).toMatchObject({ seq: 2, bodySeq: 1, born: 1, replies: 1, children: 1 });
    expect(await store.thread(id)).toMatchObject({ head: 2, count: 2, roots: 1 });
  });

  it('what a write answers is what is read afterwards', async () => {
    const { store, write, thread } = boundTo(use());
    const { id } = await thread();
    const root = await write(id, { body: 'Umlauts äöü, "quotes", \\ and 😀 {"json": [1]}' });
    const child = await write(id, { parentId: root.id });
    expect(await store.reply(child.id)).toEqual(child.change.rows[0]);
    expect(await store.source(root.id)).toBe('Umlauts äöü, "quotes", \\ and 😀 {"json": [1]}');
    const read = await store.changes(id, 1, 10);
    expect(read?.change).toEqual(child.change);
    expect(read?.thread).toEqual(child.change.thread);
  });

  it('[SEQ1] a batch takes a seq each, in its order, in one commit', async () => {
    const { store, write, thread, reply } = boundTo(use());
    const { id } = await thread();
    const [one, two] = [await write(id), await write(id)];
    const batch = [
      reply({ parentId: one.id }),
      reply(),
      reply({ parentId: two.id }),
      reply({ parentId: one.id }),
      reply(),
    ];
    const { results, change } = await store.createReplies(id, batch);
    expect(outcomes(results)).toEqual(Array(5).fill('created'));
    expect(change).toMatchObject({ from: 2, to: 7, thread: { head: 7, count: 7, roots: 4 } });
    expect(change!.rows.map(({ id, seq }) => [id, seq])).toEqual(batch.map(({ id }, n) => [id, 3 + n]));
    // Each parent is stamped with the last of its children.
    expect(change!.counters).toMatchObject([
      { id: two.id, seq: 5, replies: 1 },
      { id: one.id, seq: 6, replies: 2 },
    ]);
    expect((await store.changes(id, 2, 10))?.change).toEqual(change);
  });

  it('[SEQ3] what can not be inserted takes no seq and does not hinder the others', async () => {
    const { store, write, thread, reply } = boundTo(use());
    const { id } = await thread();
    const elsewhere = await write((await thread()).id);
    const known = reply({ body: 'known' });
    const gone = await write(id);
    await store.createReplies(id, [known]);
    await store.removeReply(gone.id, 60);
    const before = await store.thread(id);
    const batch = [
      reply({ parentId: newId() }),
      reply(),
      known,
      { ...known, body: 'other words' },
      reply({ parentId: elsewhere.id }),
      reply({ parentId: gone.id }),
      reply({ id: elsewhere.id }),
      reply(),
    ];
    const { results, change } = await store.createReplies(id, batch);
    expect(outcomes(results)).toEqual([
      'parent missing',
      'created',
      'known',
      'taken',
      'parent missing',
      'parent removed',
      'taken',
      'created',
    ]);
    expect(change).toMatchObject({ from: before!.head, to: before!.head + 2 });
    expect(change!.rows.map(({ id }) => id)).toEqual([batch[1]!.id, batch[7]!.id]);
  });

  it('[SEQ3] where nothing can be inserted, the clock stands still', async () => {
    const { store, thread, reply, write } = boundTo(use());
    const { id } = await thread();
    const first = await write(id);
    const { change, results } = await store.createReplies(id, [
      reply({ parentId: newId() }),
      reply({ id: first.id, body: 'x' }),
    ]);
    expect(change).toBeNull();
    expect(outcomes(results)).toEqual(['parent missing', 'taken']);
    expect(await store.thread(id)).toMatchObject({ head: 1, infoSeq: 1, count: 1 });
  });

  it('a child of a reply of the same call is for the next call', async () => {
    const { store, thread, reply } = boundTo(use());
    const { id } = await thread();
    const root = reply();
    const child = reply({ parentId: root.id });
    expect(outcomes((await store.createReplies(id, [root, child])).results)).toEqual(['created', 'again']);
    expect(outcomes((await store.createReplies(id, [child])).results)).toEqual(['created']);
  });

  it('[REQ1] the same id again is known only with the same thread, parent, author and text', async () => {
    const { store, thread, reply, write, ben } = boundTo(use());
    const { id } = await thread();
    const other = await thread();
    const root = await write(id);
    const first = reply({ parentId: root.id, body: 'once' });
    const created = await store.createReplies(id, [first]);
    const again = await store.createReplies(id, [first]);
    expect(again).toEqual({ results: [{ is: 'known', row: created.change!.rows[0] }], change: null });
    for (const changed of [{ body: 'twice' }, { parentId: null }, { author: ben }]) {
      expect(outcomes((await store.createReplies(id, [{ ...first, ...changed }])).results)).toEqual(['taken']);
    }
    expect(outcomes((await store.createReplies(other.id, [first])).results)).toEqual(['taken']);
    expect(await store.thread(id)).toMatchObject({ head: 2, count: 2 });
  });

  it('a closed thread takes no replies and keeps its clock; opened again it does', async () => {
    const { store, thread, reply } = boundTo(use());
    const { id } = await thread();
    const known = reply();
    await store.createReplies(id, [known]);
    expect(await store.setThreadState(id, 'closed')).toMatchObject({
      from: 1,
      to: 2,
      rows: [],
      counters: [],
      thread: { state: 'closed', infoSeq: 2 },
    });
    expect(await store.setThreadState(id, 'closed')).toBeNull();
    const refused = await store.createReplies(id, [reply(), known]);
    expect(outcomes(refused.results)).toEqual(['closed', 'known']);
    expect(refused.change).toBeNull();
    expect(await store.setThreadState(id, 'open')).toMatchObject({ to: 3 });
    expect((await store.createReplies(id, [reply()])).change).toMatchObject({ from: 3, to: 4 });
    expect(await store.setThreadState(newId(), 'closed')).toBeNull();
  });

  it('a thread that is not there takes no reply', async () => {
    const { store, thread, reply, write } = boundTo(use());
    const { id } = await write((await thread()).id);
    const refused = await store.createReplies(newId(), [reply(), reply({ parentId: id })]);
    expect(refused).toEqual({ results: [{ is: 'gone' }, { is: 'gone' }], change: null });
  });

  it('a branch grows to its greatest depth and no further', async () => {
    const { store, thread, reply, write } = boundTo(use());
    const { id } = await thread();
    const branch = [await write(id)];
    for (let depth = 1; depth <= DEPTH_MAX; depth++) {
      const next = await write(id, { parentId: branch.at(-1)!.id });
      expect(next.change.rows[0]).toMatchObject({ depth, rootId: branch[0]!.id });
      branch.push(next);
    }
    const deeper = await store.createReplies(id, [reply({ parentId: branch.at(-1)!.id })]);
    expect(outcomes(deeper.results)).toEqual(['parent deep']);
    expect(await store.thread(id)).toMatchObject({ head: DEPTH_MAX + 1, roots: 1 });
  });

  it('keeps which revision a reply answers and whom it names', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    const mentions = [bench.ben.id, bench.ana.id];
    const reply = await bench.write(id, { parentId: root.id, answers: 1, mentions });
    expect(await bench.store.reply(reply.id)).toMatchObject({ answers: 1, mentions });
    expect((await bench.store.changes(id, 1, 10))?.change?.rows).toMatchObject([{ answers: 1, mentions }]);
    expect(await bench.store.reply(root.id)).toMatchObject({ answers: null, mentions: null, reactions: null });
    const names = await bench.store.names(bench.ana.siteId, [...mentions, newId()]);
    expect(names).toEqual(
      new Map([
        [bench.ana.id, 'Ana'],
        [bench.ben.id, 'Ben'],
      ]),
    );
    expect(await bench.store.names('elsewhere', mentions)).toEqual(new Map());
  });
}

/** The bench's methods, to be used by name. */
function boundTo(bench: Bench) {
  return {
    store: bench.store,
    ben: bench.ben,
    thread: bench.thread.bind(bench),
    reply: bench.reply.bind(bench),
    write: bench.write.bind(bench),
  };
}
