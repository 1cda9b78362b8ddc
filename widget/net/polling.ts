// The line by HTTP polling, for pages whose WebSockets don't get through: a download of its own, made only there. The one
// module that knows socket.io-client, which then does the whole of it.
import { Manager, type Socket } from 'socket.io-client';
import type { ErrorBody } from '../../shared/errors.js';
import type { HandshakeAuth } from '../../shared/protocol.js';
import type { Wire, WireEvents } from './wire.js';

export class PollingWire implements Wire {
  readonly isSlow = true;
  readonly #socket: Socket;
  #auth: HandshakeAuth | null = null;

  constructor(server: string, events: WireEvents) {
    const { origin, pathname } = new URL(server);
    const manager = new Manager(origin, {
      path: `${pathname.replace(/\/$/, '')}/socket.io/`,
      transports: ['polling'],
      reconnection: false,
      autoConnect: false,
    });
    this.#socket = manager.socket('/', { auth: (give: (auth: object) => void) => give(this.#auth!) });
    this.#socket.on('connect', () => events.up());
    this.#socket.on('disconnect', () => events.down());
    this.#socket.on('connect_error', (error: Error & { data?: ErrorBody }) => events.failed(error.data));
    this.#socket.onAny((name: string, payload: unknown) => events.push(name, payload));
  }

  get isUp(): boolean {
    return this.#socket.connected;
  }

  open(auth: HandshakeAuth): void {
    this.#auth = auth;
    this.#socket.disconnect();
    this.#socket.connect();
  }

  close(): void {
    this.#socket.disconnect();
  }

  send(name: string, payload: unknown): void {
    this.#socket.volatile.emit(name, payload);
  }

  ask(name: string, payload: unknown, ms: number): Promise<unknown> {
    return new Promise((resolve) => {
      this.#socket
        .timeout(ms)
        .emit(name, payload, (error: Error | null, answer: unknown) => resolve(error ? null : answer));
    });
  }
}
