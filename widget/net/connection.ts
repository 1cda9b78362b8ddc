// The line to a server: the only module that knows socket.io-client. Owns when to connect, and nothing of what is said.
import { Manager, type Socket } from 'socket.io-client';
import type { ErrorBody } from '../../shared/errors.js';
import { REQUEST_TIMEOUT_MS } from '../../shared/limits.js';
import {
  PROTOCOL,
  type Answer,
  type DataOf,
  type HandshakeAuth,
  type RequestName,
  type RequestOf,
} from '../../shared/protocol.js';
import type { Me } from '../../shared/views.js';
import { Identity } from '../state/identity.js';
import { SafeStorage, scopeOf, type Keep } from '../state/storage.js';
import { Backoff } from './backoff.js';
import { systemClock, type Clock, type Timer } from '../state/clock.js';
import { Emitter } from './emitter.js';
import { Guest } from './guest.js';
import { reactionTo } from '../state/reactions.js';
import type { Line, LineEvents, Lines } from './transport.js';
import { onWake } from './wake.js';

/** For the transport: polling, behind a proxy that swallows WebSockets, comes second in it. */
const OPEN_TIMEOUT_MS = 10_000;
/** An attempt that takes longer has failed, also where the server took the line but never said a word. */
const ATTEMPT_TIMEOUT_MS = 15_000;
/** A line that held this long was a good one: after its loss the first attempt is soon. */
const STEADY_MS = 10_000;
const PUSHES = ['thread:delta', 'thread:beat', 'thread:stale'] as const;

export interface ConnectionOptions {
  server: string;
  site: string;
  /** The widget's version, for the server's log. */
  widget?: string | undefined;
  identity: Identity;
  clock: Clock;
  onWake: typeof onWake;
}

/**
 * One socket, shared by all discussions of a page on this site. Socket.IO's own reconnection is off: here the wait has
 * full jitter, honours what the server says (`retryAfterMs`, `server:drain`), and ends when the browser wakes.
 */
export class Connection implements Line {
  readonly #options: ConnectionOptions;
  readonly #events = new Emitter<LineEvents>();
  readonly #backoff: Backoff;
  readonly #socket: Socket;
  readonly #readers = new Map<string, number>();
  #holders = 0;
  #sleep = (): void => {};
  #timer: Timer | null = null;
  #upAt = 0;
  #token: string | null = null;
  #refusal: ErrorBody | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.clock);
    const { origin, pathname } = new URL(options.server);
    const manager = new Manager(origin, {
      path: `${pathname.replace(/\/$/, '')}/socket.io/`,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      timeout: OPEN_TIMEOUT_MS,
      reconnection: false,
      autoConnect: false,
    });
    this.#socket = manager.socket('/', { auth: (give: (auth: HandshakeAuth) => void) => give(this.#introduce()) });
    this.#listen();
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  get refusal(): ErrorBody | null {
    return this.#refusal;
  }

  get token(): string | null {
    return this.#token;
  }

  speaksFor(token: string, me: Me): void {
    this.#token = token;
    this.#events.emit('me', me);
  }

  on<K extends keyof LineEvents>(name: K, listener: (value: LineEvents[K]) => void): () => void {
    return this.#events.on(name, listener);
  }

  request<N extends RequestName>(name: N, payload: RequestOf<N>): Promise<Answer<DataOf<N>> | null> {
    if (!this.connected) return Promise.resolve(null);
    return new Promise((resolve) => {
      const settle = (error: Error | null, answer: Answer<DataOf<N>>): void => resolve(error ? null : answer);
      this.#socket.timeout(REQUEST_TIMEOUT_MS).emit(name, payload, settle);
    });
  }

  tellTyping(thread: string, parent: string | null): void {
    if (this.connected) this.#socket.volatile.emit('thread:typing', { thread, parent });
  }

  enter(thread: string): () => void {
    this.#readers.set(thread, (this.#readers.get(thread) ?? 0) + 1);
    return () => {
      const left = this.#readers.get(thread)! - 1;
      this.#readers.set(thread, left);
      if (left === 0) void this.request('thread:leave', { thread });
    };
  }

