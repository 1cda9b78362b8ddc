// The Socket.IO server: who may connect, and what a connection can do. Pushes go through `publish`, `beat` and `resync`;
// everything a client asks goes through the guard.
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import proxyaddr from '@fastify/proxy-addr';
import { Server } from 'socket.io';

import { AppError } from '../../shared/errors.js';
import { MESSAGE_BYTES_MAX } from '../../shared/limits.js';
import { PROTOCOLS_SERVED, type Beat, type ClientToServer, type ServerToClient } from '../../shared/protocol.js';
import type { Delta } from '../../shared/views.js';
import type { Clock } from '../clock.js';
import { inTime } from '../deadline.js';
import { toErrorBody } from '../errors.js';
import type { Log } from '../log.js';
import type { Sites } from '../sites/sites.js';
import type { ThreadRow } from '../store/store.js';
import { guard, parse, type GuardOptions } from './guard.js';
import type { RateLimits } from './limits.js';
import { leave, routesOf, type RoutesOptions } from './routes.js';
import { HANDSHAKE } from './schemas.js';
import { Sender } from './sender.js';
import type { ClientSocket, Session } from './session.js';
import { SlowLane, slowRoom } from './slow-lane.js';

export interface GatewayOptions extends Omit<RoutesOptions, 'slow'> {
  sites: Sites;
  limits: RateLimits;
  clock: Clock;
  log: Log;
  trust(address: string, hop: number): boolean;
}

type Io = Server<ClientToServer, ServerToClient, Record<string, never>, Session>;

/** What the engine keeps of the HTTP request that opened a connection; not needed after the handshake. */
interface Retained {
  request: IncomingMessage | null;
}

export class Gateway {
  readonly #io: Io;
  #sender: Sender | null = null;
  #slow: SlowLane | null = null;

  constructor() {
    this.#io = new Server({
      transports: ['websocket', 'polling'],
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MESSAGE_BYTES_MAX,
      // Which origins a site accepts is decided in the handshake, where the site is known.
      cors: { origin: true },
    });
  }

  /** Begins to accept connections on this HTTP server. */
  start(http: HttpServer, options: GatewayOptions): void {
    this.#sender = new Sender({
      io: this.#io.of('/'),
      clock: options.clock,
      position: (thread) => options.live.position(thread),
    });
    this.#io.use((socket, next) => {
      inTime(this.#admit(socket, options)).then(
        () => next(),
        (error: unknown) => next(refusal(error, options.log)),
      );
    });
    const slow = new SlowLane({
      clock: options.clock,
      live: options.live,
      has: (room) => this.#io.of('/').adapter.rooms.has(room),
      emit: (room, ...[event, payload]) => this.#io.to(room).emit(event, payload as never),
    });
    this.#slow = slow;
    const routes: RoutesOptions = { ...options, slow };
    const asked: GuardOptions = {
      routes: routesOf(routes),
      refresh: async ({ data }) => {
        data.site = await options.sites.get(data.site.id);
      },
      limits: options.limits,
      log: options.log,
      payer: ({ id, data }) => ({ socket: id, author: data.author?.id, address: data.address }),
    };
    this.#io.on('connection', (socket) => {
      release(socket);
      socket.onAny(guard(asked, socket));
      socket.on('disconnect', () => {
        for (const thread of socket.data.threads) leave(socket, thread, routes);
      });
    });
    this.#io.attach(http);
    this.#sender.start();
    slow.start();
  }

  /** Protocol number first, then the shape, the site, the origin, and the token: each refusal says the most it can. */
  async #admit(socket: ClientSocket, options: GatewayOptions): Promise<void> {
    const { auth, headers } = socket.handshake;
    const address = proxyaddr(socket.request, options.trust);
    options.limits.charge('connect', { address });
    const protocol: unknown = auth['protocol'];
    if (typeof protocol === 'number' && !PROTOCOLS_SERVED.includes(protocol))
      throw new AppError('protocol_unsupported');
    const { site: siteId, token } = parse(HANDSHAKE, auth);
    const site = await options.sites.get(siteId);
    options.sites.mustAccept(site, headers.origin);
    const author = token === undefined ? null : await options.guests.byToken(site, token);
    if (token !== undefined && !author) throw new AppError('token_invalid');
    socket.data = { site, author, address, threads: new Set(), stale: false };
  }

  publish(delta: Delta): void {
    this.#io.to(delta.thread).emit('thread:delta', delta);
  }

  /** Not Socket.IO's `volatile`: that drops the second of two beats of one moment, for ever the same one (CUR4). */
  beat(beat: Beat): void {
    this.#io.to(beat.thread).emit('thread:beat', beat);
    this.#slow?.beat(beat);
  }

  /** All readers of the thread have to join again. */
  resync(thread: ThreadRow): void {
    this.#io.to([thread.id, slowRoom(thread.id)]).emit('thread:stale', { thread: thread.id, head: thread.head });
  }

  get connections(): number {
    return this.#io.of('/').sockets.size;
  }

  /**
   * Tells every reader to come back after a delay of its own, spread over `spreadMs`, and hangs up. Ends when the
   * sockets are closed; the HTTP server closes with it.
   */
  async drain(spreadMs: number): Promise<void> {
    this.#sender?.stop();
    this.#slow?.stop();
    for (const socket of this.#io.of('/').sockets.values()) {
      socket.emit('server:drain', { reconnectInMs: Math.round(250 + Math.random() * spreadMs) });
    }
    // One turn of the loop for the farewells to leave the buffers before the lines are cut.
    await new Promise((resolve) => setTimeout(resolve, this.connections > 0 ? 50 : 0));
    this.#io.disconnectSockets(true);
    await this.#io.close();
  }
}

function refusal(error: unknown, log: Log): Error & { data: unknown } {
  const body = toErrorBody(error, log, { event: 'handshake' });
  return Object.assign(new Error(body.message), { data: body });
}

/** Lets go of the request: about 2 kB a reader (its headers, socket and parser). Polling still reads it. */
function release(socket: ClientSocket): void {
  if (socket.conn.transport.name !== 'websocket') return;
  (socket.conn as unknown as Retained).request = null;
}
