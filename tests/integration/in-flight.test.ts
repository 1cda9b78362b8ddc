// What is under way while its thread is closed, or what it answers is removed: the order in which they get the thread's lock
// decides, as if nothing had been read before.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PostgresStore } from '../../server/store/postgres.js';
import type { AuthorRow, NewReply } from '../../server/store/store.js';
import { newId } from '../../shared/ids.js';
import type { TestApp } from '../support/app.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { startTalk, type Talk } from '../support/talk.js';
import { until } from '../support/until.js';

let talk: Talk;
let app: TestApp;
let ana: TestClient;
let ben: TestClient;
/** Another node's. */
let other: PostgresStore;
let author: AuthorRow;
beforeAll(async () => {
  talk = await startTalk();
  ({ app, ana, ben } = talk);
  other = new PostgresStore(app.database);
  const { id, name } = (await ben.snapshot(newId())).you.me!;
  author = { id, siteId: 'demo', name, badge: 'guest' };
});
afterAll(() => app.end());

/**
 * Lets these wait for the thread's lock, one behind the other, and then have it in this order: two at most, where the first
 * changes the row, since PostgreSQL lets a third go for the new version together with the second.
 */
async function queued<T extends unknown[]>(thread: string, ...asks: { [N in keyof T]: () => Promise<T[N]> }) {
  const { sql } = app.database;
  const waiting = async (): Promise<number> =>
    (
      await sql`select 1 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
    ).length;
  return await sql.begin(async (tx) => {
    await tx`select 1 from threads where id = ${thread} for update`;
    const answers: Promise<unknown>[] = [];
    for (const ask of asks) {
      answers.push(ask());
      await until(async () => (await waiting()) === answers.length, `${answers.length} to wait for the lock`);
    }
    // As an object: a transaction waits for what it returns.
    return { all: Promise.all(answers) as Promise<T> };
  });
}

const reply = (given: Partial<NewReply> = {}): NewReply => ({
  id: newId(),
  parentId: null,
  author,
  body: 'Hello',
  html: '<p>Hello</p>',
  renderer: 1,
  ...given,
});
const close = (thread: string) => () => app.service.threads.setState(thread, 'closed');
const closed = { ok: false, error: { code: 'thread_closed', retry: 'never' } };

describe('[REQ6] while a thread is being closed', () => {
  it('an edit that gets its lock later is refused, one that got it before stands', async () => {
    const { thread } = await talk.openThread();
    const [id, other] = [await talk.write(thread), await talk.write(thread)];
    const early = await queued<unknown[]>(
      thread,
      () => ana.ask('reply:edit', { id: other, body: 'in time', base: 1 }),
      close(thread),
    );
    expect((await early.all)[0]).toMatchObject({ ok: true, data: { reply: { rev: 2 } } });
    await app.service.threads.setState(thread, 'open');
    const late = await queued<unknown[]>(thread, close(thread), () =>
      ana.ask('reply:edit', { id, body: 'too late', base: 1 }),
    );
    expect((await late.all)[1]).toMatchObject(closed);
    expect(await ana.must('reply:source', { id })).toEqual({ body: 'Hello' });
    expect(await talk.head(thread)).toBe(6);
  });

  it('[REQ5] an edit that is sent again before it was answered is the success that it was', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const edit = () => ana.ask('reply:edit', { id, body: 'second', base: 1 });
    const { all } = await queued<unknown[]>(thread, edit, close(thread), edit);
    const [first, , again] = await all;
    expect(first).toMatchObject({ ok: true, data: { reply: { rev: 2, seq: 2 } } });
    expect(again).toEqual(first);
  });

  it('[PUMP8] of votes and reactions that go together those that stand already are the success that they were', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const cleo = await connectGuest(app.url, 'Cleo');
    await ben.must('reply:vote', { id, value: 1 });
    await ben.must('reply:react', { id, emoji: '👍', on: true });
    const { all } = await queued<unknown[]>(thread, close(thread), () =>
      // The first goes alone, the others together behind it.
      Promise.all([
        cleo.ask('reply:vote', { id, value: 1 }),
        ben.ask('reply:vote', { id, value: 1 }),
        cleo.ask('reply:react', { id, emoji: '👍', on: true }),
        ben.ask('reply:react', { id, emoji: '👍', on: true }),
        ben.ask('reply:react', { id, emoji: '🎉', on: true }),
        ben.ask('reply:vote', { id, value: -1 }),
        cleo.ask('reply:vote', { id, value: 0 }),
      ]),
    );
    const score = { ok: true, data: { score: 1 } };
    const mine = { ok: true, data: { reactions: { '👍': 1 }, mine: ['👍'] } };
    expect((await all)[1]).toMatchObject([closed, score, closed, mine, closed, closed, score]);
    expect(await talk.head(thread)).toBe(4);
    cleo.close();
  });

  it('a reply that gets its lock later is refused, also below another one', async () => {
    const { thread } = await talk.openThread();
    const id = await talk.write(thread);
    const { all } = await queued<unknown[]>(thread, close(thread), () =>
      Promise.all([
        ana.ask('reply:create', { thread, id: newId(), body: 'late' }),
        ben.ask('reply:create', { thread, id: newId(), parent: id, body: 'late, too' }),
      ]),
    );
    expect((await all)[1]).toMatchObject([closed, closed]);
    expect(await talk.head(thread)).toBe(2);
  });
});

describe('[REQ5] while what it answers is being removed', () => {
  it('a reply that gets its lock later is refused, one that got it before stands', async () => {
    const { thread, key } = await talk.openThread();
    const parent = await talk.write(thread);
    const [early, late] = [newId(), newId()];
    const { all } = await queued<unknown[]>(
      thread,
      () => ben.ask('reply:create', { thread, id: early, parent, body: 'early' }),
      () => ana.ask('reply:remove', { id: parent }),
      () => other.createReplies(thread, [reply({ id: late, parentId: parent })]),
    );
    const [before, removed, after] = await all;
    expect([before, removed]).toMatchObject([{ ok: true }, { ok: true, data: { reply: { replies: 1 } } }]);
    expect(after).toEqual({ results: [{ is: 'parent', why: 'removed' }], change: null });
    expect((await ben.snapshot(key)).replies.map(({ id }) => id)).toEqual([parent, early]);
    expect(await talk.head(thread)).toBe(3);
  });

  it('a reply whose parent is taken out of the database, as the sample is, is told that it is not there', async () => {
    const { thread } = await talk.openThread();
    const parent = await talk.write(thread);
    const { sql } = app.database;
    const { all } = await queued<unknown[]>(
      thread,
      () =>
        sql.begin(async (tx) => {
          await tx`update threads set head = head + 1, count = 0, roots = 0 where id = ${thread}`;
          await tx`delete from replies where id = ${parent}`;
        }),
      () => other.createReplies(thread, [reply({ parentId: parent })]),
    );
    expect((await all)[1]).toEqual({ results: [{ is: 'parent', why: 'missing' }], change: null });
  });

  it('a reply whose parent was brought back meanwhile is to be asked for again, not refused', async () => {
    const { thread } = await talk.openThread();
    const parent = await talk.write(thread);
    await ana.must('reply:remove', { id: parent });
    const late = reply({ parentId: parent });
    const { all } = await queued<unknown[]>(
      thread,
      () => ana.ask('reply:restore', { id: parent }),
      () => other.createReplies(thread, [reply(), late]),
    );
    expect((await all)[1]).toMatchObject({ results: [{ is: 'created' }, { is: 'again' }] });
    expect((await other.createReplies(thread, [late])).results).toMatchObject([{ is: 'created', row: { seq: 5 } }]);
  });

  it('[PUMP6] what was written is told also where it can not be asked what hindered the others', async () => {
    const { thread } = await talk.openThread();
    const { sql } = app.database;
    const { all } = await queued<unknown[]>(
      thread,
      () => other.createReplies(thread, [reply(), reply({ parentId: newId() })]),
      // Until its reader is told that it waited too long.
      () => sql.begin((tx) => tx`lock table replies in access exclusive mode`.then(() => tx`select pg_sleep(3)`)),
    );
    expect((await all)[0]).toMatchObject({ results: [{ is: 'created' }, { is: 'again' }], change: { from: 0, to: 1 } });
  });

  it('[PUMP6] [SEQ3] one of a batch is refused and takes no seq; the others take theirs', async () => {
    const { thread } = await talk.openThread();
    const [gone, parent] = [await talk.write(thread), await talk.write(thread)];
    const batch = [reply({ parentId: gone }), reply(), reply({ parentId: parent }), reply({ parentId: gone }), reply()];
    const { all } = await queued<unknown[]>(
      thread,
      () => ana.ask('reply:remove', { id: gone }),
      () => other.createReplies(thread, batch),
    );
    const { results, change } = (await all)[1] as Awaited<ReturnType<PostgresStore['createReplies']>>;
    const removed = { is: 'parent', why: 'removed' };
    const created = (seq: number) => ({ is: 'created', row: { born: seq, seq } });
    expect(results).toMatchObject([removed, created(4), created(5), removed, created(6)]);
    expect(change).toMatchObject({ from: 3, to: 6, counters: [{ id: parent, seq: 5, replies: 1 }] });
    expect(await talk.head(thread)).toBe(6);
    expect(await inconsistencies(app.database.sql)).toEqual([]);
  });
});
