// Edits, removals and the way back, earlier texts, reports: each one step of the clock, or none.
import { expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { rank } from '../../server/threads/rank.js';
import { outcomes, type Bench } from './store-bench.js';

const text = (body: string) => ({ body, html: `<p>${body}</p>`, renderer: 1 });

export function editingContract(use: () => Bench): void {
  it('[SEQ1] an edit takes the next seq, replaces the text and counts the revision', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    const done = await bench.store.editReply(reply.id, 1, text('better'));
    expect(done).toMatchObject({
      is: 'written',
      row: { id: reply.id, rev: 2, born: 1, seq: 2, bodySeq: 2, html: '<p>better</p>' },
      change: { from: 1, to: 2, counters: [], thread: { head: 2, infoSeq: 1 } },
    });
    if (done?.is !== 'written') throw new Error('not written');
    expect(done.row.editedAt).toBeInstanceOf(Date);
    expect(await bench.store.reply(reply.id)).toMatchObject({ rev: 2, editedAt: done.row.editedAt });
    expect(await bench.store.source(reply.id)).toBe('better');
  });

  it('[SEQ3] an edit from another revision changes nothing and tells the row as it is', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    await bench.store.editReply(reply.id, 1, text('second'));
    for (const base of [1, 3]) {
      const done = await bench.store.editReply(reply.id, base, text('late'));
      expect(done).toMatchObject({ is: 'stale', row: { rev: 2, html: '<p>second</p>' } });
    }
    expect(await bench.head(id)).toBe(2);
  });

  it('[REQ6] [SEQ3] a closed thread takes no edit and no choice, whatever its revision; opened again it does', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    await bench.store.setThreadState(id, 'closed');
    const closed = { is: 'closed', row: { id: reply.id, rev: 1, ups: 0, seq: 1 } };
    for (const base of [1, 2]) expect(await bench.store.editReply(reply.id, base, text('late'))).toMatchObject(closed);
    const wish = [{ authorId: bench.ben.id, value: 1 as const }];
    expect(await bench.store.choose(reply.id, wish, rank)).toMatchObject(closed);
    const like = [{ authorId: bench.ben.id, emoji: '👍', on: true }];
    expect(await bench.store.choose(reply.id, like, rank)).toMatchObject(closed);
    expect(await bench.store.revisions(reply.id, 10)).toEqual([]);
    expect(await bench.head(id)).toBe(2);
    expect(await bench.store.removeReply(reply.id, 60)).toMatchObject({ is: 'written' });
    expect(await bench.store.choose(reply.id, wish, rank)).toMatchObject({ is: 'removed' });
    await bench.store.setThreadState(id, 'open');
    const again = await bench.write(id);
    expect(await bench.store.choose(again.id, wish, rank)).toMatchObject({ is: 'written' });
  });

  it('an edit keeps the text that it replaces, the newest first', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id, { body: 'first', html: '<p>first</p>' });
    await bench.store.editReply(reply.id, 1, text('second'));
    await bench.store.editReply(reply.id, 2, text('third'));
    const all = await bench.store.revisions(reply.id, 10);
    expect(all.map(({ rev, body }) => ({ rev, body }))).toEqual([
      { rev: 2, body: 'second' },
      { rev: 1, body: 'first' },
    ]);
    for (const { until } of all) expect(new Date(until).toISOString()).toBe(until);
    expect(await bench.store.revisions(reply.id, 1)).toEqual(all.slice(0, 1));
  });

  it('[SEQ4] a removed reply stays as a tombstone without its text, and its parent counts it no more', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    const child = await bench.write(id, { parentId: root.id });
    const grandchild = await bench.write(id, { parentId: child.id });
    const done = await bench.store.removeReply(child.id, 60);
    expect(done).toMatchObject({
      is: 'written',
      row: { id: child.id, state: 'removed', html: '', seq: 4, bodySeq: 4, replies: 1, children: 1 },
      change: {
        from: 3,
        to: 4,
        rows: [{ id: child.id }],
        counters: [{ id: root.id, seq: 4, replies: 0 }],
        thread: { count: 2, roots: 1, head: 4, infoSeq: 4 },
      },
    });
    expect(await bench.store.reply(root.id)).toMatchObject({ replies: 0, children: 1, seq: 4, bodySeq: 1 });
    expect(await bench.store.reply(grandchild.id)).toMatchObject({ state: 'published', seq: 3 });
    expect(await bench.store.source(child.id)).toBeNull();
  });

  it('[SEQ3] a removed reply takes no edit, no vote, no answer and no second removal', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    await bench.store.removeReply(reply.id, 60);
    const tombstone = { is: 'removed', row: { id: reply.id, state: 'removed' } };
    expect(await bench.store.removeReply(reply.id, 60)).toMatchObject(tombstone);
    expect(await bench.store.editReply(reply.id, 1, text('back'))).toMatchObject(tombstone);
    expect(await bench.store.choose(reply.id, [{ authorId: bench.ben.id, value: 1 }], rank)).toMatchObject(tombstone);
    const { results } = await bench.store.createReplies(id, [bench.reply({ parentId: reply.id })]);
    expect(outcomes(results)).toEqual(['parent removed']);
    expect(await bench.head(id)).toBe(2);
  });

  it('[REQ13] what is removed comes back as it was while its time runs, and counts again', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const root = await bench.write(id);
    const child = await bench.write(id, { parentId: root.id });
    await bench.store.editReply(child.id, 1, text('second'));
    await bench.store.removeReply(child.id, 60);
    expect(await bench.store.removedText(child.id)).toBe('second');
    expect(await bench.store.restoreReply(child.id, text('another'))).toMatchObject({ is: 'late' });
    const done = await bench.store.restoreReply(child.id, text('second'));
    expect(done).toMatchObject({
      is: 'written',
      row: { id: child.id, state: 'published', html: '<p>second</p>', rev: 2, seq: 5, bodySeq: 5 },
      change: {
        from: 4,
        to: 5,
        rows: [{ id: child.id }],
        counters: [{ id: root.id, seq: 5, replies: 1 }],
        thread: { count: 2, head: 5, infoSeq: 5 },
      },
    });
    expect(await bench.store.restoreReply(child.id, text('second'))).toMatchObject({ is: 'published' });
    expect(await bench.store.removedText(child.id)).toBeNull();
    expect(await bench.store.source(child.id)).toBe('second');
    expect(await bench.store.revisions(child.id, 10)).toMatchObject([{ rev: 1 }]);
  });

  it('[REQ13] when its time is over, nothing of its texts is left', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const [gone, kept] = [await bench.write(id), await bench.write(id)];
    for (const { id: reply } of [gone, kept]) await bench.store.editReply(reply, 1, text('second'));
    await bench.store.removeReply(gone.id, 0);
    expect(await bench.store.removedText(gone.id)).toBeNull();
    expect(await bench.store.restoreReply(gone.id, text('second'))).toMatchObject({ is: 'late' });
    expect(await bench.store.eraseRemoved(1)).toBe(1);
    expect(await bench.store.eraseRemoved(100)).toBe(1);
    expect(await bench.store.revisions(gone.id, 10)).toEqual([]);
    expect(await bench.store.revisions(kept.id, 10)).toMatchObject([{ rev: 1 }]);
    expect(await bench.store.reply(gone.id)).toMatchObject({ state: 'removed', html: '' });
  });

  it('what is not there can not be edited, removed or voted on', async () => {
    const { store, ana } = use();
    expect(await store.editReply(newId(), 1, text('x'))).toBeNull();
    expect(await store.removeReply(newId(), 60)).toBeNull();
    expect(await store.choose(newId(), [{ authorId: ana.id, value: 1 }], rank)).toBeNull();
    expect(await store.reply(newId())).toBeNull();
    expect(await store.source(newId())).toBeNull();
  });

  it('a report may be made again and moves no clock', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const reply = await bench.write(id);
    await bench.store.report(reply.id, bench.ben.id, 'spam', null);
    await bench.store.report(reply.id, bench.ben.id, 'abuse', 'twice');
    expect(await bench.head(id)).toBe(1);
  });
}
