// Stands between a server and its database and hears when the server is told that a row is in: the first moment at
// which it may publish it, and how many statements it was asked for. Passes every byte on unchanged.
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import { parseAddress } from '../../../server/database/address.js';
import { now } from '../harness/clock.js';
import { StatementCounter } from './statements.js';

export interface TapOptions {
  /** Of the database, over a unix socket. */
  url: string;
  /** A folder for the tap's own socket. */
  folder: string;
}

export class Tap {
  /** The database's address through the tap. */
  readonly url: string;
  readonly #server: Server;
  readonly #lines = new Set<Socket>();
  readonly #counters: StatementCounter[] = [];
  readonly #awaited = new Map<string, (at: number) => void>();

  private constructor(url: string, server: Server) {
    this.url = url;
    this.#server = server;
  }

  static async open({ url, folder }: TapOptions): Promise<Tap> {
    const { socketFolder, port } = parseAddress(url);
    if (socketFolder === undefined) throw new Error('the tap needs a database on a unix socket');
    const name = `.s.PGSQL.${port}`;
    const tapped = new URL(url);
    tapped.searchParams.set('host', folder);
    await rm(join(folder, name), { force: true });
    const server = createServer();
    const tap = new Tap(tapped.href, server);
    server.on('connection', (near) => tap.#join(near, connect(join(socketFolder, name))));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(join(folder, name), resolve);
    });
    return tap;
  }

  /** Tells when the database's answer that names this id is handed to the server. */
  await(id: string, onHanded: (at: number) => void): void {
    this.#awaited.set(id, onHanded);
  }

  /** Statements that were executed through it, ever. */
  get statements(): number {
    return this.#counters.reduce((sum, { count }) => sum + count, 0);
  }

  close(): void {
    this.#server.close();
    for (const line of this.#lines) line.destroy();
  }

  #join(near: Socket, far: Socket): void {
    for (const line of [near, far]) {
      this.#lines.add(line);
      line.on('close', () => {
        this.#lines.delete(line);
        near.destroy();
        far.destroy();
      });
      // An end of either side is told by its `close`.
      line.on('error', () => {});
    }
    const counter = new StatementCounter();
    this.#counters.push(counter);
    near.on('data', (bytes) => {
      counter.push(bytes);
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      this.#look(bytes);
      near.write(bytes);
    });
  }

  #look(bytes: Buffer): void {
    for (const [id, onHanded] of this.#awaited) {
      if (!bytes.includes(id)) continue;
      this.#awaited.delete(id);
      onHanded(now());
    }
  }
}
