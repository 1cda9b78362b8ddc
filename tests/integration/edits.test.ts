// Editing and removing replies, the way back, earlier texts, and closing threads, as a client sees it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { TestApp } from '../support/app.js';
import type { TestClient } from '../support/client.js';
import { siteWith } from '../support/sites.js';
import { startTalk, type Talk } from '../support/talk.js';

let talk: Talk;
let app: TestApp;
let ana: TestClient;
let ben: TestClient;
beforeAll(async () => {
  talk = await startTalk();
  ({ app, ana, ben } = talk);
});
afterAll(() => app.end());

describe('editing', () => {
  it('replaces the text, counts the revision and reaches readers in full', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const { reply } = await ana.must('reply:edit', { id, body: '**new**', base: 1 });
    expect(reply).toMatchObject({ id, rev: 2, born: 1, seq: 2 });
    expect(reply.html).toContain('<strong>new</strong>');
    expect(reply.editedAt).toBeDefined();
    const delta = await talk.deltaTo(thread, 2);
    expect(delta.replies).toEqual([reply]);
    expect(delta).not.toHaveProperty('info');
  });

  it('from another revision is a conflict with the reply as it is', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const { reply } = await ana.must('reply:edit', { id, body: 'second', base: 1 });
    for (const base of [1, 3]) {
      const refused = await ana.refused('reply:edit', { id, body: 'third', base });
      expect(refused).toMatchObject({ code: 'conflict', current: reply });
    }
    expect(await talk.head(thread)).toBe(2);
  });

  it('at once from one revision: one wins', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((body) => ana.ask('reply:edit', { id, body, base: 1 })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await talk.head(thread)).toBe(2);
  });

  it('sent again after a lost answer is the same success', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const request = { id, body: 'second', base: 1 };
    const first = await ana.must('reply:edit', request);
    expect(await ana.must('reply:edit', request)).toEqual(first);
    expect(await talk.head(thread)).toBe(2);
  });

  it('[REQ5] sent again after a lost answer is the same success in a thread that was closed meanwhile', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const request = { id, body: 'second', base: 1 };
    const first = await ana.must('reply:edit', request);
    await app.service.threads.setState(thread, 'closed');
    expect(await ana.must('reply:edit', request)).toEqual(first);
    expect(await ana.refused('reply:edit', { ...request, body: 'third' })).toMatchObject({ code: 'thread_closed' });
    expect(await ana.refused('reply:edit', { ...request, base: 2 })).toMatchObject({ code: 'thread_closed' });
  });

  it("somebody else's, or what is not there, is refused", async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    expect(await ben.refused('reply:edit', { id, body: 'x', base: 1 })).toMatchObject({ code: 'forbidden' });
    expect(await ana.refused('reply:edit', { id: newId(), body: 'x', base: 1 })).toMatchObject({ code: 'not_found' });
    expect(await ben.refused('reply:source', { id })).toMatchObject({ code: 'forbidden' });
    expect(await ana.must('reply:source', { id })).toEqual({ body: 'Hello' });
  });
});

describe('removing', () => {
  it('leaves a tombstone without text or name, and its children where they are', async () => {
    const { key, thread } = await talk.openThread();
    const root = await talk.write(thread);
    const child = await talk.write(thread, 'child', root);
    const { reply } = await ana.must('reply:remove', { id: root });
    expect(reply).toMatchObject({
      id: root,
      state: 'removed',
      html: '',
      author: { id: '', name: '' },
      seq: 3,
      replies: 1,
    });
    expect(reply.author).not.toHaveProperty('badge');
    const delta = await talk.deltaTo(thread, 3);
    // The child may come with the same delta.
    expect(delta.replies.at(-1)).toEqual(reply);
    expect(delta.info).toMatchObject({ count: 1 });
    const { replies } = await ben.snapshot(key);
    expect(replies.map(({ id, state }) => [id, state])).toEqual([
      [root, 'removed'],
      [child, 'published'],
    ]);
    expect(JSON.stringify(replies[0])).not.toContain('Ana');
  });

  it('of a child counts its parent down, as counters', async () => {
    const { thread } = await talk.openThread();
    const root = await talk.write(thread);
    const child = await talk.write(thread, 'child', root);
    await ana.must('reply:remove', { id: child });
    const delta = await talk.deltaTo(thread, 3);
    expect(delta.touched).toEqual([{ id: root, seq: 3, score: 0, replies: 0 }]);
  });

  it('again is the same success; of what is not yours or not there is refused', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    expect(await ben.refused('reply:remove', { id })).toMatchObject({ code: 'forbidden' });
    const first = await ana.must('reply:remove', { id });
    expect(await ana.must('reply:remove', { id })).toEqual(first);
    expect(await ana.refused('reply:remove', { id: newId() })).toMatchObject({ code: 'not_found' });
    expect(await talk.head(thread)).toBe(2);
  });

  it('[REQ3] what was removed takes no more writes: the field is named', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    await ana.must('reply:remove', { id });
    const gone = { code: 'invalid', field: 'id', retry: 'never' };
    expect(await ana.refused('reply:edit', { id, body: 'x', base: 1 })).toMatchObject(gone);
    expect(await ben.refused('reply:vote', { id, value: 1 })).toMatchObject(gone);
    expect(await ben.refused('reply:report', { id, reason: 'spam' })).toMatchObject(gone);
    expect(await ana.refused('reply:source', { id })).toMatchObject(gone);
    expect(await talk.head(thread)).toBe(2);
  });

  it('[VIEW10] a tombstone whose counts change later is for a reader who was there what it is for a new one', async () => {
    const { thread, key } = await talk.openThread();
    const root = await talk.write(thread);
    const child = newId();
    await ana.must('reply:create', { thread, id: child, parent: root, body: 'child' });
    await ben.must('reply:react', { id: root, emoji: '👍', on: true });
    const removed = await ana.must('reply:remove', { id: root });
    // In a delta of its own, so that the next one brings counts alone.
    await talk.deltaTo(thread, removed.reply.seq);
    const { reply } = await ana.must('reply:remove', { id: child });
    const delta = await talk.deltaTo(thread, reply.seq);
    const fresh = (await ben.snapshot(key)).replies.find(({ id }) => id === root)!;
    expect(delta.touched?.find(({ id }) => id === root)?.reactions).toEqual(fresh.reactions);
  });
});

