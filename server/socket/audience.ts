// Who hears what: the sockets of each room, and pushing to all of one. Stands in for Socket.IO's rooms, which cost every
// reader a few sets and every push a look-up for each reader.
import type { ServerToClient } from '../../shared/protocol.js';
import { systemClock, type Clock } from '../clock.js';
import type { Metrics } from '../metrics/metrics.js';
import { cutOff, writePush } from './engine.js';
import { encodePush, type Push, type PushEvent } from './push.js';
import type { ClientSocket } from './session.js';

/**
 * How long readers are written to in one turn of the event loop, those of all rooms together: between two slices everybody else is
 * served, a quiet thread beside busy ones above all, which waits for turns twice (as its reply comes in, and as it is committed).
 * Not a number of readers: how many that are differs by ten between machines.
 */
const SLICE_MS = 5;
/**
 * What a push has at once: some dozens of readers wait for no slice, and not behind rooms that are large. Not a slice: one at the
 * push and one at the end of the same turn would be two, with nobody served in between.
 */
const AT_ONCE_MS = 1;

interface Writing extends Push {
  isBeat: boolean;
  /** Who is still to be written to; null: it has not begun. */
  left: Iterator<ClientSocket> | null;
  /** What it has taken of the process so far. */
  takenMs: number;
}

interface Room {
  sockets: Set<ClientSocket>;
  /** In order; the first is being written. */
  pushes: Writing[];
  /** What the last one that was no beat took in all. */
  busyMs: number;
}

export class Audience {
  readonly #metrics: Metrics;
  readonly #lost: (error: unknown) => void;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #rooms = new Map<string, Room>();
  /** Rooms that are not done, in the order of their turns. */
  readonly #waiting = new Set<Room>();
  #isTurning = false;

  /** `lost`: a line could not be written to, and was cut. */
  constructor(metrics: Metrics, lost: (error: unknown) => void, clock: Pick<Clock, 'now'> = systemClock) {
    this.#metrics = metrics;
    this.#lost = lost;
    this.#clock = clock;
  }

  enter(room: string, socket: ClientSocket): void {
    const known = this.#rooms.get(room);
    if (known) known.sockets.add(socket);
    else this.#rooms.set(room, { sockets: new Set([socket]), pushes: [], busyMs: 0 });
  }

  leave(room: string, socket: ClientSocket): void {
    const known = this.#rooms.get(room);
    if (known?.sockets.delete(socket) && known.sockets.size === 0) this.#rooms.delete(room);
  }

  /** Whether somebody hears this room. */
  has(room: string): boolean {
    return this.#rooms.has(room);
  }

  /**
   * How long the process was busy with the room's last push; 0 where nothing was pushed yet, Infinity while it still is. Beats
   * don't count: nothing waits for them.
   */
  busyMs(name: string): number {
    const room = this.#rooms.get(name);
    return room?.pushes.some(({ isBeat }) => !isBeat) ? Infinity : (room?.busyMs ?? 0);
  }

  /**
   * To all in the room, in the order in which they came, and to each in the order of the calls; encoded once, and not at all
   * where nobody is there. Who comes while a large room is written to may hear a push from before (CUR1 drops it). A beat is
   * left out while another one waits: they come by the clock, however long the writing takes. Everything else overtakes a beat,
   * also one that is being written: news is not late for it, and a beat that comes behind only says what is known (CUR4).
   */
  push<E extends PushEvent>(name: string, event: E, payload: Parameters<ServerToClient[E]>[0]): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    const { pushes, sockets } = room;
    const isBeat = event === 'thread:beat';
    const beat = pushes.findIndex((waiting) => waiting.isBeat);
    if (isBeat && beat >= 0) return;
    const isIdle = pushes.length === 0;
    pushes.splice(beat >= 0 ? beat : pushes.length, 0, {
      ...encodePush(event, payload),
      isBeat,
      left: null,
      takenMs: 0,
    });
    this.#metrics.pushed(sockets.size);
    if (isIdle) this.#write(room, AT_ONCE_MS);
  }

  /** For so long, and tells how long it was; the rest, and what waits behind it, in later turns, behind the rooms that wait already. */
  #write(room: Room, ms: number): number {
    const push = room.pushes[0]!;
    const begun = this.#clock.now();
    const left = (push.left ??= room.sockets.values());
    let isDone = false;
    let takenMs = 0;
    while (!isDone && takenMs < ms) {
      const { value, done } = left.next();
      if (done) isDone = true;
      else this.#writeTo(value, push);
      takenMs = this.#clock.now() - begun;
    }
    push.takenMs += takenMs;
    if (isDone) {
      room.pushes.shift();
      if (!push.isBeat) room.busyMs = push.takenMs;
    }
    if (room.pushes.length > 0) this.#wait(room);
    return takenMs;
  }

  #wait(room: Room): void {
    this.#waiting.add(room);
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    let leftMs = SLICE_MS;
    for (const room of this.#waiting) {
      this.#waiting.delete(room);
      leftMs -= this.#write(room, leftMs);
      if (leftMs <= 0) break;
    }
    this.#isTurning = this.#waiting.size > 0;
    if (this.#isTurning) setImmediate(() => this.#turn());
  }

  /** A line that is broken in a way that nobody foresaw costs its own reader alone. */
  #writeTo(socket: ClientSocket, push: Push): void {
    try {
      writePush(socket, push);
    } catch (error) {
      this.#lost(error);
      cutOff(socket);
    }
  }
}
