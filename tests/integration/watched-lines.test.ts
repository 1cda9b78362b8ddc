// Needs: openssl
// Connections to the database that a network has forgotten, in the ways in which a database is reached over a network.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { connect } from '../../server/database/connect.js';
import { PostgresCluster } from '../faults/postgres-cluster.js';
import { makeCertificate } from '../support/services/openssl.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const POOL = 3;

let cluster: PostgresCluster;
let line: TcpProxy;
beforeAll(async () => {
  cluster = await PostgresCluster.start(makeCertificate);
  line = await TcpProxy.open({ port: cluster.port });
}, 30_000);
afterAll(async () => {
  await line.close();
  await cluster.end();
});

const WAYS = [
  { how: 'without encryption', hosts: '127.0.0.1', parameters: '', ssl: false },
  { how: 'over TLS', hosts: '127.0.0.1', parameters: '?sslmode=require', ssl: true },
  // Nobody listens at the first.
  { how: 'several hosts, over TLS', hosts: '127.0.0.2,127.0.0.1', parameters: '?sslmode=require', ssl: true },
];

it('are given up within ten seconds, all of them, and new ones serve', { timeout: 40_000 }, async () => {
  const pools = WAYS.map(({ how, hosts, parameters, ssl }) => {
    const url = `postgres://afterword@${hosts}:${line.port}/postgres${parameters}`;
    const { sql, close } = connect({ url, max: POOL, isPrompt: true });
    const ask = () => sql<[{ ssl: boolean }]>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
    const askAll = () => Promise.allSettled(Array.from({ length: POOL }, () => sql`select pg_sleep(0.2)`));
    return { how, ssl, ask, askAll, close };
  });
  const serves = async (ask: () => Promise<unknown>): Promise<boolean> => {
    return await ask().then(
      () => true,
      () => false,
    );
  };
  for (const { how, ask, ssl, askAll } of pools) {
    await until(() => serves(ask), `the database to serve ${how}`, { withinMs: 10_000, everyMs: 100 });
    expect(await ask(), how).toEqual([{ ssl }]);
    await askAll();
  }
  expect(line.connections).toBe(POOL * WAYS.length);

  line.lose();
  const begun = performance.now();
  await Promise.all(
    pools.map(async ({ how, ask, askAll }) => {
      await expect(ask(), how).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      expect(performance.now() - begun, how).toBeLessThan(10_000);
      // Those that were not asked went with it: nobody waits for them in turn.
      expect(
        (await askAll()).map(({ status }) => status),
        how,
      ).toEqual(Array(POOL).fill('fulfilled'));
      expect(performance.now() - begun, how).toBeLessThan(12_000);
    }),
  );
  await Promise.all(pools.map(({ close }) => close()));
});

it('are given up by the database as well, whether it waits for a question or for its answer to arrive', async () => {
  const taken = async (isPrompt: boolean): Promise<Record<string, number>> => {
    const { sql, close } = connect({ url: cluster.url, max: 1, isPrompt });
    // As the system has taken them; a Unix socket would tell 0.
    const rows = await sql<{ name: string; value: number }[]>`
      select name, setting::int as value from pg_settings where name ~ '^tcp_(keepalives|user)'`;
    await close();
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  };
  for (const { isPrompt, seconds } of [
    { isPrompt: true, seconds: 7 },
    { isPrompt: false, seconds: 50 },
  ]) {
    const { tcp_keepalives_idle, tcp_keepalives_interval, tcp_keepalives_count, tcp_user_timeout } =
      await taken(isPrompt);
    expect(tcp_keepalives_idle! + tcp_keepalives_interval! * tcp_keepalives_count!).toBe(seconds);
    expect(tcp_user_timeout).toBe(seconds * 1_000);
  }
});
