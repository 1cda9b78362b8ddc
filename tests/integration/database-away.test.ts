// The database goes away while the server runs, in each way that it can: refused, hung up, swallowed.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { proxyDatabase, type ProxiedDatabase } from '../support/database-proxy.js';
import { until } from '../support/until.js';
import { openWire } from '../support/wire.js';

let database: TestDatabase;
let line: ProxiedDatabase;
let app: TestApp;
let ana: TestClient;
let reader: TestClient;
let key: string;
let thread: string;

beforeAll(async () => {
  database = await createTestDatabase();
  line = await proxyDatabase(database);
  app = await startTestApp({ database: line });
});
afterAll(async () => {
  await app.end();
  await line.drop();
  await database.drop();
});

beforeEach(async () => {
  key = newId();
  ana = await connectGuest(app.url, 'Ana');
  reader = await connectClient(app.url);
  thread = (await ana.snapshot(key)).thread.id;
  await reader.join(key);
});
afterEach(async () => {
  line.release();
  await line.restore();
  ana.close();
  reader.close();
});

const create = (body = 'x') => ({ thread, id: newId(), body });

/** Sends it again, as an outbox does, until it is accepted; every refusal must be `overloaded`. */
async function persist(request: { thread: string; id: string; body: string }): Promise<void> {
  await until(
    async () => {
      const answer = await ana.ask('reply:create', request);
      if (!answer.ok) expect(answer.error).toMatchObject({ code: 'overloaded', retry: 'later' });
      return answer.ok;
    },
    'the reply to be accepted',
    { withinMs: 8_000, everyMs: 50 },
  );
}

async function readyStatus(): Promise<number> {
  return (await fetch(`${app.url}/readyz`)).status;
}

