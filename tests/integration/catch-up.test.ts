// Coming back: a join with a cursor, what it answers and what it costs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyDelta } from '../../shared/apply.js';
import { fromSnapshot, type Held } from '../../shared/held.js';
import { newId } from '../../shared/ids.js';
import { CATCH_UP_ROWS_MAX } from '../../shared/limits.js';
import type { Cursor } from '../../shared/views.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { proxyDatabase, type ProxiedDatabase } from '../support/database-proxy.js';
import { makeLargeThread } from '../support/large-thread.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let line: ProxiedDatabase;
let app: TestApp;
let ana: TestClient;
beforeAll(async () => {
  database = await createTestDatabase();
  line = await proxyDatabase(database);
  app = await startTestApp({ database: line });
  ana = await connectGuest(app.url, 'Ana');
});
afterAll(async () => {
  await app.end();
  await line.drop();
  await database.drop();
});

async function write(thread: string, parent: string | null = null): Promise<string> {
  const id = newId();
  await ana.must('reply:create', { thread, id, parent, body: 'x' });
  return id;
}

const SITE = /from "?sites"?/;

/** What ran for clients: without the hints, the poll and the site's rules, which are looked at by the clock. */
function asked(): string[] {
  return line
    .takeStatements()
    .filter((text) => !/pg_notify|from threads where id = any/.test(text) && !SITE.test(text));
}

/** The site's rules have just been read: for five seconds no request waits for them. */
async function siteIsFresh(): Promise<void> {
  const isRead = async (): Promise<boolean> => {
    await ana.must('thread:leave', { thread: newId() });
    return line.takeStatements().some((text) => SITE.test(text));
  };
  line.takeStatements();
  await until(isRead, 'the site to be read', { withinMs: 10_000, everyMs: 100 });
}

