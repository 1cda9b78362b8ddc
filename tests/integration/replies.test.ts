// Writing: creating, editing, removing, reading the source of replies, as a client sees it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { DEPTH_MAX } from '../../shared/limits.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
let ana: TestClient;
let ben: TestClient;
beforeAll(async () => {
  app = await startTestApp();
  ana = await connectGuest(app.url, 'Ana');
  ben = await connectGuest(app.url, 'Ben');
});
afterAll(() => app.end());

/** A new thread that both have open; its id. */
async function openThread(): Promise<{ key: string; thread: string }> {
  const key = newId();
  const { thread } = await ana.snapshot(key);
  await ben.join(key);
  return { key, thread: thread.id };
}

async function write(thread: string, body = 'Hello', parent: string | null = null): Promise<string> {
  const id = newId();
  await ana.must('reply:create', { thread, id, parent, body });
  return id;
}

async function head(thread: string): Promise<number> {
  const [row] = await app.database.sql<[{ head: number }]>`select head::int from threads where id = ${thread}`;
  return row.head;
}

describe('creating', () => {
  it('the author is answered with what readers get and what a later reader finds', async () => {
    const { key, thread } = await openThread();
    const root = await write(thread);
    const id = newId();
    const { reply } = await ana.must('reply:create', { thread, id, parent: root, body: 'A *child*' });
    expect(reply).toMatchObject({
      id,
      parent: root,
      root,
      depth: 1,
      born: 2,
      seq: 2,
      rev: 1,
      author: { name: 'Ana', badge: 'guest' },
      state: 'published',
      score: 0,
      replies: 0,
    });
    expect(reply.html).toContain('<em>child</em>');
    expect(Math.abs(Date.parse(reply.createdAt) - Date.now())).toBeLessThan(60_000);
    expect(reply).not.toHaveProperty('editedAt');
    const delta = () => ben.pushed('thread:delta').find((push) => push.thread === thread && push.to === 2);
    await until(delta, 'Ben to get the delta');
    expect(delta()).toMatchObject({
      replies: [reply],
      touched: [{ id: root, seq: 2, replies: 1 }],
      info: { count: 2 },
    });
    const { replies, thread: info } = await ben.snapshot(key);
    expect(replies.find((row) => row.id === id)).toEqual(reply);
    expect(info).toEqual(delta()!.info);
  });

  it('needs somebody who writes', async () => {
    const { thread } = await openThread();
    const nobody = await connectClient(app.url);
    for (const [event, payload] of [
      ['reply:create', { thread, id: newId(), body: 'x' }],
      ['reply:edit', { id: await write(thread), body: 'x', base: 1 }],
      ['reply:remove', { id: await write(thread) }],
      ['reply:source', { id: await write(thread) }],
      ['reply:vote', { id: await write(thread), value: 1 }],
      ['reply:report', { id: await write(thread), reason: 'spam' }],
    ] as const) {
      expect(await nobody.refused(event, payload), event).toMatchObject({ code: 'sign_in_required', retry: 'never' });
    }
    nobody.close();
  });

  it('bidi controls, zalgo and every script are kept as they were written', async () => {
    const { thread } = await openThread();
    const zalgo = `H${'\u0300\u0489\u0336'.repeat(40)}i`;
    const body = `\u202Egnirts\u202C \u2066x ${zalgo} שלום مرحبا 你好 👩‍👩‍👧 \u{1F1E6}\u{1F1F9}`;
    const id = await write(thread, body);
    expect(await ana.must('reply:source', { id })).toEqual({ body });
    const { reply } = await ana.must('reply:create', { thread, id, body });
    expect(reply.html).toContain(zalgo);
  });

  it('in a thread that is not there, or of another site, is refused', async () => {
    await app.database
      .sql`insert into sites (id, name, origins) values ('other', 'Other', '{}') on conflict do nothing`;
    const stranger = await connectGuest(app.url, 'Eve', { site: 'other' });
    const { thread: foreign } = await stranger.snapshot('x');
    for (const thread of [newId(), foreign.id]) {
      const refused = await ana.refused('reply:create', { thread, id: newId(), body: 'x' });
      expect(refused).toMatchObject({ code: 'not_found', field: 'thread' });
    }
    expect(await head(foreign.id)).toBe(0);
    const { thread } = await openThread();
    const id = await write(thread);
    for (const [event, payload] of [
      ['reply:edit', { id, body: 'x', base: 1 }],
      ['reply:remove', { id }],
      ['reply:source', { id }],
      ['reply:vote', { id, value: 1 }],
      ['reply:report', { id, reason: 'spam' }],
      ['thread:page', { thread, parent: null, sort: 'oldest' }],
    ] as const) {
      expect(await stranger.refused(event, payload), event).toMatchObject({ code: 'not_found' });
    }
    stranger.close();
  });

  it('below a parent of another thread, or none, is refused', async () => {
    const { thread } = await openThread();
    const elsewhere = await write((await openThread()).thread);
    for (const parent of [elsewhere, newId()]) {
      const refused = await ana.refused('reply:create', { thread, id: newId(), parent, body: 'x' });
      expect(refused).toMatchObject({ code: 'invalid', field: 'parent' });
    }
    expect(await head(thread)).toBe(0);
  });

  it('below a removed parent is refused as gone', async () => {
    const { thread } = await openThread();
    const parent = await write(thread);
    await ana.must('reply:remove', { id: parent });
    const refused = await ben.refused('reply:create', { thread, id: newId(), parent, body: 'x' });
    expect(refused).toMatchObject({ code: 'parent_gone', field: 'parent', retry: 'never' });
    expect(await head(thread)).toBe(2);
  });

  it('deeper than a branch can be is refused with the parent named', async () => {
    const { thread } = await openThread();
    let parent = await write(thread);
    for (let depth = 1; depth <= DEPTH_MAX; depth++) parent = await write(thread, 'x', parent);
    const refused = await ana.refused('reply:create', { thread, id: newId(), parent, body: 'x' });
    expect(refused).toMatchObject({ code: 'invalid', field: 'parent' });
  });
});

