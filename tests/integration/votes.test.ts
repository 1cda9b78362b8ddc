// Votes, reactions, reports and names: what is personal, and what of it others see.
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { Snapshot } from '../../shared/views.js';
import { PostgresStore } from '../../server/store/postgres.js';
import type { TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { setRules, siteWith } from '../support/sites.js';
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

async function openReply(): Promise<{ key: string; thread: string; id: string }> {
  const [key, id] = [newId(), newId()];
  const { thread } = await ana.snapshot(key);
  await ben.join(key);
  await ana.must('reply:create', { thread: thread.id, id, body: 'Vote for me' });
  return { key, thread: thread.id, id };
}

it.each([
  ['reply:vote', { value: 1 }, { votes: 1 }],
  ['reply:react', { emoji: '👍', on: true }, { reactions: ['👍'] }],
] as const)(
  '[REQ12] a %s that is acknowledged while a join is answered stands in that answer',
  async (name, choice, chosen) => {
    const { key, id } = await openReply();
    const votes = PostgresStore.prototype.votes;
    const read = vi.spyOn(PostgresStore.prototype, 'votes').mockImplementationOnce(async function (
      this: PostgresStore,
      ...args
    ) {
      const before = await votes.apply(this, args);
      await ben.must(name, { id, ...choice } as never);
      return before;
    });
    onTestFinished(() => read.mockRestore());
    const { you } = await ben.join(key);
    expect({ votes: you.votes[id], reactions: you.reactions?.[id] }).toEqual(chosen);
  },
);

describe('a vote', () => {
  it('is absolute: a retry can not flip it back', async () => {
    const { id } = await openReply();
    for (const [value, score] of [
      [1, 1],
      [1, 1],
      [-1, -1],
      [-1, -1],
      [0, 0],
      [0, 0],
    ]) {
      expect(await ben.must('reply:vote', { id, value })).toEqual({ value, score });
    }
    expect(await ana.must('reply:vote', { id, value: 1 })).toEqual({ value: 1, score: 1 });
    expect(await ben.must('reply:vote', { id, value: 1 })).toEqual({ value: 1, score: 2 });
  });

  it('[REQ8] that stands is the same success when it is sent again, also in a thread that was closed meanwhile', async () => {
    const { thread, id } = await openReply();
    const [vote, like] = [
      { id, value: 1 },
      { id, emoji: '👍', on: true },
    ];
    const first = [await ben.must('reply:vote', vote), await ben.must('reply:react', like)];
    await app.service.threads.setState(thread, 'closed');
    expect([await ben.must('reply:vote', vote), await ben.must('reply:react', like)]).toEqual(first);
    const closed = { code: 'thread_closed' };
    expect(await ben.refused('reply:vote', { id, value: 0 })).toMatchObject(closed);
    expect(await ana.refused('reply:vote', vote)).toMatchObject(closed);
    expect(await ben.refused('reply:react', { ...like, on: false })).toMatchObject(closed);
    expect(await ana.refused('reply:react', like)).toMatchObject(closed);
    // Nor does it change anything to take back what was never chosen.
    expect(await ana.must('reply:vote', { id, value: 0 })).toEqual({ score: 1, value: 0 });
  });

  it('[PUMP8] of many at once: all are acknowledged, all count, and the clock moves fewer times', async () => {
    const { key, id } = await openReply();
    const people = await Promise.all(Array.from({ length: 24 }, (_, n) => connectGuest(app.url, `Voter ${n}`)));
    await Promise.all(people.map((one) => one.join(key)));
    const answers = await Promise.all(people.map((one) => one.must('reply:vote', { id, value: 1 })));
    expect(answers.every(({ value, score }) => value === 1 && score > 0 && score <= 24)).toBe(true);
    expect(Math.max(...answers.map(({ score }) => score))).toBe(24);
    const { cursor, replies } = await ana.snapshot(key);
    expect(replies.find((reply) => reply.id === id)?.score).toBe(24);
    expect(cursor.seq).toBeGreaterThan(1);
    expect(cursor.seq).toBeLessThan(1 + 24);
  });

  it('[PUMP8] of many at once, one that the database refuses costs no other', async () => {
    const { key, id } = await openReply();
    const people = await Promise.all(Array.from({ length: 8 }, (_, n) => connectGuest(app.url, `Chooser ${n}`)));
    const { you } = await people[4]!.join(key);
    // Taken away by hand while the line holds.
    await app.database.sql`delete from authors where id = ${you.me!.id}`;
    const answers = await Promise.all(people.map((one) => one.ask('reply:vote', { id, value: 1 })));
    expect(answers.map(({ ok }) => ok)).toEqual(people.map((_, n) => n !== 4));
    expect((await ana.snapshot(key)).replies.find((reply) => reply.id === id)?.score).toBe(7);
  });

  it('[SEQ7] moves the clock and reaches readers as counters, without a word of who', async () => {
    const { thread, id } = await openReply();
    const me = (await ben.join(newId())).you.me!;
    await ben.must('reply:vote', { id, value: -1 });
    const delta = () => ana.pushed('thread:delta').find((push) => push.thread === thread && push.to === 2);
    await until(delta, 'Ana to get the vote');
    expect(delta()).toEqual({
      v: 1,
      thread,
      epoch: delta()!.epoch,
      from: 1,
      to: 2,
      replies: [],
      touched: [{ id, seq: 2, score: -1, replies: 0 }],
    });
    expect(JSON.stringify(delta())).not.toContain(me.id);
  });

  it('[VIEW1] is told to its owner alone, with the join', async () => {
    const { key, id } = await openReply();
    await ben.must('reply:vote', { id, value: -1 });
    expect((await ben.snapshot(key)).you.votes).toEqual({ [id]: -1 });
    expect((await ana.snapshot(key)).you.votes).toEqual({});
    const nobody = await connectClient(app.url);
    expect((await nobody.snapshot(key)).you).toEqual({ me: null, can: { write: false, vote: false }, votes: {} });
    nobody.close();
  });

  it('[VIEW1] is told with a delta join, too, for the rows that are in it', async () => {
    const { key, id } = await openReply();
    await ben.must('reply:vote', { id, value: 1 });
    const { cursor } = await ben.snapshot(key);
    await ana.must('reply:edit', { id, body: 'changed', base: 1 });
    const answer = await ben.join(key, { cursor });
    expect(answer).toMatchObject({ mode: 'delta', you: { votes: { [id]: 1 } } });
  });

  it('[VIEW1] is told with a delta join for the first page, too, which over HTTP tells nobody', async () => {
    const { key, id } = await openReply();
    await ben.must('reply:vote', { id, value: 1 });
    await ben.must('reply:react', { id, emoji: '👍', on: true });
    const page = await fetch(`${app.url}/api/v1/sites/demo/thread?key=${key}`);
    const { cursor } = (await page.json()) as Snapshot;
    const answer = await ben.join(key, { cursor });
    expect(answer).toMatchObject({ mode: 'delta', you: { votes: { [id]: 1 }, reactions: { [id]: ['👍'] } } });
    expect((await ana.join(key, { cursor })).you).toMatchObject({ votes: {} });
  });

  it('by many at once adds up', async () => {
    const { id } = await openReply();
    const voters = await Promise.all(Array.from({ length: 12 }, (_, n) => connectGuest(app.url, `Voter ${n}`)));
    await Promise.all(voters.map((voter, n) => voter.must('reply:vote', { id, value: n < 8 ? 1 : -1 })));
    expect(await ana.must('reply:vote', { id, value: 0 })).toEqual({ value: 0, score: 4 });
    voters.forEach((voter) => voter.close());
  });

  it('on what is not there is refused', async () => {
    expect(await ana.refused('reply:vote', { id: newId(), value: 1 })).toMatchObject({ code: 'not_found' });
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
    const { id, reply, other } = await siteWith(app, { reactions: ['👍'] });
    expect(await other.refused('reply:react', { id: reply, emoji: '🎉', on: true })).toMatchObject({
      code: 'forbidden',
    });
    await other.must('reply:react', { id: reply, emoji: '👍', on: true });
    await setRules(app, id, { reactions: [] });
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

describe('a report', () => {
  it('is kept once for each person, with its last words, and seen by nobody', async () => {
    const { thread, id } = await openReply();
    expect(await ben.must('reply:report', { id, reason: 'spam' })).toEqual({});
    expect(await ben.must('reply:report', { id, reason: 'other', note: ' Look\r\nhere ' })).toEqual({});
    const kept = await app.database.sql`select reason, note from reports where reply_id = ${id}`;
    expect([...kept]).toEqual([{ reason: 'other', note: 'Look\nhere' }]);
    const [row] = await app.database.sql`select head::int from threads where id = ${thread}`;
    expect(row).toEqual({ head: 1 });
    expect(await ben.refused('reply:report', { id: newId(), reason: 'spam' })).toMatchObject({ code: 'not_found' });
  });
});

describe('a guest', () => {
  it('speaks under the name given from then on, and keeps it with the token', async () => {
    const key = newId();
    const client = await connectClient(app.url);
    expect((await client.join(key)).you.me).toBeNull();
    const { token, me } = await client.must('me:guest', { name: '  Zoë   \u200bMüller ', email: 'zoe@example.com' });
    expect(me).toEqual({ id: me.id, name: 'Zoë Müller', badge: 'guest' });
    expect((await client.join(key)).you).toMatchObject({ me, can: { write: true, vote: true } });
    client.close();
    const later = await connectClient(app.url, { token });
    expect((await later.join(key)).you.me).toEqual(me);
    later.close();
  });

  it('who takes another name stays the same person; what was written keeps the old one', async () => {
    const client = await connectGuest(app.url, 'Before');
    const key = newId();
    const { thread, you } = await client.snapshot(key);
    const id = newId();
    await client.must('reply:create', { thread: thread.id, id, body: 'x' });
    const { me } = await client.must('me:guest', { name: 'After' });
    expect(me).toMatchObject({ id: you.me!.id, name: 'After' });
    const { replies } = await client.snapshot(key);
    expect(replies[0]!.author).toEqual({ id: me.id, name: 'Before', badge: 'guest' });
    expect((await client.must('reply:edit', { id, body: 'y', base: 1 })).reply.author.name).toBe('Before');
    client.close();
  });

  it.each(['Admin', 'M0derat0r', 'Аdmin', 'Afterword', 'Afterword demo'])(
    'can not pass for those who run the site: %s',
    async (name) => {
      const client = await connectClient(app.url);
      expect(await client.refused('me:guest', { name })).toMatchObject({ code: 'invalid', field: 'name' });
      client.close();
    },
  );
});