describe('what a join with a cursor answers', () => {
  it('[CUR1] everything that changed since, as it is now: rows, counters, and the thread where it changed', async () => {
    const key = newId();
    const { thread } = await ana.snapshot(key);
    const [kept, edited] = [await write(thread.id), await write(thread.id)];
    const { cursor } = await ana.snapshot(key);
    const child = await write(thread.id, kept); // 3
    await ana.must('reply:edit', { id: edited, body: 'y', base: 1 }); // 4
    await ana.must('reply:vote', { id: edited, value: 1 }); // 5
    const answer = await ana.join(key, { cursor });
    expect(answer).toMatchObject({
      mode: 'delta',
      delta: { v: 1, thread: thread.id, epoch: cursor.epoch, from: 2, to: 5, info: { count: 3 } },
    });
    if (answer.mode !== 'delta') return;
    expect(answer.delta.replies.map(({ id, seq, score }) => [id, seq, score])).toEqual([
      [child, 3, 0],
      [edited, 5, 1],
    ]);
    expect(answer.delta.touched).toEqual([{ id: kept, seq: 3, score: 0, replies: 1 }]);
  });

  it('[CUR1] nothing, at the head: an empty delta without the thread', async () => {
    const key = newId();
    const { thread } = await ana.snapshot(key);
    await write(thread.id);
    const { cursor } = await ana.snapshot(key);
    const answer = await ana.join(key, { cursor });
    expect(answer).toMatchObject({ mode: 'delta', delta: { from: 1, to: 1, replies: [] } });
    expect(answer).not.toHaveProperty('delta.info');
  });

  it('[SEQ6] another epoch, or a cursor ahead of the head: a snapshot', async () => {
    const key = newId();
    const { thread, cursor } = await ana.snapshot(key);
    await write(thread.id);
    for (const other of [
      { epoch: newId(), seq: 0 },
      { epoch: '', seq: 0 },
      { epoch: cursor.epoch.toUpperCase(), seq: 0 },
      { ...cursor, seq: 2 },
      { ...cursor, seq: Number.MAX_SAFE_INTEGER },
    ]) {
      const answer = await ana.join(key, { cursor: other });
      expect(answer).toMatchObject({ mode: 'snapshot', cursor: { seq: 1 }, replies: [{ seq: 1 }] });
    }
  });

  it('[SEQ4] a cursor of any age works: as many rows as a delta may hold, and beyond that a snapshot', async () => {
    const large = await makeLargeThread(database.sql, { total: 2_000, roots: 2_000 });
    const cursor = (missed: number): Cursor => ({ epoch: large.epoch, seq: 2_000 - missed });
    const most = await ana.join(large.id, { cursor: cursor(CATCH_UP_ROWS_MAX) });
    expect(most).toMatchObject({ mode: 'delta', delta: { from: 1_500, to: 2_000 } });
    if (most.mode === 'delta') expect(most.delta.replies).toHaveLength(CATCH_UP_ROWS_MAX);
    expect(await ana.join(large.id, { cursor: cursor(CATCH_UP_ROWS_MAX + 1) })).toMatchObject({
      mode: 'snapshot',
      cursor: { seq: 2_000 },
    });
    expect((await ana.join(large.id, { cursor: cursor(2_000) })).mode).toBe('snapshot');
  });

  it('[SEQ6] readers of a thread whose epoch changed are told to join again, and get a snapshot', async () => {
    const key = newId();
    const { thread, cursor } = await ana.snapshot(key);
    await write(thread.id);
    await database.sql`update threads set epoch = ${newId()} where id = ${thread.id}`;
    await until(() => ana.pushed('thread:stale').some((stale) => stale.thread === thread.id), 'the poll to find it');
    const answer = await ana.join(key, { cursor });
    expect(answer.mode).toBe('snapshot');
    await write(thread.id);
    await until(() => ana.pushed('thread:delta').at(-1)?.to === 2, 'the next delta, of the new epoch');
    if (answer.mode === 'snapshot') expect(ana.pushed('thread:delta').at(-1)!.epoch).toBe(answer.cursor.epoch);
  });

  it('[REQ4] a thread that was taken out of the database is made anew by the next join, also while it is read', async () => {
    const key = newId();
    const before = await ana.snapshot(key);
    await database.sql`delete from threads where id = ${before.thread.id}`;
    const reply = { thread: before.thread.id, id: newId(), body: 'Hello' };
    expect(await ana.refused('reply:create', reply)).toMatchObject({ code: 'not_found', field: 'thread' });
    await until(
      () => ana.pushed('thread:stale').some(({ thread }) => thread === before.thread.id),
      'the poll to find it',
    );
    const { thread, cursor } = await ana.snapshot(key, { cursor: before.cursor });
    expect(thread.id).not.toBe(before.thread.id);
    expect(cursor).toMatchObject({ seq: 0 });
    await write(thread.id);
    await until(() => ana.pushed('thread:delta').some((delta) => delta.thread === thread.id), 'what is written there');
  });

  it('[CUR3] snapshot and deltas, whenever they were taken, end equal to a fresh snapshot', async () => {
    const key = newId();
    const { thread } = await ana.snapshot(key);
    const ben = await connectGuest(app.url, 'Ben');
    const ids: string[] = [];
    const helds: Held[] = [];
    for (let n = 0; n < 60; n++) {
      const any = ids[(n * 7) % Math.max(1, ids.length)] ?? null;
      if (n % 5 === 4 && any) await ben.must('reply:vote', { id: any, value: n % 2 === 0 ? 1 : -1 }).catch(() => {});
      else if (n % 11 === 10 && any) await ana.ask('reply:remove', { id: any });
      else if (n % 7 === 6 && any) await ana.ask('reply:edit', { id: any, body: `edit ${n}`, base: 1 });
      else ids.push(await write(thread.id, n % 3 === 0 ? null : await published(any)));
      if (n % 6 === 0) helds.push(fromSnapshot(await ana.snapshot(key, { limit: 50 })));
    }
    const fresh = fromSnapshot(await ana.snapshot(key, { limit: 50 }));
    for (const held of helds) {
      const answer = await ben.join(key, { cursor: held.cursor });
      if (answer.mode !== 'delta') throw new Error('expected a delta');
      const caughtUp = applyDelta(held, answer.delta);
      expect(caughtUp.cursor).toEqual(fresh.cursor);
      expect(caughtUp.thread).toEqual(fresh.thread);
      for (const [id, row] of fresh.rows) if (caughtUp.rows.has(id)) expect(caughtUp.rows.get(id)).toEqual(row);
    }
    ben.close();

    async function published(id: string | null): Promise<string | null> {
      return id && (await app.store.reply(id))?.state === 'published' ? id : null;
    }
  });
});

