// Two nodes on one database: readers on one see what is written on the other, whatever happens to the bus (PROC3).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyDelta } from '../../shared/apply.js';
import { fromSnapshot, type Held } from '../../shared/held.js';
import { newId } from '../../shared/ids.js';
import type { Delta } from '../../shared/views.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { proxyDatabase, type ProxiedDatabase } from '../support/database-proxy.js';
import { until } from '../support/until.js';

let database: TestDatabase;
/** The second node's line to the database, its bus included. */
let line: ProxiedDatabase;
let one: TestApp;
let two: TestApp;
beforeAll(async () => {
  database = await createTestDatabase();
  line = await proxyDatabase(database);
  [one, two] = await Promise.all([startTestApp({ database }), startTestApp({ database: line })]);
});
afterAll(async () => {
  await Promise.all([one.end(), two.end()]);
  await line.drop();
  await database.drop();
});

interface Reader {
  client: TestClient;
  held(): Held;
  close(): void;
}

/** Follows a thread by its deltas alone. */
async function follow(app: TestApp, key: string): Promise<Reader> {
  const client = await connectClient(app.url);
  const snapshot = await client.snapshot(key);
  let held = fromSnapshot(snapshot);
  client.socket.on('thread:delta', (delta: Delta) => {
    if (delta.thread === snapshot.thread.id) held = applyDelta(held, delta);
  });
  return { client, held: () => held, close: client.close };
}

async function write(writer: TestClient, thread: string, parent: string | null = null): Promise<string> {
  const id = newId();
  await writer.must('reply:create', { thread, id, parent, body: 'x' });
  return id;
}

describe('two nodes', () => {
  it('[PROC3] each hears at once what is written on the other, in order', async () => {
    const key = newId();
    const [near, far] = [await follow(one, key), await follow(two, key)];
    const [ana, ben] = [await connectGuest(one.url, 'Ana'), await connectGuest(two.url, 'Ben')];
    const thread = near.held().thread.id;
    expect(far.held().cursor).toEqual(near.held().cursor);
    const root = await write(ana, thread);
    await until(() => far.held().rows.has(root), 'the other node to show it', { withinMs: 1_000 });
    const child = await write(ben, thread, root);
    await until(() => near.held().rows.has(child), 'the answer to come back', { withinMs: 1_000 });
    await ben.must('reply:vote', { id: root, value: 1 });
    await ana.must('reply:edit', { id: root, body: 'edited', base: 1 });
    await ben.must('reply:remove', { id: child });
    await until(() => [near, far].every(({ held }) => held().cursor.seq === 5), 'both to be level');
    expect(near.held().rows).toEqual(far.held().rows);
    expect(near.held().rows.get(root)).toMatchObject({ rev: 2, score: 1, replies: 0 });
    [near, far, ana, ben].forEach((client) => client.close());
  });

  it('[SEQ2] writers on both at once leave every reader on both with the same rows', async () => {
    const key = newId();
    const readers = await Promise.all([follow(one, key), follow(one, key), follow(two, key), follow(two, key)]);
    const writers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => connectGuest(n % 2 === 0 ? one.url : two.url, `Writer ${n}`)),
    );
    const thread = readers[0]!.held().thread.id;
    await Promise.all(
      writers.map(async (writer) => {
        let parent: string | null = null;
        for (let n = 0; n < 20; n++) parent = await write(writer, thread, n % 4 === 0 ? null : parent);
      }),
    );
    await until(() => readers.every(({ held }) => held().cursor.seq === 200), 'all to be level');
    for (const { held } of readers) {
      expect(held().rows.size).toBe(200);
      expect(held().rows).toEqual(readers[0]!.held().rows);
      expect(held().thread.count).toBe(200);
    }
    expect(await inconsistencies(database.sql)).toEqual([]);
    [...readers, ...writers].forEach((client) => client.close());
  });

  it('[REQ1] one reply sent to both at once is one reply', async () => {
    const key = newId();
    const ana = await connectClient(one.url);
    const { token } = await ana.must('me:guest', { name: 'Ana' });
    const twin = await connectClient(two.url, { token });
    const { thread } = await ana.snapshot(key);
    for (let round = 1; round <= 20; round++) {
      const request = { thread: thread.id, id: newId(), body: `round ${round}` };
      const [here, there] = await Promise.all([ana.must('reply:create', request), twin.must('reply:create', request)]);
      expect(here).toEqual(there);
      expect(here.reply.seq).toBe(round);
    }
    [ana, twin].forEach((client) => client.close());
  });

  it('readers and writers are counted and named over both', async () => {
    const key = newId();
    const [near, far] = [await connectGuest(one.url, 'Ana'), await connectGuest(two.url, 'Ben')];
    const { thread } = await near.snapshot(key);
    await far.join(key);
    const beat = (client: TestClient) => client.pushed('thread:beat').at(-1);
    await until(() => beat(near)?.readers === 2 && beat(far)?.readers === 2, 'both to count both');
    far.socket.emit('thread:typing', { thread: thread.id });
    await until(() => beat(near)?.typing.includes('Ben'), 'the other node to name who is writing');
    far.close();
    await until(() => beat(near)?.readers === 1, 'the other to be gone');
    near.close();
  });

  it('what was joined on one can be caught up with on the other', async () => {
    const key = newId();
    const ana = await connectGuest(one.url, 'Ana');
    const { thread, cursor } = await ana.snapshot(key);
    for (let n = 0; n < 5; n++) await write(ana, thread.id);
    const moved = await connectClient(two.url);
    const answer = await moved.join(key, { cursor });
    expect(answer).toMatchObject({ mode: 'delta', delta: { from: 0, to: 5 } });
    [ana, moved].forEach((client) => client.close());
  });
});

