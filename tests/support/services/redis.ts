// A Redis of a test's own, alone or three as a cluster; keeps nothing.
import { createClient, type RedisClientType } from '@redis/client';

import { freePort } from '../server-process.js';
import { until } from '../until.js';
import { makeServiceFolder, startService, type ServiceProcess } from './process.js';

export interface RedisServer {
  port: number;
  /** Without a user's name and password. */
  url: string;
  /** Ends it, at once or in order; returns when it is gone. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** The same server once more, on the same port. */
  start(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Runs a command over a connection of its own. */
  ask<T>(...command: string[]): Promise<T>;
  /** A connection of its own for several. */
  attach(): Promise<RedisSession>;
  end(): Promise<void>;
}

export interface RedisSession {
  ask<T>(...command: string[]): Promise<T>;
  close(): void;
}

export interface RedisServerOptions {
  /** Lines of its configuration, as arguments. */
  config?: string[];
  /** For `ask`, where the server wants to know who asks. */
  admin?: { username: string; password: string };
}

export async function startRedis({ config = [], admin }: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = makeServiceFolder('redis');
  const port = await freePort();
  const args = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--dir',
    folder.path,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  let server: ServiceProcess;
  const start = async (): Promise<void> => {
    server = await startService({
      service: 'redis',
      args: [...args, ...config],
      isReady: (output) => output.includes('Ready to accept connections'),
    });
  };
  const kill = async (signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> => {
    server.signal(signal);
    await server.exited;
  };
  try {
    await start();
  } catch (error) {
    folder.remove();
    throw error;
  }
  const url = `redis://127.0.0.1:${port}`;
  const attach = async (): Promise<RedisSession> => {
    const client: RedisClientType = createClient({ url, ...admin });
    client.on('error', () => {});
    await client.connect();
    return {
      ask: async <T>(...command: string[]): Promise<T> => (await client.sendCommand(command)) as T,
      close: () => client.destroy(),
    };
  };
  return {
    port,
    url,
    kill,
    start,
    signal: (signal) => server.signal(signal),
    attach,
    ask: async <T>(...command: string[]): Promise<T> => {
      const session = await attach();
      try {
        return await session.ask<T>(...command);
      } finally {
        session.close();
      }
    },
    end: async () => {
      await kill();
      folder.remove();
    },
  };
}

export interface RedisCluster {
  nodes: RedisServer[];
  /** The address of its first node. */
  url: string;
  end(): Promise<void>;
}

const SLOTS = 16_384;

/** Three masters that share the slots; ready when each of them knows. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(
    Array.from({ length: 3 }, async () => {
      // Its second port is by default 10,000 higher, which may be taken or none.
      const config = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())];
      return await startRedis({ config: [...config, '--cluster-node-timeout', '2000'] });
    }),
  );
  const end = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.end()));
  };
  try {
    const share = Math.ceil(SLOTS / nodes.length);
    for (const [n, node] of nodes.entries()) {
      const last = Math.min((n + 1) * share, SLOTS) - 1;
      await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(n * share), String(last));
      await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
    }
    for (const node of nodes.slice(1)) {
      const [, busPort] = /@(\d+)/.exec(await node.ask<string>('CLUSTER', 'NODES')) ?? [];
      await nodes[0]!.ask('CLUSTER', 'MEET', '127.0.0.1', String(node.port), busPort!);
    }
    const isLevel = async (node: RedisServer): Promise<boolean> => {
      const info = await node.ask<string>('CLUSTER', 'INFO');
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
    };
    for (const node of nodes) await until(() => isLevel(node), 'the cluster to be level', { withinMs: 15_000 });
  } catch (error) {
    await end();
    throw error;
  }
  return { nodes, url: nodes[0]!.url, end };
}
