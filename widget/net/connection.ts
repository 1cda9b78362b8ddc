// The line to a server: one wire for all discussions of a page. Owns when to connect and by which wire, and nothing of
// what is said.
import type { ErrorBody } from '../../shared/errors.js';
import { BEAT_EVERY_MS, REQUEST_TIMEOUT_MS } from '../../shared/limits.js';
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
import { part } from '../part.js';
import { Backoff } from './backoff.js';
import { systemClock, type Clock, type Timer } from '../state/clock.js';
import { Emitter } from './emitter.js';
import { Guest } from './guest.js';
import { reactionTo } from '../state/reactions.js';
import { share, type SharedLine } from './share.js';
import type { LineEvents, Lines } from './transport.js';
import { onWake } from './wake.js';
import { SocketWire, type Wire, type WireEvents } from './wire.js';

/** An attempt that takes longer has failed, also where the server took the line but never said a word. */
const ATTEMPT_TIMEOUT_MS = 15_000;
/** A line that held this long was a good one: after its loss the first attempt is soon. */
const STEADY_MS = 10_000;
/** Who wakes hears a beat within this time, or the line died in the sleep. */
const BEAT_BY_MS = BEAT_EVERY_MS + 2_000;

export interface ConnectionOptions {
  server: string;
  site: string;
  /** The widget's version, for the server's log. */
  widget?: string | undefined;
  identity: Identity;
  clock: Clock;
  onWake: typeof onWake;
  share: typeof share;
}

/**
 * One line, shared by all discussions of a page on this site. Attempts are made here: the wait between them has full
 * jitter, honours what the server says (`retryAfterMs`, `server:drain`), and ends when the browser wakes.
 *
 * By WebSocket; where none ever got through, every second attempt polls, and once that was up the page stays with it.
 * Where another tab has a line already, over that.
 */