describe('when the bus fails', () => {
  it('[PUMP3] hints that are lost are made up for by the poll', async () => {
    const key = newId();
    const far = await follow(two, key);
    const ana = await connectGuest(one.url, 'Ana');
    // Written past every node: nobody hints.
    const thread = far.held().thread.id;
    await write(ana, thread);
    await until(() => far.held().cursor.seq === 1, 'the first');
    await database.sql`update threads set head = head + 1, info_seq = head + 1, title = 'Renamed' where id = ${thread}`;
    await until(() => far.held().thread.title === 'Renamed', 'the poll to find it', { withinMs: 4_000 });
    [far, ana].forEach((client) => client.close());
  });

  it('[PUMP3] a listener that was ended is back by itself, and nothing is missing', async () => {
    const key = newId();
    const far = await follow(two, key);
    const ana = await connectGuest(one.url, 'Ana');
    const thread = far.held().thread.id;
    for (let n = 1; n <= 20; n++) {
      if (n % 5 === 0) {
        await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and query ilike 'listen%'`;
      }
      await write(ana, thread);
    }
    await until(() => far.held().cursor.seq === 20, 'all of it to arrive', { withinMs: 5_000 });
    expect(far.held().rows.size).toBe(20);
    await write(ana, thread);
    await until(() => far.held().cursor.seq === 21, 'live delivery again', { withinMs: 1_000 });
    [far, ana].forEach((client) => client.close());
  });

  it('[PUMP1] a node whose database line is cut for a while is level again afterwards', async () => {
    const key = newId();
    const far = await follow(two, key);
    const ana = await connectGuest(one.url, 'Ana');
    const thread = far.held().thread.id;
    await write(ana, thread);
    await until(() => far.held().cursor.seq === 1, 'the first');
    await line.cut();
    for (let n = 0; n < 10; n++) await write(ana, thread);
    expect(far.client.socket.connected).toBe(true);
    await line.restore();
    await until(() => far.held().cursor.seq === 11, 'it to catch up', { withinMs: 8_000 });
    expect(far.held().rows.size).toBe(11);
    [far, ana].forEach((client) => client.close());
  });
});
