// A client of a bare WebSocket server: text frames in and out, nothing else.
import { answerControl, Connection } from './connection.js';
import type { OnBytes } from './socketio.js';

export class PlainPeer {
  readonly #connection: Connection;

  /** Dials; use `connected` before anything is sent. */
  constructor(port: number, buffer: Buffer, handlers: { onPush?: OnBytes; onLost: (error: Error) => void }) {
    this.#connection = new Connection({ port, path: '/' }, buffer, {
      onFrame: (opcode, bytes, from, to) => {
        if (!answerControl(this.#connection, opcode, bytes, from, to)) handlers.onPush?.(bytes, from, to);
      },
      onLost: handlers.onLost,
    });
  }

  connected(): Promise<void> {
    return this.#connection.opened();
  }

  send(payload: unknown): void {
    this.#connection.sendText(JSON.stringify(payload));
  }

  pause(): void {
    this.#connection.pause();
  }

  end(): void {
    this.#connection.end();
  }
}
