// The Socket.IO server: who may connect, and what a connection can do. Pushes go through `publish`, `beat` and `resync`;
// everything a client asks goes through the guard.
import type { Server as HttpServer } from 'node:http';
import proxyaddr from '@fastify/proxy-addr';
import { Server } from 'socket.io';

import { AppError } from '../../shared/errors.js';
import { DIGEST_EVERY_MS, MESSAGE_BYTES_MAX, SLOW_LANE_MS } from '../../shared/limits.js';
import { PROTOCOLS_SERVED, type Beat, type ClientToServer, type ServerToClient } from '../../shared/protocol.js';
import type { Delta } from '../../shared/views.js';
import type { Clock } from '../clock.js';
import type { Admission } from '../admission.js';
import { inTime } from '../deadline.js';
import { toErrorBody } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Sites } from '../sites/sites.js';
import type { ThreadRow } from '../store/store.js';
import { digestOf } from '../threads/present.js';
import type { Tracing } from '../tracing/tracing.js';
import { Audience } from './audience.js';
import { BoundedDecoder, FloodDecoder } from './decoder.js';
import { AnswerEncoder, AnswerFrames } from './encoder.js';
import { cutOff, frameAnswers, isDirect, jitterPings, noteAnswer, release } from './engine.js';
import { guard, parse, type GuardOptions } from './guard.js';
import type { RateLimits } from './limits.js';
import { MergedLane, type MergedLaneOptions } from './merged-lane.js';
import { NoRooms } from './no-rooms.js';
import { crossOrigin, onlyPolls } from './polling.js';
import { leave, routesOf, type RoutesOptions } from './routes.js';
import { HANDSHAKE } from './schemas.js';
import { Sender } from './sender.js';
import type { ClientSocket, Session } from './session.js';
import { Strangers } from './strangers.js';
import { boundWebSockets } from './ws-server.js';

export interface GatewayOptions extends Omit<RoutesOptions, 'merged' | 'audience'> {
  sites: Sites;
  limits: RateLimits;
  admission: Pick<Admission, 'enter'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tracing: Tracing;
  trust(address: string, hop: number): boolean;
}

type Io = Server<ClientToServer, ServerToClient, Record<string, never>, Session>;

export class Gateway {
  readonly #io: Io;
  readonly #audience: Audience;
  readonly #frames = new AnswerFrames();
  #sender: Sender | null = null;
  #merged: { slow: MergedLane; digest: MergedLane } | null = null;

