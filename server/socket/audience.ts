// Who hears what: the sockets of each room, and pushing to all of one. Stands in for Socket.IO's rooms, which cost every
// reader a few sets and every push a look-up for each reader.
import { encodePush, type Push, type PushEvent } from './push.js';
import { writePush } from './engine.js';
import type { ServerToClient } from '../../shared/protocol.js';
import type { Metrics } from '../metrics/metrics.js';
import type { ClientSocket } from './session.js';

export class Audience {
  readonly #metrics: Metrics;
  readonly #rooms = new Map<string, Set<ClientSocket>>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  enter(room: string, socket: ClientSocket): void {
    const sockets = this.#rooms.get(room);
    if (sockets) sockets.add(socket);
    else this.#rooms.set(room, new Set([socket]));
  }

  leave(room: string, socket: ClientSocket): void {
    const sockets = this.#rooms.get(room);
    if (sockets?.delete(socket) && sockets.size === 0) this.#rooms.delete(room);
  }

  /** Whether somebody hears this room. */
  has(room: string): boolean {
    return this.#rooms.has(room);
  }

  /** To all in the room, in the order in which they came; encoded once, and not at all where nobody is there. */
  push<E extends PushEvent>(room: string, event: E, payload: Parameters<ServerToClient[E]>[0]): void {
    const sockets = this.#rooms.get(room);
    if (!sockets) return;
    write(sockets, encodePush(event, payload));
    this.#metrics.pushed(sockets.size);
  }
}

function write(sockets: ReadonlySet<ClientSocket>, push: Push): void {
  for (const socket of sockets) writePush(socket, push);
}
