// A line to the database that tests can watch, hold up and cut: the TCP proxy, and the statements that pass through it.
import { parseAddress } from '../../server/database/address.js';
import { connect } from '../../server/database/connect.js';
import type { TestDatabase } from './database.js';
import { StatementReader } from './statements.js';
import { TcpProxy, type Upstream } from './tcp-proxy.js';

export interface ProxiedDatabase extends TestDatabase {
  /** The statements that ran through it since the last call, in order. */
  takeStatements(): string[];
  /** Ends every connection and refuses new ones, as a server that is down does. */
  cut(): Promise<void>;
  /** The same, but the port stays open and hangs up on whoever dials, as a balancer in front of it does. */
  hangUp(): void;
  /** How often it was dialled since it was cut. */
  attempts(): number;
  /** Answers again. */
  restore(): Promise<void>;
  /** Lets nothing through any more, without a word: a network that swallows. */
  hold(): void;
  /** What was held up arrives. */
  release(): void;
  /** The connections that are open now swallow for good; new ones work. */
  lose(): void;
  connections(): number;
}

/** A second way to the same database, with a pool of its own; `drop` closes the way and leaves the database. */
export async function proxyDatabase(database: TestDatabase): Promise<ProxiedDatabase> {
  let statements: string[] = [];
  const tap = (): ((chunk: Buffer) => void) => {
    const reader = new StatementReader((statement) => statements.push(statement));
    return (chunk) => reader.feed(chunk);
  };
  const proxy = await TcpProxy.open(upstreamOf(database.url), { tap });
  const url = throughPort(database.url, proxy.port);
  const pool = connect({ url, isPrompt: true });
  return {
    ...pool,
    url,
    takeStatements: () => {
      const taken = statements;
      statements = [];
      return taken;
    },
    cut: () => proxy.refuse(),
    hangUp: () => proxy.hangUp(),
    attempts: () => proxy.dialled,
    restore: () => proxy.heal(),
    hold: () => proxy.stall(),
    release: () => proxy.flow(),
    lose: () => proxy.lose(),
    connections: () => proxy.connections,
    drop: async () => {
      proxy.flow();
      await pool.close();
      await proxy.close();
    },
  };
}

/** Where a database of this address listens. */
export function upstreamOf(url: string): Upstream {
  const { url: address, socketFolder, port } = parseAddress(url);
  if (socketFolder) return { path: `${socketFolder}/.s.PGSQL.${port}` };
  return { port, host: new URL(address).hostname };
}

/** The same database, dialled at this port of the loopback interface. */
export function throughPort(url: string, port: number): string {
  const address = new URL(parseAddress(url).url);
  address.hostname = '127.0.0.1';
  address.port = String(port);
  return address.href;
}
