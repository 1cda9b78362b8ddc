// Rules, reactions, removing with a way back, permalinks, what is new, previews: as a client asks for them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { STANDARD_RULES } from '../../server/sites/rules.js';
import { newId } from '../../shared/ids.js';
import type { Rules } from '../../shared/views.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import type { TestApp } from '../support/app.js';
import { startTalk, type Talk } from '../support/talk.js';
import { until } from '../support/until.js';

let talk: Talk;
let app: TestApp;
let ana: TestClient;
let ben: TestClient;
beforeAll(async () => {
  talk = await startTalk();
  ({ app, ana, ben } = talk);
});
afterAll(() => app.end());

async function setRules(id: string, rules: Partial<Rules>): Promise<void> {
  const { sql } = app.database;
  const all = { ...STANDARD_RULES, ...rules };
  await sql`update sites set votes = ${all.votes}, reactions = ${`{${all.reactions.join()}}`}, presence = ${all.presence},
    edit_window_seconds = ${all.editWindowSeconds}, undo_seconds = ${all.undoSeconds}, typing = ${all.typing}
    where id = ${id}`;
}

/** A site of its own with these rules, and two guests on it. */
async function siteWith(rules: Partial<Rules>) {
  const id = `site-${newId().slice(-12)}`;
  await app.database.sql`insert into sites (id, name, origins) values (${id}, ${id}, '{}')`;
  await setRules(id, rules);
  const guests = [
    await connectGuest(app.url, 'Cleo', { site: id }),
    await connectGuest(app.url, 'Dara', { site: id }),
  ] as const;
  const key = newId();
  const { thread } = await guests[0].snapshot(key);
  await guests[1].join(key);
  const reply = newId();
  await guests[0].must('reply:create', { thread: thread.id, id: reply, body: 'Hello' });
  return { id, key, thread: thread.id, reply, author: guests[0], other: guests[1] };
}

describe('[RULES1] the rules of a site', () => {
  it('come with every join, both ways', async () => {
    const key = newId();
    const joined = await ana.join(key);
    expect(joined.rules).toEqual(STANDARD_RULES);
    if (joined.mode !== 'snapshot') throw new Error('no snapshot');
    expect(await ana.join(key, { cursor: joined.cursor })).toMatchObject({ mode: 'delta', rules: STANDARD_RULES });
  });

  it('hold for votes', async () => {
    const none = await siteWith({ votes: 'none' });
    expect(await none.other.refused('reply:vote', { id: none.reply, value: 1 })).toMatchObject({ code: 'forbidden' });
    const up = await siteWith({ votes: 'up' });
    expect(await up.other.refused('reply:vote', { id: up.reply, value: -1 })).toMatchObject({ code: 'forbidden' });
    expect(await up.other.must('reply:vote', { id: up.reply, value: 1 })).toEqual({ score: 1, value: 1 });
    await setRules(up.id, { votes: 'none' });
    await until(async () => !(await up.other.ask('reply:vote', { id: up.reply, value: 1 })).ok, 'the new rules', {
      withinMs: 8_000,
      everyMs: 250,
    });
    // Taking back is never refused.
    expect(await up.other.must('reply:vote', { id: up.reply, value: 0 })).toEqual({ score: 0, value: 0 });
  });

  it('hold for the time in which a reply may be edited, and the text is not touched after it', async () => {
    const { reply, author } = await siteWith({ editWindowSeconds: 0 });
    await until(async () => {
      const answer = await author.ask('reply:edit', { id: reply, body: 'late', base: 1 });
      return !answer.ok && answer.error.code === 'too_late';
    }, 'the window to be over');
    expect(await author.must('reply:source', { id: reply })).toEqual({ body: 'Hello' });
    const open = await siteWith({ editWindowSeconds: 600 });
    expect(await open.author.must('reply:edit', { id: open.reply, body: 'in time', base: 1 })).toMatchObject({
      reply: { rev: 2 },
    });
  });

  it('hold for who is there and who is writing', async () => {
    const { thread, author, other } = await siteWith({ presence: false, typing: false });
    other.socket.emit('thread:typing', { thread });
    await until(() => author.pushed('thread:beat').some((beat) => beat.thread === thread), 'a beat');
    await author.must('reply:create', { thread, id: newId(), body: 'More' });
    for (const beat of author.pushed('thread:beat')) {
      if (beat.thread === thread) expect(beat).toMatchObject({ readers: 0, typing: [] });
    }
  });
});