describe('[PUMP5] what coming back costs', () => {
  it('readers who missed what is still in the ring cost no statement at all', async () => {
    const key = newId();
    const { thread, cursor } = await ana.snapshot(key);
    const readers = await Promise.all(Array.from({ length: 50 }, () => connectClient(app.url)));
    for (let n = 0; n < 40; n++) await write(thread.id);
    await until(() => ana.pushed('thread:delta').at(-1)?.to === 40, 'all of it to be published');
    asked();
    const answers = await Promise.all(
      readers.map((reader, n) => reader.join(key, { cursor: { ...cursor, seq: n % 40 } })),
    );
    for (const [n, answer] of answers.entries()) {
      expect(answer).toMatchObject({ mode: 'delta', delta: { from: n % 40, to: 40 } });
    }
    expect(asked()).toEqual([]);
    readers.forEach((reader) => reader.close());
  });

  it.each([
    ['first pages', (_: Cursor) => ({})],
    ['catch-ups from before the ring', (cursor: Cursor) => ({ cursor: { ...cursor, seq: 990 } })],
  ])('a hundred equal %s that are under way at once are one read', async (_, more) => {
    const large = await makeLargeThread(database.sql, { total: 1_000, roots: 500 });
    const readers = await Promise.all(Array.from({ length: 100 }, () => connectClient(app.url)));
    await ana.join(large.id);
    await siteIsFresh();
    line.hold();
    const joins = readers.map((reader) => reader.join(large.id, more({ epoch: large.epoch, seq: 0 })));
    // Answered in order: behind it the join has been begun.
    await Promise.all(readers.map((reader) => reader.must('thread:leave', { thread: newId() })));
    line.release();
    const answers = await Promise.all(joins);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(asked()).toHaveLength(1);
    readers.forEach((reader) => reader.close());
  });

  it('a wave of readers who come one after the other, with what they missed before the node began, is one read', async () => {
    const large = await makeLargeThread(database.sql, { total: 1_000, roots: 500 });
    const readers = await Promise.all(Array.from({ length: 20 }, () => connectClient(app.url)));
    const cursor = { epoch: large.epoch, seq: 990 };
    await ana.join(large.id);
    asked();
    const answers: unknown[] = [];
    for (const reader of readers) answers.push(await reader.join(large.id, { cursor }));
    expect(asked()).toHaveLength(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ mode: 'delta', delta: { from: 990, to: 1_000 } });
    for (const reader of readers) reader.close();
  });

  it('[SEQ1] [PUMP1] one reply is one statement, however many read it', async () => {
    const key = newId();
    const { thread } = await ana.snapshot(key);
    const readers = await Promise.all(Array.from({ length: 50 }, () => connectClient(app.url)));
    await Promise.all(readers.map((reader) => reader.join(key)));
    asked();
    for (let n = 0; n < 5; n++) await write(thread.id);
    await until(() => readers.every((reader) => reader.pushed('thread:delta').at(-1)?.to === 5), 'all to have all');
    const statements = asked();
    expect(statements).toHaveLength(5);
    for (const statement of statements) expect(statement).toMatch(/^with item as .* update threads set head/);
    readers.forEach((reader) => reader.close());
  });
});