  /** `isLimited`: floods are cut (REQ10). */
  constructor(metrics: Metrics, log: Log, isLimited: boolean) {
    this.#audience = new Audience(metrics, (error) =>
      log.warn({ error }, 'a line that could not be written to was cut'),
    );
    const frames = this.#frames;
    const Encoder = class extends AnswerEncoder {
      constructor() {
        super(frames);
      }
    };
    this.#io = new Server({
      transports: ['websocket', 'polling'],
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MESSAGE_BYTES_MAX,
      adapter: NoRooms,
      parser: { Encoder, Decoder: isLimited ? FloodDecoder : BoundedDecoder },
    });
  }

  /** Begins to accept connections on this HTTP server. */
  start(http: HttpServer, options: GatewayOptions): void {
    this.#sender = new Sender({
      io: this.#io.of('/'),
      audience: this.#audience,
      clock: options.clock,
      metrics: options.metrics,
      position: (thread) => options.live.position(thread),
    });
    this.#io.use((socket, next) => {
      inTime(this.#admit(socket, options)).then(
        () => next(),
        (error: unknown) => next(refusal(error, socket, options)),
      );
    });
    const merging = {
      clock: options.clock,
      live: options.live,
      has: (room) => this.#audience.has(room),
      busyMs: (room) => this.#audience.busyMs(room),
      emit: (room, event, payload) => this.#audience.push(room, event, payload as never),
    } satisfies Partial<MergedLaneOptions>;
    const slow = new MergedLane({ ...merging, lane: 'slow', everyMs: SLOW_LANE_MS });
    const digest = new MergedLane({ ...merging, lane: 'digest', everyMs: DIGEST_EVERY_MS, shape: digestOf });
    const merged = (this.#merged = { slow, digest });
    const routes: RoutesOptions = { ...options, merged, audience: this.#audience };
    const asked: GuardOptions = {
      routes: routesOf(routes),
      refresh: async ({ data }) => {
        data.site = await options.sites.get(data.site.id);
      },
      limits: options.limits,
      admission: options.admission,
      log: options.log,
      metrics: options.metrics,
      tracing: options.tracing,
      payer: ({ id, data }) => ({ socket: id, author: data.author?.id, address: data.address }),
    };
    const framed = frameAnswers((text) => this.#frames.frameOf(text));
    this.#io.on('connection', (socket) => {
      socket.conn.on('packetCreate', framed);
      options.log.debug({ connection: socket.id, transport: socket.conn.transport.name }, 'connected');
      strangers.welcome(socket.conn);
      release(socket);
      socket.data.direct = isDirect(socket);
      if (!socket.data.direct) {
        socket.conn.once('upgrade', () => {
          strangers.welcome(socket.conn);
          socket.data.direct = isDirect(socket);
        });
      }
      socket.onAny(guard(asked, socket));
      socket.on('disconnect', (reason) => {
        options.log.debug({ connection: socket.id, reason }, 'disconnected');
        for (const thread of socket.data.threads) leave(socket, thread, routes);
        // Nothing else is on this line, and the request that tells whose it is was let go of.
        if (reason === 'client namespace disconnect') socket.conn.close();
      });
    });
    // What asks for another protocol elsewhere is refused by `http/connections.ts`.
    this.#io.attach(http, { destroyUpgrade: false });
    this.#io.engine.use(crossOrigin);
    this.#io.engine.use(onlyPolls);
    this.#io.engine.use(noteAnswer);
    const strangers = new Strangers(this.#io.engine, options);
    boundWebSockets(this.#io.engine.opts);
    jitterPings(this.#io.engine.opts);
    this.#sender.start();
    slow.start();
    digest.start();
  }

  /** Protocol number first, then the shape, the site, the origin, and the token: each refusal says the most it can. */
  async #admit(socket: ClientSocket, options: GatewayOptions): Promise<void> {
    const address = proxyaddr(socket.request, options.trust);
    options.limits.charge('connect', { address });
    const done = await options.admission.enter('line');
    await this.#introduce(socket, address, options).finally(done);
  }

  async #introduce(socket: ClientSocket, address: string, options: GatewayOptions): Promise<void> {
    const { auth, headers } = socket.handshake;
    const protocol: unknown = auth['protocol'];
    if (typeof protocol === 'number' && !PROTOCOLS_SERVED.includes(protocol))
      throw new AppError('protocol_unsupported');
    const { site: siteId, token } = parse(HANDSHAKE, auth);
    const site = await options.sites.get(siteId);
    options.sites.mustAccept(site, headers.origin);
    const bearer = token === undefined ? null : await options.guests.byToken(site, token);
    const [author, freshToken] = [bearer?.author ?? null, bearer?.fresh ?? null];
    socket.data = { site, author, address, freshToken, threads: new Set(), stale: false, direct: false };
  }

  publish(delta: Delta): void {
    this.#audience.push(delta.thread, 'thread:delta', delta);
  }

  /** How long the process was busy with writing the thread's last push. */
  busyMs(threadId: string): number {
    return this.#audience.busyMs(threadId);
  }

  /** Not Socket.IO's `volatile`: that drops the second of two beats of one moment, for ever the same one (CUR4). */
  beat(beat: Beat): void {
    this.#audience.push(beat.thread, 'thread:beat', beat);
    this.#merged?.slow.beat(beat);
    this.#merged?.digest.beat(beat);
  }

  /** All readers of the thread have to join again. The other lanes see it by themselves when they are told next. */
  resync(thread: ThreadRow): void {
    this.#audience.push(thread.id, 'thread:stale', { thread: thread.id, head: thread.head });
  }

  get connections(): number {
    return this.#io.of('/').sockets.size;
  }

  /** Looks at each: for whoever watches, now and then. */
  census(): { websocket: number; polling: number; slow: number } {
    const found = { websocket: 0, polling: 0, slow: 0 };
    for (const { conn, data } of this.#io.of('/').sockets.values()) {
      found[conn.transport.name === 'polling' ? 'polling' : 'websocket'] += 1;
      if (data.stale) found.slow += 1;
    }
    return found;
  }

  /**
   * Tells every reader to come back after a delay of its own, spread over `spreadMs`, and hangs up. Ends when the
   * sockets are closed; the HTTP server closes with it.
   */
  async drain(spreadMs: number): Promise<void> {
    this.#sender?.stop();
    this.#merged?.slow.stop();
    this.#merged?.digest.stop();
    for (const socket of this.#io.of('/').sockets.values()) {
      socket.emit('server:drain', { reconnectInMs: Math.round(250 + Math.random() * spreadMs) });
    }
    // One turn of the loop for the farewells to leave the buffers before the lines are cut.
    await new Promise((resolve) => setTimeout(resolve, this.connections > 0 ? 50 : 0));
    for (const socket of this.#io.of('/').sockets.values()) {
      // Between two polls there is nobody to tell, and the engine would wait for the next one for half a minute.
      if (socket.conn.transport.name === 'polling') cutOff(socket);
      else socket.disconnect(true);
    }
    await this.#io.close();
  }
}

function refusal(error: unknown, socket: ClientSocket, { log, metrics }: GatewayOptions): Error & { data: unknown } {
  const body = toErrorBody(error, log, { event: 'handshake', connection: socket.id });
  metrics.refused('connect', body.code);
  return Object.assign(new Error(body.message), { data: body });
}
