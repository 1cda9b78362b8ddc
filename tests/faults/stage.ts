// What a run breaks: server processes behind proxies, and their database. Owns setting it up and taking it down; what is
// done to it is in `faults.ts`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { serverProcesses } from '../../server/database/embedded/processes.js';
import { connect, type Database } from '../../server/database/connect.js';
import type { Random } from '../sim/random.js';
import { throughPort } from '../support/database-proxy.js';
import { makeDataFolder, type Program } from '../support/server-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { PostgresCluster, signalTo } from './postgres-cluster.js';
import { ServerNode } from './server-node.js';

export type StageName = 'embedded' | 'two nodes';

export interface Stage {
  name: StageName;
  nodes: ServerNode[];
  /** Between the servers and the database; null for the embedded one, which is reached by a socket file. */
  databaseLine: TcpProxy | null;
  /** null: its disk is not ours to fill. */
  disk: Pick<PostgresCluster, 'fillDisk' | 'freeDisk'> | null;
  /** The database's own process, on whose end all others end. */
  postmaster(): number;
  signalDatabase(signal: NodeJS.Signals): void;
  /** A way to the database beside the servers'. */
  attach(max: number): Database;
  end(): Promise<void>;
}

export function openStage(name: StageName, program: Program, random: Random): Promise<Stage> {
  return name === 'embedded' ? embedded(program, random) : twoNodes(program, random);
}

async function embedded(program: Program, random: Random): Promise<Stage> {
  const data = makeDataFolder();
  const cluster = join(data.path, 'pgdata');
  const node = await ServerNode.start(program, { AFTERWORD_DATA_DIR: data.path }, random).catch(
    async (error: unknown) => {
      await data.remove();
      throw error;
    },
  );
  const url = `postgres://afterword@localhost/postgres?host=${encodeURIComponent(`${data.path}/run`)}`;
  return {
    name: 'embedded',
    nodes: [node],
    databaseLine: null,
    disk: null,
    postmaster: () => data.databasePid(),
    signalDatabase: (signal) => serverProcesses(cluster).forEach((pid) => signalTo(pid, signal)),
    attach: (max) => connect({ url, max, applicationName: 'afterword test' }),
    end: async () => {
      await node.end();
      await data.remove();
    },
  };
}

async function twoNodes(program: Program, random: Random): Promise<Stage> {
  const cluster = await PostgresCluster.start();
  const line = await TcpProxy.open({ port: cluster.port }, { random });
  const env = { DATABASE_URL: throughPort(cluster.url, line.port), AFTERWORD_DATA_DIR: '/nonexistent' };
  const nodes: ServerNode[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.end()));
    await line.close();
    await cluster.end();
  };
  // One after the other: two that look for a free port at once may find the same one.
  try {
    for (let n = 0; n < 2; n++) nodes.push(await ServerNode.start(program, env, random));
  } catch (error) {
    await end();
    throw error;
  }
  const pidFile = cluster.pidFile;
  return {
    name: 'two nodes',
    nodes,
    databaseLine: line,
    disk: cluster.isMounted ? cluster : null,
    postmaster: () => Number.parseInt(readFileSync(pidFile, 'utf8'), 10),
    signalDatabase: (signal) => cluster.signalAll(signal),
    attach: (max) => connect({ url: cluster.url, max, applicationName: 'afterword test' }),
    end,
  };
}