export class Connection implements SharedLine {
  readonly options: ConnectionOptions;
  readonly #events = new Emitter<LineEvents>();
  readonly #backoff: Backoff;
  readonly #socket: SocketWire;
  /** What the next attempt is made with, unless that polls. */
  #home: Wire;
  #wire: Wire;
  readonly #readers = new Map<string, number>();
  /** Under way: of which thread each is, its answer tells. */
  readonly #joins = new Set<Promise<unknown>>();
  #holders = 0;
  #unlisten = (): void => {};
  #unshare = (): void => {};
  #timer: Timer | null = null;
  #upAt = 0;
  /** Of an attempt that is planned; 0: none is. */
  retryAt = 0;
  token: string | null = null;
  refusal: ErrorBody | null = null;
  trouble: ErrorBody | undefined;

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.#backoff = new Backoff(options.clock);
    this.#socket = new SocketWire(options.server, this.#heard());
    this.#wire = this.#home = this.#socket;
  }

  get connected(): boolean {
    return this.#wire.isUp;
  }

  get isSlow(): boolean {
    return !!this.#wire.isSlow;
  }

  speaksFor(token: string, me: Me): void {
    this.token = token;
    this.#events.emit('me', me);
  }

  on<K extends keyof LineEvents>(name: K, listener: (value: LineEvents[K]) => void): () => void {
    return this.#events.on(name, listener);
  }

  request<N extends RequestName>(name: N, payload: RequestOf<N>): Promise<Answer<DataOf<N>> | null> {
    if (!this.connected) return Promise.resolve(null);
    const answer = this.#wire.ask(name, payload, REQUEST_TIMEOUT_MS);
    if (name === 'thread:join') {
      this.#joins.add(answer);
      void answer.then(() => this.#joins.delete(answer));
    }
    return answer as Promise<Answer<DataOf<N>> | null>;
  }

  tellTyping(thread: string, parent: string | null): void {
    if (this.connected) this.#wire.send('thread:typing', { thread, parent });
  }

  enter(thread: string): () => void {
    this.#readers.set(thread, (this.#readers.get(thread) ?? 0) + 1);
    return () => {
      const left = this.#readers.get(thread)! - 1;
      this.#readers.set(thread, left);
      // Another discussion may be joining it: on the way to the server that came first.
      if (left === 0)
        void Promise.all(this.#joins).then(() => {
          if (this.#readers.get(thread) === 0) void this.request('thread:leave', { thread });
        });
    };
  }

  hold(): () => void {
    if (this.#holders++ === 0) this.#open();
    return () => {
      if (--this.#holders === 0) this.#close();
    };
  }

  restart(): void {
    if (!this.#holders) return;
    this.#wire.close();
    this.#attempt();
  }

  use(make?: (events: WireEvents) => Wire): void {
    this.drop();
    this.#wire = this.#home = make?.(this.#heard()) ?? this.#socket;
    this.restart();
  }

  drop(): void {
    this.#wire.close();
  }

  #attempt(): void {
    this.#after(ATTEMPT_TIMEOUT_MS, () => {
      this.#wire.close();
      this.#failed();
    });
    this.#wire.open(this.#introduce());
  }

  #open(): void {
    this.refusal = null;
    this.#backoff.reset();
    this.#unlisten = this.options.onWake(
      () => {
        // One look at it is under way already where it wakes again and again, as in a tab whose timers are held back.
        if (this.connected && !this.#timer) this.#after(BEAT_BY_MS, () => this.restart());
        if (this.connected || this.refusal) return;
        this.#backoff.reset();
        // It may be another network.
        this.#socket.getsThrough = false;
        this.restart();
      },
      () => {
        // The wire itself would notice only when the server has been silent for long. Attempts go on: the browser may err.
        this.#wire.close();
        if (!this.refusal) this.#wait();
      },
    );
    // Another tab's line, if it was that before, may be gone.
    this.use();
    const { widget, server, site } = this.options;
    this.#unshare = this.options.share(`afterword ${widget} ${server} ${site}`, this);
  }

  #close(): void {
    this.#unlisten();
    this.#unshare();
    this.#wire.close();
    this.#cancel();
  }

  #introduce(): HandshakeAuth {
    const { site, widget, identity } = this.options;
    const { token } = identity.read();
    this.token = token;
    return { protocol: PROTOCOL, site, ...(widget && { widget }), ...(token !== null && { token }) };
  }

  /** What is heard of a wire; of one that was given up nothing is. */
  #heard(): WireEvents {
    return {
      up: () => {
        this.#cancel();
        this.#upAt = this.options.clock.now();
        this.#events.emit('up', null);
      },
      down: () => {
        if (this.options.clock.now() - this.#upAt > STEADY_MS) this.#backoff.reset();
        this.#events.emit('down', null);
        // After `server:drain` the server has said when.
        if (!this.retryAt) this.#retryIn(this.#backoff.next());
      },
      failed: (error) => this.#failed(error),
      push: (name, payload) => {
        if (!this.retryAt) this.#cancel();
        if (name === 'server:drain') this.#retryIn((payload as { reconnectInMs: number }).reconnectInMs);
        else this.#events.emit(name as keyof LineEvents, payload as never);
      },
    };
  }

  #failed(error?: ErrorBody): void {
    if (!this.#holders) return;
    this.trouble = error;
    const reaction = error?.code ? reactionTo(error) : 'wait';
    if (reaction === 'identify' && this.token !== null) {
      // The token is of another time or server. One can read without; the name gets another when it is needed.
      this.options.identity.drop(this.token);
      this.restart();
    } else if (error && reaction !== 'wait') {
      this.#cancel();
      this.refusal = error;
      this.#events.emit('refused', error);
    } else if (!error && this.#wire === this.#socket && !this.#socket.getsThrough) this.#poll();
    else {
      this.#wire = this.#home;
      this.#wait(error?.retryAfterMs);
    }
  }

  #wait(retryAfterMs?: number): void {
    this.#events.emit('failed', null);
    this.#retryIn(this.#backoff.next(retryAfterMs));
  }

  /** The same attempt once more, by polling. */
  #poll(): void {
    this.#cancel();
    part(() => import('./polling.js')).then(
      ({ PollingWire }) => {
        // Given up, or begun anew, while it was loaded.
        if (!this.#holders || this.#timer) return;
        this.#wire = new PollingWire(this.options.server, this.#heard());
        this.#attempt();
      },
      () => this.#wait(),
    );
  }

  #retryIn(ms: number): void {
    this.#after(ms, () => this.restart());
    this.retryAt = this.options.clock.now() + ms;
  }

  /** The one timer: a new plan replaces the old. */
  #after(ms: number, plan: () => void): void {
    this.#cancel();
    this.#timer = this.options.clock.setTimeout(() => {
      this.#timer = null;
      plan();
    }, ms);
  }

  #cancel(): void {
    this.options.clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.retryAt = 0;
  }
}

/** The lines of a page: made once, by the widget's entry. */
export class Connections implements Lines {
  readonly keep: Keep;
  readonly clock: Clock;
  readonly #options: Pick<ConnectionOptions, 'widget' | 'clock' | 'onWake' | 'share'>;
  readonly #lines = new Map<string, { line: Connection; guest: Guest }>();

  constructor({ keep = new SafeStorage(), ...options }: { keep?: Keep } & Partial<ConnectionOptions> = {}) {
    this.keep = keep;
    this.#options = { clock: systemClock, onWake, share, ...options };
    this.clock = this.#options.clock;
  }

  line(server: string, site: string): { line: Connection; guest: Guest } {
    const scope = scopeOf(server, site);
    let known = this.#lines.get(scope);
    if (!known) {
      const identity = new Identity(this.keep, scope);
      const line = new Connection({ ...this.#options, server, site, identity });
      known = { line, guest: new Guest(line, identity) };
      this.#lines.set(scope, known);
    }
    return known;
  }
}
