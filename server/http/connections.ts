// The TCP connections of an HTTP server, those that became WebSockets included: none of them can hold up its end, hold a
// handle for nothing, or have more than a few requests under way.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { AppError } from '../../shared/errors.js';
import { refuseUpgrade } from './problems.js';

/**
 * Requests that one connection has sent before the first of them was answered. Browsers and proxies wait for each answer;
 * two thousand fit into what is read at once, and all of them would begin in the same turn.
 */
const PIPELINED_MAX = 32;

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

/** Refuses what asks for another protocol elsewhere than at this path. The library only ends its own half of the connection. */
export function refuseUpgrades(server: Server, besides: string): void {
  server.on('upgrade', ({ url }: IncomingMessage, socket: Duplex) => {
    if (!url!.startsWith(besides)) refuseUpgrade(socket, new AppError('not_found').toBody());
  });
}

/** Cuts connections with more than `PIPELINED_MAX` requests under way. Stands before all that listens to requests so far. */
export function boundPipelines(server: Server): void {
  const underWay = new WeakMap<Socket, number>();
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const count = (underWay.get(socket) ?? 0) + 1;
    underWay.set(socket, count);
    if (count > PIPELINED_MAX) return void socket.destroy();
    response.once('close', () => underWay.set(socket, underWay.get(socket)! - 1));
    for (const listener of listeners) listener.call(server, request, response);
  });
}
