// A TCP proxy in a test's hands: every way in which a network between two processes can fail. Knows bytes only, not what
// they mean. All its chance comes from the one generator that it is given.
import { createServer, connect as dial, type AddressInfo, type Server, type Socket } from 'node:net';

import { Random } from '../sim/random.js';
import { Flow, type Passage } from './tcp-flow.js';

/** A port of this machine, or a Unix socket. */
export type Upstream = { port: number; host?: string } | { path: string };

/** `up`: from who dialled to who was dialled. */
export type Way = 'up' | 'down';

export interface TcpProxyOptions {
  random?: Random;
  /** Sees each connection's bytes on their way up; made anew for each. */
  tap?: () => (chunk: Buffer) => void;
}

interface Line {
  client: Socket;
  server: Socket | null;
  up: Flow | null;
  down: Flow | null;
  /** Of the spread: what this line is slower than others. */
  lag: number;
  /** Swallows for good: as a network that forgot the connection, and tells neither end. */
  isLost: boolean;
}

const NO_TAP = (): void => {};

export class TcpProxy {
  readonly #random: Random;
  readonly #tap: () => (chunk: Buffer) => void;
  readonly #upstream: Upstream;
  readonly #lines = new Set<Line>();
  #server: Server | null = null;
  #port = 0;
  #dialled = 0;
  #delay = { ms: 0, jitterMs: 0, spreadMs: 0 };
  #bytesPerSecond: Record<Way, number | null> = { up: null, down: null };
  #isStalled: Record<Way, boolean> = { up: false, down: false };
  #isHangingUp = false;
  #isSwallowing = false;
  #idleMs = 0;

  private constructor(upstream: Upstream, { random = new Random(1), tap = () => NO_TAP }: TcpProxyOptions) {
    this.#upstream = upstream;
    this.#random = random;
    this.#tap = tap;
  }

  /** Listens on a free port of the loopback interface, and keeps that port. */
  static async open(upstream: Upstream, options: TcpProxyOptions = {}): Promise<TcpProxy> {
    const proxy = new TcpProxy(upstream, options);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#lines.size;
  }

  /** How often somebody dialled since the lines were last cut. */
  get dialled(): number {
    return this.#dialled;
  }

  /** Each chunk comes later by `ms` and up to `jitterMs`; each connection by its own part of `spreadMs` (reordering them). */
  delay(ms: number, jitterMs = 0, spreadMs = 0): void {
    this.#delay = { ms, jitterMs, spreadMs };
  }

  /** A line that drains slowly; who sends is pushed back on. */
  drip(bytesPerSecond: number, way: Way): void {
    this.#bytesPerSecond[way] = bytesPerSecond;
  }

  /** Nothing passes in this direction, or in both, until `heal`; then all of it arrives. */
  stall(...ways: Way[]): void {
    for (const way of ways.length > 0 ? ways : (['up', 'down'] as const)) this.#isStalled[way] = true;
  }

  /**
   * The open connections pass nothing any more, for good, and are not closed; new ones are as ever. Those that were lost earlier
   * end: whoever still held one has given it up by now, as a server's keepalives do.
   */
  lose(): void {
    for (const line of this.#lines) {
      if (line.isLost) for (const socket of [line.client, line.server]) socket?.destroy();
      line.isLost = true;
    }
  }

  /** Half-open: new connections are accepted and lost at once, until `heal`. */
  swallow(): void {
    this.#isSwallowing = true;
  }

  /** Cuts a connection over which nothing has passed for this long, either way; 0: none. */
  idle(milliseconds: number): void {
    this.#idleMs = milliseconds;
    for (const { client } of this.#lines) client.setTimeout(milliseconds);
  }

  /** Ends every connection: in order (FIN), or hard (RST), which discards what is on its way. */
  cut(how: 'fin' | 'rst' = 'rst'): void {
    this.#dialled = 0;
    for (const line of this.#lines) {
      for (const flow of [line.up, line.down]) flow?.drop();
      for (const socket of [line.client, line.server]) {
        if (how === 'fin') socket?.end();
        else if (socket) reset(socket);
      }
      if (how === 'fin') this.#forget(line);
    }
  }

  /** Ends every connection and refuses new ones, as a machine does whose server is down. */
  async refuse(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    this.#destroyAll();
    await closed;
  }

  /** Ends every connection; accepts new ones and hangs up at once, as a balancer in front of a server that is down. */
  hangUp(): void {
    this.#isHangingUp = true;
    this.#destroyAll();
  }

  /** As it should be. What was stalled arrives; lost connections stay lost. */
  async heal(): Promise<void> {
    this.#delay = { ms: 0, jitterMs: 0, spreadMs: 0 };
    this.#bytesPerSecond = { up: null, down: null };
    this.#isHangingUp = false;
    this.#isSwallowing = false;
    this.idle(0);
    this.flow();
    if (!this.#server) await this.#listen();
  }

  /** Ends a stall. */
  flow(): void {
    this.#isStalled = { up: false, down: false };
    for (const line of this.#lines) [line.up, line.down].forEach((flow) => flow?.go());
  }

  async close(): Promise<void> {
    await this.refuse();
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  #accept(client: Socket): void {
    this.#dialled += 1;
    client.on('error', () => client.destroy());
    client.setTimeout(this.#idleMs).on('timeout', () => reset(client));
    if (this.#isHangingUp) return void client.destroy();
    const line: Line = { client, server: null, up: null, down: null, lag: this.#random.next(), isLost: false };
    this.#lines.add(line);
    if (this.#isSwallowing) {
      line.isLost = true;
      client.resume();
      client.once('close', () => this.#forget(line));
      return;
    }
    const server = dial({ ...this.#upstream, allowHalfOpen: true });
    line.server = server;
    client.setNoDelay(true);
    server.setNoDelay(true);
    line.up = new Flow(client, server, this.#passage(line, 'up'), this.#tap());
    line.down = new Flow(server, client, this.#passage(line, 'down'), NO_TAP);
    server.on('error', () => this.#end(line, server));
    for (const socket of [client, server]) socket.once('close', () => this.#end(line, socket));
  }

  #passage(line: Line, way: Way): Passage {
    return {
      delay: () => {
        const { ms, jitterMs, spreadMs } = this.#delay;
        return ms + (jitterMs > 0 ? this.#random.next() * jitterMs : 0) + line.lag * spreadMs;
      },
      bytesPerSecond: () => this.#bytesPerSecond[way],
      isStalled: () => line.isLost || this.#isStalled[way],
    };
  }

  /** One end has gone: the other one is told, unless the line is lost. */
  #end(line: Line, gone: Socket): void {
    gone.destroy();
    if (line.isLost && !(line.client.destroyed && line.server?.destroyed !== false)) return;
    line.client.destroy();
    line.server?.destroy();
    this.#forget(line);
  }

  #forget(line: Line): void {
    for (const flow of [line.up, line.down]) flow?.drop();
    this.#lines.delete(line);
  }

  #destroyAll(): void {
    this.#dialled = 0;
    for (const line of this.#lines) {
      line.client.destroy();
      line.server?.destroy();
      this.#forget(line);
    }
  }
}

/** A socket file knows no RST. */
function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.remoteFamily) socket.resetAndDestroy();
  else socket.destroy();
}