describe('[REQ13] taking a removal back', () => {
  it('brings text, author, votes and counts back, live, and again is the same success', async () => {
    const { thread, key } = await talk.openThread();
    const root = await talk.write(thread);
    const id = newId();
    await ana.must('reply:create', { thread, id, parent: root, body: 'Keep **me**' });
    await ben.must('reply:vote', { id, value: 1 });
    const { reply: tombstone } = await ana.must('reply:remove', { id });
    expect(tombstone).toMatchObject({ state: 'removed', html: '', author: { id: '', name: '' } });
    const { reply } = await ana.must('reply:restore', { id });
    expect(reply).toMatchObject({ state: 'published', score: 1, rev: 1, author: { name: 'Ana' } });
    expect(reply.html).toContain('<strong>me</strong>');
    const delta = await talk.deltaTo(thread, reply.seq);
    expect(delta).toMatchObject({ replies: [reply], touched: [{ id: root, replies: 1 }], info: { count: 2 } });
    expect(await ana.must('reply:restore', { id })).toEqual({ reply });
    expect((await ben.snapshot(key)).thread.count).toBe(2);
  });

  it('is the same success when it is sent again before it was answered', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    for (let round = 0; round < 20; round++) {
      await ana.must('reply:remove', { id });
      // One of them is done while others are between looking and doing.
      const answers = await Promise.all(Array.from({ length: 4 }, () => ana.ask('reply:restore', { id })));
      expect(answers.map((answer) => answer.ok || answer.error.code)).toEqual([true, true, true, true]);
    }
  });

  it('is for its author, and only in time', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    await ana.must('reply:remove', { id });
    expect(await ben.refused('reply:restore', { id })).toMatchObject({ code: 'forbidden' });
    const hasty = await siteWith(app, { undoSeconds: 0 });
    await hasty.author.must('reply:remove', { id: hasty.reply });
    expect(await hasty.author.refused('reply:restore', { id: hasty.reply })).toMatchObject({ code: 'too_late' });
  });
});

describe('[REQ15] earlier texts', () => {
  it('are for their author and for those who run the site', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    await ana.must('reply:edit', { id, body: 'second', base: 1 });
    const { revisions } = await ana.must('reply:history', { id });
    expect(revisions).toMatchObject([{ rev: 1 }]);
    expect(await ben.refused('reply:history', { id })).toMatchObject({ code: 'forbidden' });
    await ana.must('reply:remove', { id });
    expect(await ana.refused('reply:history', { id })).toMatchObject({ code: 'invalid' });
  });
});

describe('a closed thread', () => {
  it('tells its readers, takes no replies, edits or votes, lets people take back, and opens again', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    await app.service.threads.setState(thread, 'closed');
    const delta = await talk.deltaTo(thread, 2);
    expect(delta).toMatchObject({ replies: [], info: { state: 'closed', count: 1 } });

    const closed = { code: 'thread_closed', retry: 'never' };
    expect(await ana.refused('reply:create', { thread, id: newId(), body: 'x' })).toMatchObject(closed);
    expect(await ana.refused('reply:create', { thread, id: newId(), parent: id, body: 'x' })).toMatchObject(closed);
    expect(await ana.refused('reply:edit', { id, body: 'x', base: 1 })).toMatchObject(closed);
    expect(await ben.refused('reply:vote', { id, value: 1 })).toMatchObject(closed);
    expect(await ana.must('reply:create', { thread, id, body: 'Hello' })).toMatchObject({ reply: { seq: 1 } });
    expect(await ana.must('reply:remove', { id })).toMatchObject({ reply: { state: 'removed' } });

    await app.service.threads.setState(thread, 'open');
    expect(await talk.write(thread)).toBeDefined();
  });
});
