// A line to the database that tests can watch, hold up and cut.
import { createServer, connect as dial, type AddressInfo, type Server, type Socket } from 'node:net';

import { parseAddress } from '../../server/database/address.js';
import { connect } from '../../server/database/connect.js';
import type { TestDatabase } from './database.js';
import { StatementReader } from './statements.js';

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
  connections(): number;
}

interface Line {
  client: Socket;
  server: Socket;
}

/** A second way to the same database, with a pool of its own; `drop` closes the way and leaves the database. */
export async function proxyDatabase(database: TestDatabase): Promise<ProxiedDatabase> {
  const target = parseAddress(database.url);
  const targetHost = new URL(target.url).hostname;
  const lines = new Set<Line>();
  let statements: string[] = [];
  let held: (() => void)[] | null = null;
  let hangingUp = false;
  let attempts = 0;
  let server = newServer();

  /** Now, or in its turn when the line is let go. */
  const pass = (deliver: () => void): void => {
    if (held) held.push(deliver);
    else deliver();
  };

  function newServer(): Server {
    return createServer((client) => {
      attempts += 1;
      if (hangingUp) return void client.destroy();
      const upstream = target.socketFolder
        ? dial(`${target.socketFolder}/.s.PGSQL.${target.port}`)
        : dial(target.port, targetHost);
      const line = { client, server: upstream };
      const reader = new StatementReader((statement) => statements.push(statement));
      const end = (): void => {
        client.destroy();
        upstream.destroy();
        lines.delete(line);
      };
      lines.add(line);
      client.on('data', (chunk: Buffer) => {
        reader.feed(chunk);
        pass(() => upstream.write(chunk));
      });
      upstream.on('data', (chunk: Buffer) => pass(() => client.write(chunk)));
      for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    });
  }

  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });

  await listen(0);
  const { port } = server.address() as AddressInfo;
  const address = new URL(target.url);
  address.hostname = '127.0.0.1';
  address.port = String(port);
  const pool = connect({ url: address.href });

  const endLines = (): void => {
    attempts = 0;
    for (const line of lines) {
      line.client.destroy();
      line.server.destroy();
    }
  };
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    endLines();
    await closed;
  };
  const release = (): void => {
    const waiting = held ?? [];
    held = null;
    for (const deliver of waiting) deliver();
  };
  return {
    ...pool,
    url: address.href,
    takeStatements: () => {
      const taken = statements;
      statements = [];
      return taken;
    },
    cut,
    hangUp: () => {
      hangingUp = true;
      endLines();
    },
    attempts: () => attempts,
    restore: async () => {
      hangingUp = false;
      if (server.listening) return;
      server = newServer();
      await listen(port);
    },
    hold: () => {
      held ??= [];
    },
    release,
    connections: () => lines.size,
    drop: async () => {
      release();
      await pool.close();
      if (server.listening) await cut();
    },
  };
}
