// The TCP connections of an HTTP server, those that became WebSockets included, so that none of them can hold up its end.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export class Connections {
  readonly #open = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** Cuts off whatever is still open. */
  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
