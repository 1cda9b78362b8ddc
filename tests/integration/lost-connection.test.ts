// Connections to the database that are lost at the worst moments: what waits on them is refused, the pool goes on, and nothing
// escapes that would end a process (docs/decisions/0021-a-mended-driver.md).
import { afterAll, beforeAll, expect, it } from 'vitest';

import { connect } from '../../server/database/connect.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { proxyDatabase, type ProxiedDatabase } from '../support/database-proxy.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let line: ProxiedDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
  line = await proxyDatabase(database);
});
afterAll(async () => {
  await line.drop();
  await database.drop();
});

const answers = async (): Promise<boolean> => {
  const [row] = await line.sql<[{ n: number }]>`select 1 as n`;
  return row.n === 1;
};

it('a transaction that goes on after its connection was lost is refused, query by query', async () => {
  const told: string[] = [];
  const done = line.sql.begin(async (tx) => {
    await tx`select 1`;
    await line.cut();
    for (let n = 0; n < 3; n++) await tx`select ${n}::int`.catch((error: { code: string }) => told.push(error.code));
    await line.restore();
  });
  await expect(done).rejects.toThrow();
  await until(() => told.length === 3, 'each to be refused');
  await until(() => answers().catch(() => false), 'the pool to go on');
});

it('a connection that the server ends in the middle of a query harms nothing that is asked on the next one', async () => {
  const { sql, close } = connect({ url: database.url, max: 1, applicationName: 'ended' });
  await sql`select 1`;
  for (let round = 0; round < 3; round++) {
    const asleep = expect(sql`select pg_sleep(60)`).rejects.toMatchObject({
      code: expect.stringMatching(/^(57P01|CONNECTION_CLOSED)$/),
    });
    const end = async (): Promise<boolean> => {
      const ended = await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'ended' and query like '%pg_sleep%' and state = 'active'`;
      return ended.length === 1;
    };
    await until(end, 'the query to be under way');
    await asleep;
    if (round < 2) expect(await sql`select 1 as n`).toEqual([{ n: 1 }]);
  }
  const begun = performance.now();
  await close();
  // It gives up after five seconds.
  expect(performance.now() - begun).toBeLessThan(3_000);
});

it('a pool whose lines are all cut while questions come in goes on at once when they can be dialled again', async () => {
  for (let round = 0; round < 15; round++) {
    const asked = Array.from({ length: 30 }, (_, n) => line.sql`select pg_sleep(${(n % 5) / 1_000})`);
    const settled = Promise.allSettled(asked);
    if (round % 3 > 0) await new Promise((resolve) => setTimeout(resolve, round));
    await line.cut();
    const meanwhile = Promise.allSettled(Array.from({ length: 10 }, () => line.sql`select 1`));
    await line.restore();
    await Promise.all([settled, meanwhile]);
    const begun = performance.now();
    await until(() => answers().catch(() => false), 'an answer');
    // One that is spoilt takes ten seconds each time that its turn comes.
    await Promise.all(Array.from({ length: 30 }, answers));
    expect(performance.now() - begun).toBeLessThan(5_000);
  }
}, 60_000);
