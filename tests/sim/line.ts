// The client's end of an in-memory line: loses, doubles, delays and reorders what it carries, and breaks. Connects again by
// itself, as `widget/net/connection.ts` does over a real socket.
import type { ErrorBody } from '../../shared/errors.js';
import { REQUEST_TIMEOUT_MS } from '../../shared/limits.js';
import { PROTOCOL, type Answer, type DataOf, type RequestName, type RequestOf } from '../../shared/protocol.js';
import type { Me } from '../../shared/views.js';
import { Backoff } from '../../widget/net/backoff.js';
import { Emitter } from '../../widget/net/emitter.js';
import { reactionTo } from '../../widget/state/reactions.js';
import type { Line, LineEvents } from '../../widget/net/transport.js';
import type { Identity } from '../../widget/state/identity.js';
import type { VirtualClock } from './clock.js';
import type { ClientEnd, ServerSocket, SimNode } from './node.js';
import type { Random } from './random.js';

export interface LineFaults {
  /** How often a message is lost or comes twice. */
  drop: number;
  double: number;
  /** Longest time on the way. */
  delayMs: number;
  /** Whether messages overtake each other. */
  reorders: boolean;
}

/** After this long without a word an engine takes its line for dead (ping interval and timeout). */
const PING_MS = 45_000;

export interface LineOptions {
  site: string;
  identity: Identity;
  faults: LineFaults;
  clock: VirtualClock;
  random: Random;
  /** A node that takes connections; null: none does. */
  node(): SimNode | null;
  /** Each acknowledged reply. */
  acknowledged(id: string): void;
}

/** One incarnation of the line: what is on its way belongs to it. */
interface Wire {
  node: SimNode;
  server: ServerSocket | null;
  isOpen: boolean;
  waiting: Set<(answer: null) => void>;
  lastUp: number;
  lastDown: number;
}