  hold(): () => void {
    if (this.#holders++ === 0) this.#open();
    return () => {
      if (--this.#holders === 0) this.#close();
    };
  }

  restart(): void {
    if (this.#holders === 0) return;
    this.#socket.disconnect();
    this.#after(ATTEMPT_TIMEOUT_MS, () => {
      this.#socket.disconnect();
      this.#failed(undefined);
    });
    this.#socket.connect();
  }

  #open(): void {
    this.#refusal = null;
    this.#backoff.reset();
    this.#sleep = this.#options.onWake(() => {
      if (this.connected || this.#refusal) return;
      this.#backoff.reset();
      this.restart();
    });
    this.restart();
  }

  #close(): void {
    this.#sleep();
    this.#socket.disconnect();
    this.#cancel();
  }

  #introduce(): HandshakeAuth {
    const { site, widget, identity } = this.#options;
    const { token } = identity.read();
    this.#token = token;
    return { protocol: PROTOCOL, site, ...(widget && { widget }), ...(token !== null && { token }) };
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('connect', () => {
      this.#cancel();
      this.#upAt = this.#options.clock.now();
      this.#events.emit('up', null);
    });
    socket.on('disconnect', () => {
      if (this.#options.clock.now() - this.#upAt > STEADY_MS) this.#backoff.reset();
      this.#events.emit('down', null);
      // After `server:drain` the server has said when.
      if (this.#timer === null) this.#retryIn(this.#backoff.next());
    });
    socket.on('connect_error', (error: Error & { data?: ErrorBody }) => this.#failed(error.data));
    socket.on('server:drain', ({ reconnectInMs }: { reconnectInMs: number }) => this.#retryIn(reconnectInMs));
    for (const name of PUSHES) socket.on(name, (value) => this.#events.emit(name, value as never));
  }

  #failed(error: ErrorBody | undefined): void {
    if (this.#holders === 0) return;
    const reaction = error?.code ? reactionTo(error) : 'wait';
    if (reaction === 'identify' && this.#token !== null) {
      // The token is of another time or server. One can read without; the name gets another when it is needed.
      this.#options.identity.drop(this.#token);
      this.restart();
    } else if (error && reaction !== 'wait') {
      this.#cancel();
      this.#refusal = error;
      this.#events.emit('refused', error);
    } else {
      this.#events.emit('failed', null);
      this.#retryIn(this.#backoff.next(error?.retryAfterMs));
    }
  }

  #retryIn(ms: number): void {
    this.#after(ms, () => this.restart());
  }

  /** The one timer: a new plan replaces the old. */
  #after(ms: number, plan: () => void): void {
    this.#cancel();
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = null;
      plan();
    }, ms);
  }

  #cancel(): void {
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** The lines of a page: made once, by the widget's entry. */
export class Connections implements Lines {
  readonly keep: Keep;
  readonly clock: Clock;
  readonly #widget: string | undefined;
  readonly #onWake: typeof onWake;
  readonly #lines = new Map<string, { line: Connection; guest: Guest }>();

  constructor(options: { widget?: string; keep?: Keep; clock?: Clock; onWake?: typeof onWake } = {}) {
    this.keep = options.keep ?? new SafeStorage();
    this.clock = options.clock ?? systemClock;
    this.#widget = options.widget;
    this.#onWake = options.onWake ?? onWake;
  }

  line(server: string, site: string): { line: Connection; guest: Guest } {
    const scope = scopeOf(server, site);
    let known = this.#lines.get(scope);
    if (!known) {
      const identity = new Identity(this.keep, scope);
      const line = new Connection({
        server,
        site,
        widget: this.#widget,
        identity,
        clock: this.clock,
        onWake: this.#onWake,
      });
      known = { line, guest: new Guest(line, identity) };
      this.#lines.set(scope, known);
    }
    return known;
  }
}
