// What a run breaks: server processes behind proxies, and their database. Owns setting it up and taking it down; what is
// done to it is in `faults.ts`.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { endServerProcesses } from '../../server/database/embedded/leftovers.js';
import { serverProcesses } from '../../server/database/embedded/processes.js';
import { connect, type Database } from '../../server/database/connect.js';
import type { Random } from '../sim/random.js';
import { throughPort } from '../support/database-proxy.js';
import { makeDataFolder, type Program } from '../support/server-process.js';
import { startPooler, type Pooler } from '../support/services/pgbouncer.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';
import { SmallDisk } from '../support/small-disk.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { PostgresCluster, signalTo } from './postgres-cluster.js';
import { ServerNode } from './server-node.js';
import type { StageName } from './stages.js';

export interface Stage {
  name: StageName;
  nodes: ServerNode[];
  /** Between the servers (or their pooler) and the database; null for the embedded one, which is reached by a socket file. */
  databaseLine: TcpProxy | null;
  /** The server that carries the hints, and the line to it; null: the database carries them, or there is one node. */
  redis: { server: RedisServer; line: TcpProxy } | null;
  /** In front of the database, and the line of the servers to it; null: there is none. */
  pooler: { server: Pooler; line: TcpProxy } | null;
  /** Of the database; null: it is not ours to fill. */
  disk: SmallDisk | null;
  /** A signal on which the database ends, sent to its own process. */
  endDatabase(signal: NodeJS.Signals): void;
  /** Why it must not end now; null where it may. */
  keepsDatabase(): string | null;
  signalDatabase(signal: NodeJS.Signals): void;
  /** A way to the database beside the servers'. */
  attach(max: number): Database;
  end(): Promise<void>;
}

/** After more within the time its server gives the embedded database up, as it should (`server/database/embedded/life.ts`). */
const ENDS_MAX = 3;
const ENDS_WINDOW_MS = 60_000;
/** For the files of its log, which a run of the embedded one never hands back. */
const DISK_MEBIBYTES = 384;

export function openStage(name: StageName, program: Program, random: Random): Promise<Stage> {
  return name === 'embedded' ? embedded(program, random) : twoNodes(name, program, random);
}

async function embedded(program: Program, random: Random): Promise<Stage> {
  const data = makeDataFolder();
  const disk = SmallDisk.mount(dirname(data.path), DISK_MEBIBYTES);
  const cluster = join(data.path, 'pgdata');
  const ends: number[] = [];
  const remove = async (): Promise<void> => {
    await endServerProcesses(cluster);
    disk?.unmount();
    await data.remove();
  };
  const node = await ServerNode.start(program, { AFTERWORD_DATA_DIR: data.path }, random).catch(
    async (error: unknown) => {
      await remove();
      throw error;
    },
  );
  return {
    name: 'embedded',
    nodes: [node],
    databaseLine: null,
    redis: null,
    pooler: null,
    disk,
    endDatabase: (signal) => {
      ends.push(performance.now());
      signalTo(data.databasePid(), signal);
    },
    keepsDatabase: () =>
      ends.filter((at) => at > performance.now() - ENDS_WINDOW_MS).length < ENDS_MAX
        ? null
        : 'a server that ends again and again is given up',
    signalDatabase: (signal) => serverProcesses(cluster).forEach((pid) => signalTo(pid, signal)),
    attach: (max) => connect({ url: data.databaseUrl, max, applicationName: 'afterword test' }),
    end: async () => {
      await node.end();
      await remove();
    },
  };
}

async function twoNodes(name: StageName, program: Program, random: Random): Promise<Stage> {
  const ends: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    for (const one of ends.splice(0).toReversed()) await one();
  };
  try {
    const cluster = await PostgresCluster.start();
    ends.push(() => cluster.end());
    const databaseLine = await TcpProxy.open({ port: cluster.port }, { random });
    ends.push(() => databaseLine.close());
    const redis = name === 'two nodes, Redis' ? await redisBehindLine(random, ends) : null;
    const direct = throughPort(cluster.url, databaseLine.port);
    const pooler = name === 'two nodes, PgBouncer' ? await poolerBehindLine(direct, random, ends) : null;
    const env = {
      ...(pooler
        ? { DATABASE_URL: throughPort(pooler.server.url, pooler.line.port), DATABASE_DIRECT_URL: direct }
        : { DATABASE_URL: direct }),
      AFTERWORD_DATA_DIR: '/nonexistent',
      ...(redis ? { REDIS_URL: `redis://127.0.0.1:${redis.line.port}` } : {}),
    };
    // One after the other: two that look for a free port at once may find the same one.
    const nodes: ServerNode[] = [];
    ends.push(async () => void (await Promise.all(nodes.map((node) => node.end()))));
    for (let n = 0; n < 2; n++) nodes.push(await ServerNode.start(program, env, random));
    return {
      name,
      nodes,
      databaseLine,
      redis,
      pooler,
      disk: cluster.disk,
      endDatabase: (signal) => signalTo(Number.parseInt(readFileSync(cluster.pidFile, 'utf8'), 10), signal),
      keepsDatabase: () => null,
      signalDatabase: (signal) => cluster.signalAll(signal),
      attach: (max) => connect({ url: cluster.url, max, applicationName: 'afterword test' }),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function redisBehindLine(random: Random, ends: (() => Promise<void>)[]): Promise<NonNullable<Stage['redis']>> {
  const server = await startRedis();
  ends.push(() => server.end());
  const line = await TcpProxy.open({ port: server.port }, { random });
  ends.push(() => line.close());
  return { server, line };
}

/** `url`: how it reaches the database. */
async function poolerBehindLine(
  url: string,
  random: Random,
  ends: (() => Promise<void>)[],
): Promise<NonNullable<Stage['pooler']>> {
  const server = await startPooler(url);
  ends.push(async () => {
    server.signal('SIGCONT');
    await server.end();
  });
  const line = await TcpProxy.open({ port: server.port }, { random });
  ends.push(() => line.close());
  return { server, line };
}
