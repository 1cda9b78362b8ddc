// A real Socket.IO server, scripted by the test, and the widget's lines to it.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { afterAll } from 'vitest';
import { WebSocket } from 'ws';
import type { AppError } from '../../shared/errors.js';
import type { HandshakeAuth } from '../../shared/protocol.js';
import { Connections, type Connection } from '../../widget/net/connection.js';
import type { LineEvents } from '../../widget/net/transport.js';
import { systemClock, type Clock } from '../../widget/state/clock.js';
import type { share } from '../../widget/net/share.js';
import { SafeStorage, type Keep } from '../../widget/state/storage.js';
import { until } from './until.js';

/** As browsers have it (and Node from version 22 on): an error that nobody listens to is only followed by `close`. */
class BrowserSocket extends WebSocket {
  constructor(address: string) {
    super(address);
    this.on('error', () => {});
  }
}

/** Gives the tests of this file the `WebSocket` of browsers. */
export function useBrowserSocket(): void {
  const own = globalThis.WebSocket;
  globalThis.WebSocket = BrowserSocket as never;
  afterAll(() => {
    globalThis.WebSocket = own;
  });
}

export class LineDesk {
  http!: HttpServer;
  io!: Server;
  url = '';
  /** What each handshake said of itself, and what it is answered. */
  readonly hellos: HandshakeAuth[] = [];
  refuse: (auth: HandshakeAuth) => AppError | null = () => null;
  readonly sockets: Socket[] = [];
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: number[] = [];
  wake = (): void => {};
  readonly #releases: (() => void)[] = [];

  /** No jitter; none of the waits but the very long ones takes more than a tenth of a second. */
  readonly #clock: Clock = {
    ...systemClock,
    random: () => 0,
    setTimeout: (callback, ms) => {
      this.waits.push(ms);
      return systemClock.setTimeout(callback, ms < 10_000 ? Math.min(ms, 100) : ms);
    },
  };

  readonly keep = new SafeStorage(() => null);
  readonly connections = this.tab();

  /** The lines of a page of this browser; alone, unless it is told how to share. */
  tab(options: { widget?: string; keep?: Keep; share?: typeof share } = {}): Connections {
    return new Connections({
      widget: '1.2.3',
      keep: this.keep,
      clock: this.#clock,
      share: () => () => {},
      onWake: (callback) => {
        this.wake = callback;
        return () => {
          this.wake = () => {};
        };
      },
      ...options,
    });
  }

  /** Listens on a free port; before that, closes the server that was there. */
  async serve(options: Partial<ServerOptions> = {}): Promise<void> {
    await this.io?.close();
    this.http = createServer();
    this.io = new Server(this.http, options);
    this.io.use((socket, next) => {
      const auth = socket.handshake.auth as HandshakeAuth;
      this.hellos.push(auth);
      const error = this.refuse(auth);
      next(error ? Object.assign(new Error(error.message), { data: error.toBody() }) : undefined);
    });
    this.io.on('connection', (socket) => this.sockets.push(socket));
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.release();
    await this.io.close();
  }

  lineTo(server = this.url): Connection {
    return this.connections.line(server, 'site').line;
  }

  /** Wants this line until `release`. */
  hold(line: Connection): void {
    this.#releases.push(line.hold());
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }

  async connected(line = this.lineTo()): Promise<Connection> {
    this.hold(line);
    await until(() => line.connected && this.sockets.length > 0, 'the line to be up');
    return line;
  }
}

/** Everything that is heard on a line under this name, from now on. */
export function heard<K extends keyof LineEvents>(line: Connection, name: K): LineEvents[K][] {
  const found: LineEvents[K][] = [];
  line.on(name, (value) => found.push(value));
  return found;
}