export class SimLine implements Line {
  readonly #options: LineOptions;
  readonly #events = new Emitter<LineEvents>();
  readonly #backoff: Backoff;
  readonly #readers = new Map<string, number>();
  #wire: Wire | null = null;
  #timer: unknown = null;
  #holders = 0;
  connected = false;
  readonly isSlow = false;
  retryAt = 0;
  refusal: ErrorBody | null = null;
  token: string | null = null;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.clock);
  }

  on<K extends keyof LineEvents>(name: K, listener: (value: LineEvents[K]) => void): () => void {
    return this.#events.on(name, listener);
  }

  hold(): () => void {
    if (this.#holders++ === 0) this.restart();
    return () => {
      if (--this.#holders > 0) return;
      this.#cut();
      this.#options.clock.clearTimeout(this.#timer);
    };
  }

  speaksFor(token: string, me: Me): void {
    this.token = token;
    this.#events.emit('me', me);
  }

  enter(thread: string): () => void {
    this.#readers.set(thread, (this.#readers.get(thread) ?? 0) + 1);
    return () => {
      const left = this.#readers.get(thread)! - 1;
      this.#readers.set(thread, left);
      if (left === 0) void this.request('thread:leave', { thread });
    };
  }

  tellTyping(): void {}

  restart(): void {
    if (this.#holders === 0) return;
    this.#cut();
    const { clock, random } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => void this.#connect(), 1 + random.below(50));
  }

  /** Breaks, from outside. */
  break(): void {
    if (!this.#wire) return;
    this.#cut();
    // After `server:drain` the server has said when.
    if (this.#timer === null) this.#retryIn(this.#backoff.next());
  }

  request<N extends RequestName>(name: N, payload: RequestOf<N>): Promise<Answer<DataOf<N>> | null> {
    const wire = this.#wire;
    if (!wire?.server || !this.connected) return Promise.resolve(null);
    const { server } = wire;
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const settle = (answer: Answer<unknown> | null): void => {
        clock.clearTimeout(timer);
        if (!wire.waiting.delete(settle)) return;
        if (answer?.ok && name === 'reply:create') this.#options.acknowledged((payload as { id: string }).id);
        resolve(answer as Answer<DataOf<N>> | null);
      };
      const timer = clock.setTimeout(() => settle(null), REQUEST_TIMEOUT_MS);
      wire.waiting.add(settle);
      const sent = JSON.stringify(payload);
      this.#carry(wire, 'lastUp', () => {
        void server.ask(name, JSON.parse(sent)).then((data) => {
          const answer = JSON.stringify(data);
          this.#carry(wire, 'lastDown', () => settle(JSON.parse(answer) as Answer<unknown>));
        });
      });
    });
  }

  /** What was sent before the line broke still arrives at the server, at times; nothing reaches a client that hung up. */
  #carry(wire: Wire, way: 'lastUp' | 'lastDown', deliver: () => void): void {
    const { faults, clock, random } = this.#options;
    const times = random.chance(faults.drop) ? 0 : random.chance(faults.double) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const arrives = clock.now() + 1 + random.below(faults.delayMs);
      const at = faults.reorders ? arrives : Math.max(arrives, wire[way]);
      wire[way] = at;
      const isLate = random.chance(0.5);
      clock.setTimeout(() => {
        if (wire.isOpen || (way === 'lastUp' && isLate)) deliver();
      }, at - clock.now());
    }
  }

  async #connect(): Promise<void> {
    const { site, identity, clock, random } = this.#options;
    const node = this.#options.node();
    const wire: Wire = { node: node!, server: null, isOpen: true, waiting: new Set(), lastUp: 0, lastDown: 0 };
    this.#wire = wire;
    const { token } = identity.read();
    this.token = token;
    this.#timer = clock.setTimeout(() => this.#failed(undefined), 15_000);
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 1 + random.below(100)));
    if (this.#wire !== wire) return;
    if (!node?.isAlive) return this.#failed(undefined);
    try {
      const auth = { protocol: PROTOCOL, site, ...(token !== null && { token }) };
      const server = await node.admit(auth, this.#end(wire));
      if (this.#wire !== wire) return server.gone();
      wire.server = server;
    } catch (error) {
      if (this.#wire === wire) this.#failed(error as ErrorBody);
      return;
    }
    clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#backoff.reset();
    this.connected = true;
    this.#events.emit('up', null);
    this.#ping(wire);
  }

  #ping(wire: Wire): void {
    this.#options.clock.setTimeout(() => {
      if (!wire.isOpen) return;
      if (wire.node.isAlive) this.#ping(wire);
      else this.break();
    }, PING_MS);
  }

  #end(wire: Wire): ClientEnd {
    return {
      push: (event, payload) => {
        const sent = JSON.stringify(payload);
        this.#carry(wire, 'lastDown', () => {
          const heard = JSON.parse(sent) as never;
          if (event === 'server:drain') this.#retryIn((heard as { reconnectInMs: number }).reconnectInMs);
          else this.#events.emit(event as keyof LineEvents, heard);
        });
      },
      hangUp: () => {
        this.#options.clock.setTimeout(() => {
          if (this.#wire === wire) this.break();
        }, 20);
      },
    };
  }

  #failed(error: ErrorBody | undefined): void {
    this.#cut();
    const reaction = error ? reactionTo(error) : 'wait';
    if (reaction === 'identify' && this.token !== null) {
      this.#options.identity.drop(this.token);
      this.restart();
    } else if (error && reaction !== 'wait') {
      this.refusal = error;
      this.#events.emit('refused', error);
    } else {
      this.#events.emit('failed', null);
      this.#retryIn(this.#backoff.next(error?.retryAfterMs));
    }
  }

  #retryIn(ms: number): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => {
      this.#timer = null;
      this.restart();
    }, ms);
  }

  #cut(): void {
    const wire = this.#wire;
    this.#wire = null;
    if (!wire) return;
    wire.isOpen = false;
    // The server notices later, or at once; what it sends meanwhile reaches nobody.
    this.#options.clock.setTimeout(() => wire.server?.gone(), this.#options.random.below(2_000));
    for (const settle of wire.waiting) settle(null);
    if (!this.connected) return;
    this.connected = false;
    this.#events.emit('down', null);
  }
}