describe('[REQ1] the same id again', () => {
  it('with the same content is the same success, however often and however late', async () => {
    const { thread } = await openThread();
    const request = { thread, id: newId(), body: '\n\nHello\r\nthere  \n' };
    const first = await ana.must('reply:create', request);
    const again = await Promise.all(Array.from({ length: 5 }, () => ana.must('reply:create', request)));
    for (const answer of again) expect(answer).toEqual(first);
    const later = await connectClient(app.url, { token: (await ana.must('me:guest', { name: 'Ana' })).token });
    expect(await later.must('reply:create', request)).toEqual(first);
    expect(await head(thread)).toBe(1);
    later.close();
  });

  it('with its counters as they are by now', async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    await ben.must('reply:vote', { id, value: 1 });
    const { reply } = await ana.must('reply:create', { thread, id, body: 'Hello' });
    expect(reply).toMatchObject({ id, score: 1, seq: 2, born: 1 });
  });

  it('with other content, another parent, thread or author is a conflict with what is there', async () => {
    const { thread } = await openThread();
    const { thread: second } = await openThread();
    const [id, parent] = [newId(), await write(thread)];
    const request = { thread, id, body: 'mine' };
    const { reply } = await ana.must('reply:create', request);
    const conflict = { code: 'conflict', retry: 'never', field: 'id', current: reply };
    expect(await ana.refused('reply:create', { ...request, body: 'other' })).toMatchObject(conflict);
    expect(await ana.refused('reply:create', { ...request, parent })).toMatchObject(conflict);
    expect(await ana.refused('reply:create', { ...request, thread: second })).toMatchObject(conflict);
    expect(await ben.refused('reply:create', request)).toMatchObject(conflict);
    expect(await head(thread)).toBe(2);
    expect(await head(second)).toBe(0);
  });

  it('of another site tells nothing of what is there', async () => {
    await app.database
      .sql`insert into sites (id, name, origins) values ('other', 'Other', '{}') on conflict do nothing`;
    const stranger = await connectGuest(app.url, 'Eve', { site: 'other' });
    const { thread } = await stranger.snapshot('mine');
    const id = await write((await openThread()).thread);
    const refused = await stranger.refused('reply:create', { thread: thread.id, id, body: 'Hello' });
    expect(refused).toMatchObject({ code: 'conflict', field: 'id' });
    expect(refused).not.toHaveProperty('current');
    stranger.close();
  });

  it('at once from two lines of one author creates one reply', async () => {
    const { thread } = await openThread();
    const { token } = await ana.must('me:guest', { name: 'Ana' });
    const twin = await connectClient(app.url, { token });
    for (let round = 1; round <= 20; round++) {
      const request = { thread, id: newId(), body: `round ${round}` };
      const lines = [ana, twin, ana, twin];
      const answers = await Promise.all(lines.map((line) => line.must('reply:create', request)));
      expect(new Set(answers.map(({ reply }) => reply.seq))).toEqual(new Set([round]));
    }
    twin.close();
  });

  it('at once by two authors: one is answered, the other is told of the conflict', async () => {
    const { thread } = await openThread();
    const request = { thread, id: newId(), body: 'same words' };
    const answers = await Promise.all([ana.ask('reply:create', request), ben.ask('reply:create', request)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'conflict', field: 'id' } });
  });
});

