// Bounds what waits for readers whose line doesn't drain (PUMP4), and what came from them and is not complete (LIM4). Engine.IO
// has no bound for all lines together.
import type { Namespace } from 'socket.io';

import type { ClientToServer, ServerToClient } from '../../shared/protocol.js';
import type { Cursor } from '../../shared/views.js';
import type { Clock, Timer } from '../clock.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Audience } from './audience.js';
import { backlogOf, cutOff, unfinishedOf, type Backlog } from './engine.js';
import { roomsOf } from './lanes.js';
import type { ClientSocket, Session } from './session.js';

/** How often the buffers are looked at: at 40 deltas a second a buffer grows by 10 meanwhile. */
const SWEEP_MS = 250;
/** What may wait before a reader leaves the live lane: more than a second of the busiest thread, or its size. */
const STALE: Backlog = { packets: 64, bytes: 1024 * 1024 };
/** Off the live lane only answers can pile up; a client that asks this much and doesn't read is cut off. */
const CUT: Backlog = { packets: 1_000, bytes: 16 * 1024 * 1024 };

/**
 * Of all lines together. One line may hold 2.25 MiB, so that too much is answered and not cut; but nobody needs a name for a
 * line. What is legal comes in 64 kB at most, and is complete in a moment.
 */
const UNFINISHED_MAX = 64 * 1024 * 1024;

type Io = Namespace<ClientToServer, ServerToClient, Record<string, never>, Session>;

export interface SenderOptions {
  io: Io;
  audience: Audience;
  clock: Clock;
  metrics: Metrics;
  position(threadId: string): Cursor | null;
}

export class Sender {
  readonly #options: SenderOptions;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      let unfinished = 0;
      for (const socket of this.#options.io.sockets.values()) {
        this.#look(socket);
        unfinished += unfinishedOf(socket);
      }
      if (unfinished > UNFINISHED_MAX) this.#cutLargest(unfinished);
      this.start();
    }, SWEEP_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer);
  }

  #look(socket: ClientSocket): void {
    const backlog = backlogOf(socket);
    if (exceeds(backlog, CUT)) this.#cut(socket);
    else if (exceeds(backlog, STALE) && !socket.data.stale) this.#takeOff(socket);
    else if (backlog.packets === 0 && socket.data.stale) this.#tell(socket);
  }

  /** Until half of what may be held is left: who comes next must not be cut for those who were first. */
  #cutLargest(unfinished: number): void {
    const held = [...this.#options.io.sockets.values()].map((socket) => ({ socket, bytes: unfinishedOf(socket) }));
    let left = unfinished;
    for (const { socket, bytes } of held.toSorted((a, b) => b.bytes - a.bytes)) {
      if (left <= UNFINISHED_MAX / 2) return;
      left -= bytes;
      this.#cut(socket);
    }
  }

  #cut(socket: ClientSocket): void {
    this.#options.metrics.slowReader('cut');
    cutOff(socket);
  }

  #takeOff(socket: ClientSocket): void {
    const { audience, metrics } = this.#options;
    metrics.slowReader('taken_off');
    socket.data.stale = true;
    for (const thread of socket.data.threads) {
      for (const room of roomsOf(thread)) audience.leave(room, socket);
    }
  }

  /** Its line has drained: each of its threads is to be joined again, which answers with what it missed. */
  #tell(socket: ClientSocket): void {
    socket.data.stale = false;
    for (const thread of socket.data.threads) {
      socket.emit('thread:stale', { thread, head: this.#options.position(thread)?.seq ?? 0 });
    }
  }
}

function exceeds(backlog: Backlog, limit: Backlog): boolean {
  return backlog.packets > limit.packets || backlog.bytes > limit.bytes;
}
