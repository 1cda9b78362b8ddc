// Who hears what: the sockets of each room, and pushing to all of one. Stands in for Socket.IO's rooms, which cost every
// reader a few sets and every push a look-up for each reader.
import type { ServerToClient } from '../../shared/protocol.js';
import type { Metrics } from '../metrics/metrics.js';
import { writePush } from './engine.js';
import { encodePush, type Push, type PushEvent } from './push.js';
import type { ClientSocket } from './session.js';

/**
 * Readers who are written to in one turn of the event loop, some ten milliseconds: between two slices of a large audience
 * everybody else is served, a quiet thread beside a busy one above all.
 */
const SLICE = 1_000;

interface Room {
  sockets: Set<ClientSocket>;
  /** In order; the first is being written. */
  pushes: (Push & { event: PushEvent })[];
  /** What the first has taken of the process so far, and what the last one took in all. */
  takenMs: number;
  busyMs: number;
}

export class Audience {
  readonly #metrics: Metrics;
  readonly #rooms = new Map<string, Room>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  enter(room: string, socket: ClientSocket): void {
    const known = this.#rooms.get(room);
    if (known) known.sockets.add(socket);
    else this.#rooms.set(room, { sockets: new Set([socket]), pushes: [], takenMs: 0, busyMs: 0 });
  }

  leave(room: string, socket: ClientSocket): void {
    const known = this.#rooms.get(room);
    if (known?.sockets.delete(socket) && known.sockets.size === 0) this.#rooms.delete(room);
  }

  /** Whether somebody hears this room. */
  has(room: string): boolean {
    return this.#rooms.has(room);
  }

  /** How long the process was busy with the room's last push; 0 where nothing was pushed yet, Infinity while it still is. */
  busyMs(name: string): number {
    const room = this.#rooms.get(name);
    return room && room.pushes.length > 0 ? Infinity : (room?.busyMs ?? 0);
  }

  /**
   * To all in the room, in the order in which they came, and to each in the order of the calls; encoded once, and not at all
   * where nobody is there. Who comes while a large room is written to may hear a push from before (CUR1 drops it). A beat is
   * left out while another one waits: they come by the clock, however long the writing takes.
   */
  push<E extends PushEvent>(name: string, event: E, payload: Parameters<ServerToClient[E]>[0]): void {
    const room = this.#rooms.get(name);
    if (!room || (event === 'thread:beat' && room.pushes.some((waiting) => waiting.event === event))) return;
    room.pushes.push({ event, ...encodePush(event, payload) });
    this.#metrics.pushed(room.sockets.size);
    if (room.pushes.length === 1) write(room, room.sockets.values());
  }
}

/** One slice; the rest in later turns. */
function write(room: Room, sockets: Iterator<ClientSocket>): void {
  const begun = performance.now();
  let rest: Iterator<ClientSocket> | null = sockets;
  for (let n = 0; rest && n < SLICE; n++) {
    const { value, done } = rest.next();
    if (!done) writePush(value, room.pushes[0]!);
    else {
      room.busyMs = room.takenMs + performance.now() - begun;
      room.takenMs = 0;
      room.pushes.shift();
      // In the next turn also where there is room left in this one: simpler, and hardly ever so.
      if (room.pushes.length > 0) setImmediate(() => write(room, room.sockets.values()));
      rest = null;
    }
  }
  if (!rest) return;
  room.takenMs += performance.now() - begun;
  setImmediate(() => write(room, rest));
}