describe('editing', () => {
  it('replaces the text, counts the revision and reaches readers in full', async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    const { reply } = await ana.must('reply:edit', { id, body: '**new**', base: 1 });
    expect(reply).toMatchObject({ id, rev: 2, born: 1, seq: 2 });
    expect(reply.html).toContain('<strong>new</strong>');
    expect(reply.editedAt).toBeDefined();
    const delta = () => ben.pushed('thread:delta').find((push) => push.thread === thread && push.to === 2);
    await until(delta, 'Ben to get the edit');
    expect(delta()!.replies).toEqual([reply]);
    expect(delta()).not.toHaveProperty('info');
  });

  it('from another revision is a conflict with the reply as it is', async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    const { reply } = await ana.must('reply:edit', { id, body: 'second', base: 1 });
    for (const base of [1, 3]) {
      const refused = await ana.refused('reply:edit', { id, body: 'third', base });
      expect(refused).toMatchObject({ code: 'conflict', current: reply });
    }
    expect(await head(thread)).toBe(2);
  });

  it('at once from one revision: one wins', async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((body) => ana.ask('reply:edit', { id, body, base: 1 })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await head(thread)).toBe(2);
  });

  it('sent again after a lost answer is the same success', async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    const request = { id, body: 'second', base: 1 };
    const first = await ana.must('reply:edit', request);
    expect(await ana.must('reply:edit', request)).toEqual(first);
    expect(await head(thread)).toBe(2);
  });

  it("somebody else's, or what is not there, is refused", async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    expect(await ben.refused('reply:edit', { id, body: 'x', base: 1 })).toMatchObject({ code: 'forbidden' });
    expect(await ana.refused('reply:edit', { id: newId(), body: 'x', base: 1 })).toMatchObject({ code: 'not_found' });
    expect(await ben.refused('reply:source', { id })).toMatchObject({ code: 'forbidden' });
    expect(await ana.must('reply:source', { id })).toEqual({ body: 'Hello' });
  });
});

describe('removing', () => {
  it('leaves a tombstone without text or name, and its children where they are', async () => {
    const { key, thread } = await openThread();
    const root = await write(thread);
    const child = await write(thread, 'child', root);
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
    const delta = () => ben.pushed('thread:delta').find((push) => push.thread === thread && push.to === 3);
    await until(delta, 'Ben to get the removal');
    // The child may come with the same delta.
    expect(delta()!.replies.at(-1)).toEqual(reply);
    expect(delta()!.info).toMatchObject({ count: 1 });
    const { replies } = await ben.snapshot(key);
    expect(replies.map(({ id, state }) => [id, state])).toEqual([
      [root, 'removed'],
      [child, 'published'],
    ]);
    expect(JSON.stringify(replies[0])).not.toContain('Ana');
  });

  it('of a child counts its parent down, as counters', async () => {
    const { thread } = await openThread();
    const root = await write(thread);
    const child = await write(thread, 'child', root);
    await ana.must('reply:remove', { id: child });
    const delta = () => ben.pushed('thread:delta').find((push) => push.thread === thread && push.to === 3);
    await until(delta, 'Ben to get the removal');
    expect(delta()!.touched).toEqual([{ id: root, seq: 3, score: 0, replies: 0 }]);
  });

  it('again is the same success; of what is not yours or not there is refused', async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    expect(await ben.refused('reply:remove', { id })).toMatchObject({ code: 'forbidden' });
    const first = await ana.must('reply:remove', { id });
    expect(await ana.must('reply:remove', { id })).toEqual(first);
    expect(await ana.refused('reply:remove', { id: newId() })).toMatchObject({ code: 'not_found' });
    expect(await head(thread)).toBe(2);
  });

  it('[REQ3] what was removed takes no more writes: the field is named', async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    await ana.must('reply:remove', { id });
    const gone = { code: 'invalid', field: 'id', retry: 'never' };
    expect(await ana.refused('reply:edit', { id, body: 'x', base: 1 })).toMatchObject(gone);
    expect(await ben.refused('reply:vote', { id, value: 1 })).toMatchObject(gone);
    expect(await ben.refused('reply:report', { id, reason: 'spam' })).toMatchObject(gone);
    expect(await ana.refused('reply:source', { id })).toMatchObject(gone);
    expect(await head(thread)).toBe(2);
  });
});

describe('a closed thread', () => {
  it('tells its readers, takes no replies, edits or votes, lets people take back, and opens again', async () => {
    const { thread } = await openThread();
    const id = await write(thread);
    await app.service.setState(thread, 'closed');
    const delta = () => ben.pushed('thread:delta').find((push) => push.thread === thread && push.to === 2);
    await until(delta, 'Ben to hear of it');
    expect(delta()).toMatchObject({ replies: [], info: { state: 'closed', count: 1 } });

    const closed = { code: 'thread_closed', retry: 'never' };
    expect(await ana.refused('reply:create', { thread, id: newId(), body: 'x' })).toMatchObject(closed);
    expect(await ana.refused('reply:create', { thread, id: newId(), parent: id, body: 'x' })).toMatchObject(closed);
    expect(await ana.refused('reply:edit', { id, body: 'x', base: 1 })).toMatchObject(closed);
    expect(await ben.refused('reply:vote', { id, value: 1 })).toMatchObject(closed);
    expect(await ana.must('reply:create', { thread, id, body: 'Hello' })).toMatchObject({ reply: { seq: 1 } });
    expect(await ana.must('reply:remove', { id })).toMatchObject({ reply: { state: 'removed' } });

    await app.service.setState(thread, 'open');
    expect(await write(thread)).toBeDefined();
  });
});
