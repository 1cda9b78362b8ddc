// Socket.IO's protocol (version 5 over Engine.IO 4) on a WebSocket: what the widget uses of it and nothing else. Owns one
// connection at a time and its heartbeat; when to connect is `connection.ts`'s. Where no WebSocket gets through,
// `polling.ts` stands in its place; tests/unit/sync-connection.test.ts holds both to the real server.
import type { ErrorBody } from '../../shared/errors.js';
import type { HandshakeAuth } from '../../shared/protocol.js';

/** What becomes of the wire. Of each attempt comes exactly one of `up` and `failed`, and after `up` one `down`. */
export interface WireEvents {
  up(): void;
  /** Also by `close`. */
  down(): void;
  /** With the server's refusal, where it said one. */
  failed(error?: ErrorBody): void;
  push(name: string, payload: unknown): void;
}

export interface Wire {
  readonly isUp: boolean;
  /** It polls. */
  readonly isSlow?: boolean;
  open(auth: HandshakeAuth): void;
  /** Ends the line or the attempt; of an attempt nothing more is heard. */
  close(): void;
  send(name: string, payload: unknown): void;
  /** What the server answered; null where it did not, or not within `ms`. */
  ask(name: string, payload: unknown, ms: number): Promise<unknown>;
}

/** Longest time until the server's first word; a proxy that swallows WebSockets says nothing. */
const OPEN_TIMEOUT_MS = 10_000;

export class SocketWire implements Wire {
  readonly #address: string;
  readonly #events: WireEvents;
  readonly #asked = new Map<string, (answer: unknown) => void>();
  #socket: WebSocket | null = null;
  isUp = false;
  #count = 0;
  #watch = 0;
  #silenceMs = OPEN_TIMEOUT_MS;
  /** Whether a server was ever heard this way: WebSockets get through. */
  getsThrough = false;

  /** `server` as an address of http, without a slash at its end. */
  constructor(server: string, events: WireEvents) {
    this.#address = `${server.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    this.#events = events;
  }

  open(auth: HandshakeAuth): void {
    this.close();
    this.#silenceMs = OPEN_TIMEOUT_MS;
    this.#heard();
    try {
      const socket = new WebSocket(this.#address);
      this.#socket = socket;
      socket.onmessage = ({ data }) => {
        if (socket !== this.#socket) return;
        const packet = parse(data as string);
        // Not the protocol: something on the way speaks in the server's place.
        if (packet) this.#hear(packet, auth);
        else this.#lost();
      };
      socket.onclose = () => {
        if (socket === this.#socket) this.#lost();
      };
    } catch {
      // A page may forbid it outright. As late as any other failure.
      setTimeout(() => this.#lost());
    }
  }

  close(): void {
    clearTimeout(this.#watch);
    const wasUp = this.isUp;
    this.isUp = false;
    this.#socket?.close();
    this.#socket = null;
    for (const settle of this.#asked.values()) settle(null);
    this.#asked.clear();
    if (wasUp) this.#events.down();
  }

  send(name: string, payload: unknown): void {
    this.#write(`42${JSON.stringify([name, payload])}`);
  }

  ask(name: string, payload: unknown, ms: number): Promise<unknown> {
    return new Promise((resolve) => {
      const id = `${this.#count++}`;
      const late = setTimeout(() => settle(null), ms);
      const settle = (answer: unknown): void => {
        clearTimeout(late);
        this.#asked.delete(id);
        resolve(answer);
      };
      this.#asked.set(id, settle);
      this.#write(`42${id}${JSON.stringify([name, payload])}`);
    });
  }

  #hear([type, kind, id, value]: Packet, auth: HandshakeAuth): void {
    // Before anything is done about it: a word that ends the line must not leave a watch behind.
    this.#heard();
    if (type === '0') {
      const { pingInterval, pingTimeout } = value as { pingInterval: number; pingTimeout: number };
      this.#silenceMs = pingInterval + pingTimeout;
      this.getsThrough = true;
      this.#write(`40${JSON.stringify(auth)}`);
    } else if (type === '2') this.#write('3');
    else if (type !== '4') return;
    else if (kind === '0') {
      this.isUp = true;
      this.#events.up();
    } else if (kind === '1') this.#lost();
    else if (kind === '2') this.#events.push(...(value as [string, unknown]));
    else if (kind === '3') this.#asked.get(id)?.((value as [unknown])[0]);
    else if (kind === '4') this.#lost((value as { data?: ErrorBody }).data);
  }

  /** The server pings; when it has been silent for longer than it promised, it is gone. */
  #heard(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(), this.#silenceMs) as unknown as number;
  }

  #lost(error?: ErrorBody): void {
    const wasUp = this.isUp;
    this.close();
    if (!wasUp) this.#events.failed(error);
  }

  #write(packet: string): void {
    if (this.#socket?.readyState === 1) this.#socket.send(packet);
  }
}

/** Engine.IO's type; in a message Socket.IO's kind and the id of the question that it answers; what it carries. */
type Packet = [type: string, kind: string, id: string, value: unknown];

/** Null for what is not the protocol. */
function parse(data: string): Packet | null {
  try {
    const [, type, kind, id, json] = /^([0-6])([0-6]?)(\d*)(.*)$/s.exec(data) as unknown as string[];
    return [type!, kind!, id!, JSON.parse(json || 'null')];
  } catch {
    return null;
  }
}
