// One server process: the real service, pump, presence, routes and guard over an in-memory line. What stands in for the
// process's edge is here: admitting a socket, rooms, and dying.
import { Guests } from '../../server/accounts/guests.js';
import type { Tokens } from '../../server/accounts/tokens.js';
import type { Bus } from '../../server/bus/bus.js';
import { LocalBus, type LocalLine } from '../../server/bus/local.js';
import { toErrorBody } from '../../server/errors.js';
import { FirstPages } from '../../server/http/first-pages.js';
import { createLog } from '../../server/log.js';
import { NO_METRICS } from '../../server/metrics/metrics.js';
import { guard, parse } from '../../server/socket/guard.js';
import { RateLimits } from '../../server/socket/limits.js';
import { MergedLane, type MergedLaneOptions } from '../../server/socket/merged-lane.js';
import { leave, routesOf, type RoutesOptions } from '../../server/socket/routes.js';
import { HANDSHAKE } from '../../server/socket/schemas.js';
import type { ClientSocket, Session } from '../../server/socket/session.js';
import { SlowMode } from '../../server/socket/slow-mode.js';
import type { Store } from '../../server/store/store.js';
import { LiveThreads, type LiveOptions } from '../../server/threads/live.js';
import { digestOf } from '../../server/threads/present.js';
import { Presence } from '../../server/threads/presence.js';
import { Service } from '../../server/threads/service.js';
import type { ThreadIndex } from '../../server/threads/thread-index.js';
import { AppError } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import { DIGEST_EVERY_MS, PAGE_DEFAULT, SLOW_LANE_MS } from '../../shared/limits.js';
import type { Answer } from '../../shared/protocol.js';
import type { Cursor, Snapshot, Sort } from '../../shared/views.js';
import type { VirtualClock } from './clock.js';
import { flakyStore, type FlakyStore, type StoreFaults } from './flaky-store.js';
import type { Random } from './random.js';

export interface NodeOptions {
  name: string;
  store: Store;
  storeFaults: StoreFaults;
  bus: LocalLine;
  /** How often a hint to another node is lost. */
  hintLoss: number;
  /** More changes than these are too much to be told: a returning reader gets a snapshot. */
  gapMax: number;
  tokens: Tokens;
  clock: VirtualClock;
  random: Random;
}

/** The server's end of one connection. */
export interface ServerSocket {
  ask(event: string, payload: unknown): Promise<Answer<unknown>>;
  /** The server has noticed that the client is gone. */
  gone(): void;
}

/** How the server's end reaches the client. */
export interface ClientEnd {
  push(event: string, payload: unknown): void;
  /** The server hangs up. */
  hangUp(): void;
}

interface Open {
  session: Session;
  rooms: Set<string>;
  client: ClientEnd;
  connected: boolean;
}

/** Off; they would hold more memory than everything else here. */
const limits = new RateLimits(false);
const log = createLog({ level: 'fatal', pretty: false, to: { write: () => {} } });
/** Its queue runs by the turns of the real event loop, which a simulation doesn't have. */
const admission = { enter: () => Promise.resolve(() => {}) };

/** A simulation is too short for the server's own bound of what is too much to be told. */
class BriefThreads extends LiveThreads {
  readonly #gapMax: number;

  constructor(options: LiveOptions, gapMax: number) {
    super(options);
    this.#gapMax = gapMax;
  }

  override async delta(threadId: string, cursor: Cursor): ReturnType<LiveThreads['delta']> {
    const missed = (this.position(threadId)?.seq ?? 0) - cursor.seq;
    return missed > this.#gapMax ? 'snapshot' : super.delta(threadId, cursor);
  }
}

export class SimNode {
  readonly options: NodeOptions;
  readonly service: Service;
  readonly #pages: FirstPages;
  readonly #routes: RoutesOptions;
  readonly #merged: { slow: MergedLane; digest: MergedLane };
  readonly #sockets = new Set<Open>();
  readonly #flaky: FlakyStore;
  readonly #bus: Pick<Bus, 'start' | 'publish' | 'stop'>;
  isAlive = true;

