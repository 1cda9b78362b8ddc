// Creating replies, once and again, and looking at them before, as a client sees it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { DEPTH_MAX } from '../../shared/limits.js';
import type { TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
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

describe('creating', () => {
  it('the author is answered with what readers get and what a later reader finds', async () => {
    const { key, thread } = await talk.openThread();
    const root = await talk.write(thread);
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
    const delta = await talk.deltaTo(thread, 2);
    expect(delta).toMatchObject({
      replies: [reply],
      touched: [{ id: root, seq: 2, replies: 1 }],
      info: { count: 2 },
    });
    const { replies, thread: info } = await ben.snapshot(key);
    expect(replies.find((row) => row.id === id)).toEqual(reply);
    expect(info).toEqual(delta.info);
  });

  it('needs somebody who writes', async () => {
    const { thread } = await talk.openThread();
    const nobody = await connectClient(app.url);
    for (const [event, payload] of [
      ['reply:create', { thread, id: newId(), body: 'x' }],
      ['reply:edit', { id: await talk.write(thread), body: 'x', base: 1 }],
      ['reply:remove', { id: await talk.write(thread) }],
      ['reply:source', { id: await talk.write(thread) }],
      ['reply:vote', { id: await talk.write(thread), value: 1 }],
      ['reply:report', { id: await talk.write(thread), reason: 'spam' }],
    ] as const) {
      expect(await nobody.refused(event, payload), event).toMatchObject({ code: 'sign_in_required', retry: 'never' });
    }
    nobody.close();
  });

  it('bidi controls, zalgo and every script are kept as they were written', async () => {
    const { thread } = await talk.openThread();
    const zalgo = `H${'\u0300\u0489\u0336'.repeat(40)}i`;
    const body = `\u202Egnirts\u202C \u2066x ${zalgo} שלום مرحبا 你好 👩‍👩‍👧 \u{1F1E6}\u{1F1F9}`;
    const id = await talk.write(thread, body);
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
    expect(await talk.head(foreign.id)).toBe(0);
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
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
    const { thread } = await talk.openThread();
    const elsewhere = await talk.write((await talk.openThread()).thread);
    for (const parent of [elsewhere, newId()]) {
      const refused = await ana.refused('reply:create', { thread, id: newId(), parent, body: 'x' });
      expect(refused).toMatchObject({ code: 'invalid', field: 'parent' });
    }
    expect(await talk.head(thread)).toBe(0);
  });

  it('below a removed parent is refused as gone', async () => {
    const { thread } = await talk.openThread();
    const parent = await talk.write(thread);
    await ana.must('reply:remove', { id: parent });
    const refused = await ben.refused('reply:create', { thread, id: newId(), parent, body: 'x' });
    expect(refused).toMatchObject({ code: 'parent_gone', field: 'parent', retry: 'never' });
    expect(await talk.head(thread)).toBe(2);
  });

  it('deeper than a branch can be is refused with the parent named', async () => {
    const { thread } = await talk.openThread();
    let parent = await talk.write(thread);
    for (let depth = 1; depth <= DEPTH_MAX; depth++) parent = await talk.write(thread, 'x', parent);
    const refused = await ana.refused('reply:create', { thread, id: newId(), parent, body: 'x' });
    expect(refused).toMatchObject({ code: 'invalid', field: 'parent' });
  });

  it('an answer tells which revision of its parent its author had read', async () => {
    const { thread } = await talk.openThread();
    const parent = await talk.write(thread);
    await ana.must('reply:edit', { id: parent, body: 'second', base: 1 });
    const { reply } = await ben.must('reply:create', { thread, id: newId(), parent, body: 'yes', answers: 1 });
    expect(reply.answers).toBe(1);
    const { reply: root } = await ben.must('reply:create', { thread, id: newId(), body: 'no', answers: 1 });
    expect(root).not.toHaveProperty('answers');
  });
});

describe('[REQ14] a preview', () => {
  it('is exactly what is shown when it is sent, mentions included', async () => {
    const { thread } = await talk.openThread();
    const { me } = (await ana.join(newId())).you;
    const text = { body: '**Hi** @Ana, see [this](https://example.org)', mentions: [me!.id, newId()] };
    const { html } = await ben.must('reply:preview', { thread, ...text });
    expect(html).toContain('<bdi>@Ana</bdi>');
    const { reply } = await ben.must('reply:create', { thread, id: newId(), ...text });
    expect(reply).toMatchObject({ html, mentions: [me!.id] });
    const { reply: edited } = await ben.must('reply:edit', { id: reply.id, base: 1, body: 'Nobody' });
    expect(edited).not.toHaveProperty('mentions');
  });

  it('needs no name, and says what is wrong with a text', async () => {
    const { thread } = await talk.openThread();
    const reader = await connectClient(app.url);
    expect(await reader.must('reply:preview', { thread, body: '*a*' })).toEqual({
      html: '<p dir="auto"><em>a</em></p>',
    });
    expect(await reader.refused('reply:preview', { thread, body: ' ' })).toMatchObject({
      code: 'invalid',
      field: 'body',
    });
    reader.close();
  });
});

describe('[REQ1] the same id again', () => {
  it('with the same content is the same success, however often and however late', async () => {
    const { thread } = await talk.openThread();
    const request = { thread, id: newId(), body: '\n\nHello\r\nthere  \n' };
    const first = await ana.must('reply:create', request);
    const again = await Promise.all(Array.from({ length: 5 }, () => ana.must('reply:create', request)));
    for (const answer of again) expect(answer).toEqual(first);
    const later = await connectClient(app.url, { token: (await ana.must('me:guest', { name: 'Ana' })).token });
    expect(await later.must('reply:create', request)).toEqual(first);
    expect(await talk.head(thread)).toBe(1);
    later.close();
  });

  it('with its counters as they are by now', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    await ben.must('reply:vote', { id, value: 1 });
    const { reply } = await ana.must('reply:create', { thread, id, body: 'Hello' });
    expect(reply).toMatchObject({ id, score: 1, seq: 2, born: 1 });
  });

  it('with other content, another parent, thread or author is a conflict with what is there', async () => {
    const { thread } = await talk.openThread();
    const { thread: second } = await talk.openThread();
    const [id, parent] = [newId(), await talk.write(thread)];
    const request = { thread, id, body: 'mine' };
    const { reply } = await ana.must('reply:create', request);
    const conflict = { code: 'conflict', retry: 'never', field: 'id', current: reply };
    expect(await ana.refused('reply:create', { ...request, body: 'other' })).toMatchObject(conflict);
    expect(await ana.refused('reply:create', { ...request, parent })).toMatchObject(conflict);
    expect(await ana.refused('reply:create', { ...request, thread: second })).toMatchObject(conflict);
    expect(await ben.refused('reply:create', request)).toMatchObject(conflict);
    expect(await talk.head(thread)).toBe(2);
    expect(await talk.head(second)).toBe(0);
  });

  it('of another site tells nothing of what is there', async () => {
    await app.database
      .sql`insert into sites (id, name, origins) values ('other', 'Other', '{}') on conflict do nothing`;
    const stranger = await connectGuest(app.url, 'Eve', { site: 'other' });
    const { thread } = await stranger.snapshot('mine');
    const id = await talk.write((await talk.openThread()).thread);
    const refused = await stranger.refused('reply:create', { thread: thread.id, id, body: 'Hello' });
    expect(refused).toMatchObject({ code: 'conflict', field: 'id' });
    expect(refused).not.toHaveProperty('current');
    stranger.close();
  });

  it('at once from two lines of one author creates one reply', async () => {
    const { thread } = await talk.openThread();
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
    const { thread } = await talk.openThread();
    const request = { thread, id: newId(), body: 'same words' };
    const answers = await Promise.all([ana.ask('reply:create', request), ben.ask('reply:create', request)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'conflict', field: 'id' } });
  });
});