describe('[REQ12] a reaction', () => {
  it('is absolute, live, one for each person and emoji, and personal where it is mine', async () => {
    const { thread, key } = await talk.openThread();
    const id = await talk.write(thread);
    const both = { reactions: { '👍': 1, '🎉': 1 }, mine: ['🎉', '👍'] };
    await ben.must('reply:react', { id, emoji: '👍', on: true });
    for (let n = 0; n < 2; n++) {
      const answer = await ben.must('reply:react', { id, emoji: '🎉', on: true });
      expect({ ...answer, mine: answer.mine.toSorted() }).toEqual({ ...both, mine: both.mine.toSorted() });
    }
    const delta = await talk.deltaTo(thread, 3);
    expect(delta.touched).toEqual([{ id, seq: 3, score: 0, replies: 0, reactions: both.reactions }]);
    const mine = await ben.snapshot(key);
    expect(mine.you.reactions?.[id]?.toSorted()).toEqual(both.mine.toSorted());
    expect(mine.replies).toMatchObject([{ id, reactions: both.reactions }]);
    expect((await ana.snapshot(key)).you).not.toHaveProperty('reactions');
    expect(await ben.must('reply:react', { id, emoji: '🎉', on: false })).toEqual({
      reactions: { '👍': 1 },
      mine: ['👍'],
    });
  });

  it('is one of those that the site has; what is there may be taken back', async () => {
    const { id, reply, other } = await siteWith({ reactions: ['👍'] });
    expect(await other.refused('reply:react', { id: reply, emoji: '🎉', on: true })).toMatchObject({
      code: 'forbidden',
    });
    await other.must('reply:react', { id: reply, emoji: '👍', on: true });
    await setRules(id, { reactions: [] });
    expect(await other.must('reply:react', { id: reply, emoji: '👍', on: false })).toEqual({ reactions: {}, mine: [] });
  });

  it('needs a name, an open thread and a reply that stands', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const reader = await connectClient(app.url);
    const like = { id, emoji: '👍', on: true };
    expect(await reader.refused('reply:react', like)).toMatchObject({ code: 'sign_in_required' });
    expect(await ben.refused('reply:react', { ...like, id: newId() })).toMatchObject({ code: 'not_found' });
    await app.service.threads.setState(thread, 'closed');
    expect(await ben.refused('reply:react', like)).toMatchObject({ code: 'thread_closed' });
    await app.service.threads.setState(thread, 'open');
    await ana.must('reply:remove', { id });
    expect(await ben.refused('reply:react', like)).toMatchObject({ code: 'invalid', field: 'id' });
    reader.close();
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

  it('is for its author, and only in time', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    await ana.must('reply:remove', { id });
    expect(await ben.refused('reply:restore', { id })).toMatchObject({ code: 'forbidden' });
    const hasty = await siteWith({ undoSeconds: 0 });
    await hasty.author.must('reply:remove', { id: hasty.reply });
    expect(await hasty.author.refused('reply:restore', { id: hasty.reply })).toMatchObject({ code: 'too_late' });
  });
});

describe('[VIEW8] a permalink', () => {
  it('brings a deep reply with what it answers, its neighbours and what is mine', async () => {
    const { thread } = await talk.openThread();
    const chain = [await talk.write(thread)];
    for (let n = 0; n < 8; n++) {
      const id = newId();
      await ana.must('reply:create', { thread, id, parent: chain.at(-1)!, body: `deep ${n}` });
      chain.push(id);
    }
    const target = chain.at(-1)!;
    await ben.must('reply:vote', { id: target, value: 1 });
    const found = await ben.must('thread:locate', { thread, id: target, sort: 'newest' });
    expect(found.replies.map(({ id }) => id)).toEqual(chain);
    expect(found).toMatchObject({ more: null, mine: { votes: { [target]: 1 } } });
  });

  it('goes on behind its last neighbour, and its ancestors’ lists begin at their beginning', async () => {
    const { thread } = await talk.openThread();
    const root = await talk.write(thread);
    const children: string[] = [];
    for (let n = 0; n < 14; n++) {
      children.push(newId());
      await ana.must('reply:create', { thread, id: children[n]!, parent: root, body: `child ${n}` });
    }
    const found = await ben.must('thread:locate', { thread, id: children[6]!, sort: 'oldest' });
    expect(found.replies.map(({ id }) => id)).toEqual([root, ...children.slice(1, 12)]);
    expect(found.more?.count).toBe(2);
    const page = { thread, parent: root, sort: 'oldest' } as const;
    const behind = await ben.must('thread:page', { ...page, after: found.more!.after });
    expect(behind.replies.map(({ id }) => id)).toEqual(children.slice(12));
    expect(behind.more).toBeNull();
    const { more } = found.replies[0]!;
    expect(more?.count).toBe(3);
    const begin = await ben.must('thread:page', { ...page, after: more!.after, limit: 2 });
    expect(begin.replies.map(({ id }) => id)).toEqual(children.slice(0, 2));
  });

  it('of another thread, another site or nothing is not found', async () => {
    const [here, there] = [await talk.openThread(), await talk.openThread()];
    const id = await talk.write(there.thread);
    const sort = 'oldest';
    expect(await ben.refused('thread:locate', { thread: here.thread, id, sort })).toMatchObject({ code: 'not_found' });
    const { other } = await siteWith({});
    expect(await other.refused('thread:locate', { thread: there.thread, id, sort })).toMatchObject({
      code: 'not_found',
    });
  });
});

describe('[VIEW9] what is new since a visit', () => {
  it('is what others wrote after that cursor', async () => {
    const { thread, key } = await talk.openThread();
    await talk.write(thread);
    const { cursor } = await ben.snapshot(key);
    const id = await talk.write(thread);
    await ben.must('reply:create', { thread, id: newId(), body: 'my own' });
    expect(await ben.must('thread:news', { thread, since: cursor })).toEqual({ count: 1, news: [{ id, root: id }] });
    for (const since of [
      { ...cursor, epoch: newId() },
      { ...cursor, seq: 10_000 },
    ])
      expect(await ben.must('thread:news', { thread, since })).toEqual({ count: 0, news: [] });
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

it('an answer tells which revision of its parent its author had read', async () => {
  const { thread } = await talk.openThread();
  const parent = await talk.write(thread);
  await ana.must('reply:edit', { id: parent, body: 'second', base: 1 });
  const { reply } = await ben.must('reply:create', { thread, id: newId(), parent, body: 'yes', answers: 1 });
  expect(reply.answers).toBe(1);
  const { reply: root } = await ben.must('reply:create', { thread, id: newId(), body: 'no', answers: 1 });
  expect(root).not.toHaveProperty('answers');
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