  constructor(options: NodeOptions) {
    const { clock, tokens, name } = options;
    this.options = options;
    this.#flaky = flakyStore(options.store, options.storeFaults, clock, options.random);
    const { store } = this.#flaky;
    const lossy = new LocalBus(options.bus);
    const bus: Pick<Bus, 'start' | 'publish' | 'stop'> = {
      start: (listener) => lossy.start(listener),
      publish: (hint) => {
        if (!options.random.chance(options.hintLoss)) lossy.publish(hint);
      },
      stop: () => lossy.stop(),
    };
    this.#bus = bus;
    const live = new BriefThreads(
      {
        store,
        clock,
        log,
        publish: (delta) => this.#toRoom(delta.thread, 'thread:delta', delta),
        resync: (thread) => {
          this.#toRoom(thread.id, 'thread:stale', { thread: thread.id, head: thread.head });
        },
      },
      options.gapMax,
    );
    const presence = new Presence({
      node: name,
      clock,
      bus,
      position: (thread) => live.told(thread),
      beat: (beat) => {
        this.#toRoom(beat.thread, 'thread:beat', beat);
        merged.slow.beat(beat);
        merged.digest.beat(beat);
      },
    });
    const merging = {
      clock,
      live,
      has: (room) => [...this.#sockets].some(({ rooms }) => rooms.has(room)),
      busyMs: () => 0,
      emit: (room, event, payload) => this.#toRoom(room, event, payload),
    } satisfies Partial<MergedLaneOptions>;
    const merged = (this.#merged = {
      slow: new MergedLane({ ...merging, lane: 'slow', everyMs: SLOW_LANE_MS }),
      digest: new MergedLane({ ...merging, lane: 'digest', everyMs: DIGEST_EVERY_MS, shape: digestOf }),
    });
    this.service = new Service({ store, live, bus, index: indexOver(store), clock });
    this.#pages = new FirstPages(this.service.threads, admission);
    const slowMode = new SlowMode({ isOn: false, clock });
    const audience: RoutesOptions['audience'] = {
      enter: (room, socket) => void socket.join(room),
      leave: (room, socket) => void socket.leave(room),
    };
    this.#routes = {
      service: this.service,
      guests: new Guests(store, tokens),
      live,
      presence,
      merged,
      audience,
      slowMode,
      limits: { charge: () => {} },
    };
    void bus.start((hint) => {
      if (hint.kind === 'head') this.service.heard(hint.thread, hint.head);
      else if (hint.kind === 'presence') presence.heard(hint);
      else void live.pollNow();
    });
    live.start();
    presence.start();
    merged.slow.start();
    merged.digest.start();
  }

  /** What HTTP answers. */
  async firstPage(siteId: string, key: string, sort: Sort): Promise<Snapshot> {
    const limit = PAGE_DEFAULT;
    const { bytes } = await this.#pages.get({ siteId, key, sort, limit, encoding: 'identity', has: () => false });
    return JSON.parse(bytes!.toString()) as Snapshot;
  }

  /** The handshake; throws the ErrorBody of a refusal. */
  async admit(auth: unknown, client: ClientEnd): Promise<ServerSocket> {
    const { store } = this.#flaky;
    const { guests } = this.#routes;
    try {
      const { site: siteId, token } = parse(HANDSHAKE, auth);
      const site = await store.site(siteId);
      if (!site) throw new AppError('site_unknown');
      const bearer = token === undefined ? null : await guests.byToken(site, token);
      const [author, freshToken] = [bearer?.author ?? null, bearer?.fresh ?? null];
      const session: Session = {
        site,
        author,
        address: '',
        freshToken,
        threads: new Set(),
        stale: false,
        direct: false,
      };
      return this.#open({ session, rooms: new Set(), client, connected: true });
    } catch (error) {
      throw toErrorBody(error, log, {});
    }
  }

  #open(open: Open): ServerSocket {
    const socket = {
      data: open.session,
      get connected() {
        return open.connected;
      },
      join: (room: string) => open.rooms.add(room),
      leave: (room: string) => open.rooms.delete(room),
    } as unknown as ClientSocket;
    this.#sockets.add(open);
    const routes = routesOf(this.#routes);
    const payer = () => ({ socket: '', author: undefined, address: '' });
    const refresh = () => Promise.resolve();
    const listener = guard({ routes, limits, admission, log, metrics: NO_METRICS, payer, refresh }, socket);
    return {
      ask: (event, payload) =>
        new Promise((resolve) => {
          if (!this.isAlive) return;
          listener(event, payload, (answer: Answer<unknown>) => this.isAlive && resolve(answer));
        }),
      gone: () => {
        if (!this.#sockets.delete(open) || !this.isAlive) return;
        open.connected = false;
        for (const thread of open.session.threads) leave(socket, thread, this.#routes);
      },
    };
  }

  #toRoom(room: string, event: string, payload: unknown): void {
    if (!this.isAlive) return;
    for (const { rooms, client } of this.#sockets) if (rooms.has(room)) client.push(event, payload);
  }

  /** PUMP4: takes one reader off the live lane, as for a line that doesn't drain; the function tells it later. */
  takeOff(random: Random): () => void {
    const open = random.pick([...this.#sockets]);
    open?.rooms.clear();
    return () => {
      for (const thread of open?.session.threads ?? []) open?.client.push('thread:stale', { thread, head: 0 });
    };
  }

  /** `SIGTERM`: each reader gets its own delay, then the lines are cut. */
  drain(random: Random): void {
    for (const { client } of this.#sockets) client.push('server:drain', { reconnectInMs: 250 + random.below(5_000) });
    this.#end();
  }

  /** `SIGKILL`: whatever was about to happen in this process does not. `silently`: the lines look open for a while. */
  crash(silently: boolean): void {
    this.#flaky.die();
    this.#end(silently);
  }

  /** Ends the timers, too; nothing is told any more. */
  #end(silently = false): void {
    this.isAlive = false;
    this.#flaky.die();
    this.#routes.live.stop();
    this.#routes.presence.stop();
    this.#merged.slow.stop();
    this.#merged.digest.stop();
    void this.#bus.stop();
    if (!silently) for (const { client } of this.#sockets) client.hangUp();
    this.#sockets.clear();
  }

  stop(): void {
    this.crash(true);
  }
}

/** The real index without its cache, whose allocation would take most of a simulation's time. */
function indexOver(store: Store): ThreadIndex {
  const index: Pick<ThreadIndex, 'open' | 'find' | 'siteOf'> = {
    open: async (thread) => (await store.openThread({ id: newId(), epoch: newId(), ...thread })).id,
    find: async (siteId, key) => (await store.findThread(siteId, key))?.id ?? null,
    siteOf: async (threadId) => (await store.thread(threadId))?.siteId ?? null,
  };
  return index as ThreadIndex;
}