describe.each([
  { how: 'refuses', away: () => line.cut() },
  { how: 'hangs up', away: () => Promise.resolve(line.hangUp()) },
])('a database that $how', ({ away }) => {
  it('[PUMP1] readers keep their line; writes answer `overloaded` with a time; all of it recovers by itself', async () => {
    const before = create('before');
    await ana.must('reply:create', before);
    await until(() => reader.pushed('thread:delta').length === 1, 'the first delta');
    await away();

    const lost = create('lost for now');
    for (const [event, payload] of [
      ['reply:create', lost],
      ['reply:edit', { id: before.id, body: 'y', base: 1 }],
      ['reply:vote', { id: before.id, value: 1 }],
      ['me:guest', { name: 'Ana' }],
      ['thread:page', { thread, parent: null, sort: 'best' }],
    ] as const) {
      const refused = await ana.refused(event, payload);
      expect(refused, event).toMatchObject({ code: 'overloaded', retry: 'later' });
      expect(refused.retryAfterMs, event).toBeGreaterThan(0);
    }
    expect(reader.socket.connected).toBe(true);
    await line.restore();
    await persist(lost);
    await until(() => reader.pushed('thread:delta').at(-1)?.to === 2, 'the reader to get it');
    expect(reader.pushed('thread:delta').at(-1)!.replies).toMatchObject([{ id: lost.id, seq: 2 }]);
  });

  it('[PUMP5] a joined thread can be joined again, from the ring, on the same line and on a new one', async () => {
    const { cursor } = await reader.snapshot(key);
    await ana.must('reply:create', create());
    await until(() => reader.pushed('thread:delta').length === 1, 'the delta');
    await away();
    const again = await reader.join(key, { cursor });
    expect(again).toMatchObject({ mode: 'delta', delta: { from: 0, to: 1, replies: [{ seq: 1 }] } });
    const back = await connectClient(app.url);
    expect(await back.join(key, { cursor })).toMatchObject({ mode: 'delta', delta: { from: 0, to: 1 } });
    back.close();
  });

  it('a thread that was joined in vain is live once it is joined again on the same line', async () => {
    // Known to the server by name, and read by nobody yet: the join has to read it.
    const [unread, id] = [newId(), newId()];
    await database.sql`insert into threads (id, site_id, key, epoch) values (${id}, 'demo', ${unread}, ${newId()})`;
    await fetch(`${app.url}/api/v1/sites/demo/thread?key=${unread}`);
    await away();
    expect(await reader.refused('thread:join', { key: unread })).toMatchObject({ code: 'overloaded', retry: 'later' });
    await line.restore();
    const joined = async (): Promise<boolean> => (await reader.ask('thread:join', { key: unread })).ok;
    await until(joined, 'the join to succeed', { everyMs: 50 });
    await persist({ ...create(), thread: id });
    await until(() => reader.pushed('thread:delta').some((delta) => delta.thread === id), 'its delta');
    await until(() => reader.pushed('thread:beat').some((beat) => beat.thread === id), 'its beat');
  });

  it('[PROC1] /readyz says so, and /healthz does not mind', async () => {
    expect(await readyStatus()).toBe(200);
    await away();
    expect(await readyStatus()).toBe(503);
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    const problem = await fetch(`${app.url}/api/v1/sites/demo/thread?key=${newId()}`);
    expect(problem.status).toBe(503);
    expect(problem.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(problem.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await problem.json()).toMatchObject({ code: 'overloaded', status: 503 });
    await line.restore();
    await until(async () => (await readyStatus()) === 200, 'it to be ready again');
  });
});

describe('a network that swallows', () => {
  it('[REQ3] every request is answered in bounded time', async () => {
    line.hold();
    const asked = [
      ana.refused('reply:create', create()),
      ana.refused('thread:page', { thread, parent: null, sort: 'best' }),
      reader.refused('thread:join', { key: newId() }),
      fetch(`${app.url}/api/v1/sites/demo/thread?key=${newId()}`).then((response) => response.json()),
      openWire(app.url, `{"protocol":1,"site":"${newId()}"}`)
        .then((wire) => wire.next('44'))
        .then((refusal) => (refusal as { data: unknown }).data),
    ];
    expect(await readyStatus()).toBe(503);
    for (const refused of await Promise.all(asked))
      expect(refused).toMatchObject({ code: 'overloaded', retry: 'later' });
  });

  it('what was on its way arrives once, however often it was sent', async () => {
    const request = create('once');
    line.hold();
    const first = ana.ask('reply:create', request);
    const second = ana.ask('reply:create', request);
    line.release();
    expect(await first).toMatchObject({ ok: true });
    expect(await second).toEqual(await first);
    await persist(create('next'));
    await until(() => reader.pushed('thread:delta').at(-1)?.to === 2, 'the reader to get both');
  });
});

it('lines that the network has forgotten are given up, and the thread that waited on one goes on', async () => {
  await ana.must('reply:create', create('before'));
  // What is asked from now on on these lines goes nowhere, and nobody is told; new lines work.
  line.lose();
  const lost = create('lost on its way');
  const begun = performance.now();
  expect(await ana.refused('reply:create', lost)).toMatchObject({ code: 'overloaded' });
  const accepted = async (): Promise<boolean> => (await ana.ask('reply:create', lost)).ok;
  await until(accepted, 'the thread to go on', { withinMs: 20_000, everyMs: 100 });
  expect(performance.now() - begun).toBeLessThan(15_000);
  for (let n = 0; n < 20; n++) await ana.must('reply:create', create('after'));
  await until(() => reader.pushed('thread:delta').at(-1)?.to === 22, 'the reader to get all', { withinMs: 10_000 });
  expect(await inconsistencies(database.sql)).toEqual([]);
}, 40_000);

it('a thread that somebody else holds locked answers `overloaded`, and other threads are not held up', async () => {
  const other = (await ana.snapshot(newId())).thread.id;
  const before = create('before');
  await ana.must('reply:create', before);
  const waiting = [create('one'), create('two')];
  await database.sql.begin(async (tx) => {
    await tx`select 1 from threads where id = ${thread} for update`;
    const refused = [
      ...waiting.map((request) => ana.refused('reply:create', request)),
      ana.refused('reply:edit', { id: before.id, body: 'y', base: 1 }),
    ];
    await ana.must('reply:create', { ...create(), thread: other });
    for (const error of await Promise.all(refused)) {
      expect(error).toMatchObject({ code: 'overloaded', retry: 'later' });
      expect(error.retryAfterMs).toBeGreaterThan(0);
    }
  });
  // What was still waiting when the lock was let go may have been written by now: sent again, it is the same success.
  for (const request of waiting) await persist(request);
  const [row] = await database.sql`select head::int, count from threads where id = ${thread}`;
  expect(row).toEqual({ head: 3, count: 3 });
  expect(await inconsistencies(database.sql)).toEqual([]);
});

it('[LOAD1] however many change one thread that is locked, other threads are not held up', async () => {
  const other = (await ana.snapshot(newId())).thread.id;
  const ids = await Promise.all(
    Array.from({ length: 40 }, async () => (await ana.must('reply:create', create())).reply.id),
  );
  await database.sql.begin(async (tx) => {
    await tx`select 1 from threads where id = ${thread} for update`;
    const answers = Promise.all(
      ids.map((id, n) =>
        n % 2 === 0 ? ana.ask('reply:vote', { id, value: 1 }) : ana.ask('reply:edit', { id, body: 'y', base: 1 }),
      ),
    );
    let slowest = 0;
    for (let n = 0; n < 100; n++) {
      const begun = performance.now();
      await ana.must('reply:create', { ...create(), thread: other });
      slowest = Math.max(slowest, performance.now() - begun);
    }
    expect(slowest).toBeLessThan(1_000);
    for (const answer of await answers) expect(answer).toMatchObject({ ok: false, error: { code: 'overloaded' } });
  });
  // Sent again they are done, and soon: nobody stands in line any more for whom it is too late.
  const begun = performance.now();
  for (const id of ids) await ana.must('reply:vote', { id, value: 1 });
  expect(performance.now() - begun).toBeLessThan(2_500);
}, 30_000);

it('nothing of all this was an unexpected error', () => {
  expect(app.logged.filter((text) => text.includes('"level":"error"'))).toEqual([]);
});
