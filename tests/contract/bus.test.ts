// Every bus under its contract, and what only the one over PostgreSQL has to survive.
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { LocalBus, LocalLine } from '../../server/bus/local.js';
import { PostgresBus } from '../../server/bus/postgres.js';
import { connect } from '../../server/database/connect.js';
import { createLog } from '../../server/log.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { proxyDatabase } from '../support/database-proxy.js';
import { until } from '../support/until.js';
import { busContract, startNode } from './bus.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
});
afterAll(() => database.drop());

function postgresBus(url: string, logged: string[] = []): PostgresBus {
  const log = createLog({ level: 'warn', pretty: false, to: { write: (text) => void logged.push(text) } });
  return new PostgresBus({ connect: (max) => connect({ url, max, applicationName: 'afterword-bus' }).sql, log });
}

busContract('within one process', async () => {
  const line = new LocalLine();
  return { node: () => new LocalBus(line), end: async () => {} };
});

busContract('over PostgreSQL', async () => ({ node: () => postgresBus(database.url), end: async () => {} }));

describe('the bus over PostgreSQL', () => {
  const gaps = (heard: readonly { kind: string }[]) => heard.filter(({ kind }) => kind === 'gap').length;

  it('[PUMP3] listens again when its connection was ended, and says that hints may be missing', async () => {
    const line = { node: () => postgresBus(database.url), end: async () => {} };
    const [one, two] = [await startNode(line), await startNode(line)];
    expect(gaps(two.heard)).toBe(1);
    await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'afterword-bus' and query ilike 'listen%'`;
    await until(() => gaps(one.heard) === 2 && gaps(two.heard) === 2, 'both to listen again');

    const thread = newId();
    one.bus.publish({ kind: 'head', thread, head: 3 });
    await until(() => two.heads(thread).length > 0, 'the hint to arrive over the new line');
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it('[PUMP3] listens anew where its connections are open and a network has forgotten them', async () => {
    const proxied = await proxyDatabase(database);
    const logged: string[] = [];
    const log = createLog({ level: 'warn', pretty: false, to: { write: (text) => void logged.push(text) } });
    // The driver alone, so that nothing watches over its connections: as on an encrypted line.
    const open = (max: number) => postgres(proxied.url, { max, fetch_types: false });
    const near = await startNode({ node: () => new PostgresBus({ connect: open, log }), end: async () => {} });
    const far = await startNode({ node: () => postgresBus(database.url), end: async () => {} });
    proxied.lose();
    await until(() => gaps(near.heard) === 2, 'it to listen anew', { withinMs: 12_000 });
    expect(logged.join('')).toContain('listening anew');

    const thread = newId();
    far.bus.publish({ kind: 'head', thread, head: 7 });
    await until(() => near.heads(thread).length > 0, 'the hint to arrive over the new line');
    await Promise.all([near.bus.stop(), far.bus.stop()]);
    await proxied.drop();
  });

  it('[PUMP3] comes back by itself when the database was away for several attempts', async () => {
    const proxied = await proxyDatabase(database);
    const logged: string[] = [];
    const near = await startNode({ node: () => postgresBus(proxied.url, logged), end: async () => {} });
    const far = await startNode({ node: () => postgresBus(database.url), end: async () => {} });
    proxied.hangUp();
    near.bus.publish({ kind: 'head', thread: newId(), head: 1 });
    await until(() => logged.some((text) => text.includes('hint')), 'the loss to be logged');
    await until(() => proxied.attempts() >= 6, 'it to have tried in vain several times');
    await proxied.cut();
    near.bus.publish({ kind: 'head', thread: newId(), head: 1 });
    await until(() => logged.filter((text) => text.includes('hint')).length > 1, 'the next loss to be logged');
    await proxied.restore();
    await until(() => gaps(near.heard) === 2, 'it to listen again', { withinMs: 8_000 });

    const thread = newId();
    far.bus.publish({ kind: 'head', thread, head: 8 });
    near.bus.publish({ kind: 'head', thread, head: 9 });
    await until(() => near.heads(thread).length > 0 && far.heads(thread).length > 0, 'hints in both directions');
    await Promise.all([near.bus.stop(), far.bus.stop()]);
    await proxied.drop();
  });

  it('[PUMP3] says one thing at a time to a database that hangs, and keeps no more than is bounded', async () => {
    const proxied = await proxyDatabase(database);
    const near = await startNode({ node: () => postgresBus(proxied.url), end: async () => {} });
    const far = await startNode({ node: () => postgresBus(database.url), end: async () => {} });
    const thread = newId();
    near.bus.publish({ kind: 'head', thread, head: 1 });
    await until(() => far.heads(thread).length === 1 && near.bus.waiting === 0, 'the way to be open');
    proxied.hold();
    let head = 1;
    const later = performance.now() + 300;
    await until(() => {
      near.bus.publish({ kind: 'head', thread, head: ++head });
      return performance.now() > later;
    }, 'it to be told many times');
    const threads = Array.from({ length: 25_000 }, () => newId());
    for (const each of threads) near.bus.publish({ kind: 'head', thread: each, head: 1 });
    near.bus.publish({ kind: 'head', thread, head: ++head });
    expect(near.bus.waiting).toBeLessThanOrEqual(10_001);
    proxied.release();
    await until(() => far.heads(thread).includes(head), 'what was merged to arrive');
    // What was under way, and the last of what was said meanwhile.
    expect(far.heads(thread)).toEqual([1, 2, head]);
    expect(far.heads(threads.at(-1)!)).toEqual([1]);
    await Promise.all([near.bus.stop(), far.bus.stop()]);
    await proxied.drop();
  });

  it('hints wait until the database has taken them, and not only until it was asked to', async () => {
    const proxied = await proxyDatabase(database);
    const { bus } = await startNode({ node: () => postgresBus(proxied.url), end: async () => {} });
    proxied.hold();
    const thread = newId();
    let head = 0;
    const moreWait = (): boolean => {
      // What is said of a thread while it was not sent takes the place of what was said before.
      bus.publish({ kind: 'head', thread, head: ++head });
      return bus.waiting > 1;
    };
    await until(moreWait, 'one hint to be under way and another to be said');
    proxied.release();
    await until(() => bus.waiting === 0, 'both to be taken');
    proxied.hold();
    await until(moreWait, 'the same again');
    await proxied.cut();
    await until(() => bus.waiting === 0, 'those to be lost', { withinMs: 10_000 });
    await bus.stop();
    await proxied.drop();
  });

  it('is not disturbed by what others say on its channel', async () => {
    const logged: string[] = [];
    const node = await startNode({ node: () => postgresBus(database.url, logged), end: async () => {} });
    for (const text of ['', 'not json', '[]', '{"node":"x","hints":[{"kind":"head","thread":"y","head":1}]}']) {
      await database.sql`select pg_notify('afterword', ${text})`;
    }
    await until(() => logged.length === 4, 'each to be logged');
    const thread = newId();
    const payload = JSON.stringify({ node: 'x', hints: [{ kind: 'head', thread, head: 1 }] });
    await database.sql`select pg_notify('afterword', ${payload})`;
    await until(() => node.heads(thread).length > 0, 'a good hint to be heard');
    await node.bus.stop();
  });
});
