// Bounds what waits for readers whose line doesn't drain (PUMP4). Engine.IO's buffer has no bound of its own.
import type { Namespace } from 'socket.io';

import type { ClientToServer, ServerToClient } from '../../shared/protocol.js';
import type { Cursor } from '../../shared/views.js';
import type { Clock, Timer } from '../clock.js';
import type { ClientSocket, Session } from './session.js';

/** How often the buffers are looked at: at 40 deltas a second a buffer grows by 10 meanwhile. */
const SWEEP_MS = 250;
/** Packets that may wait before a reader leaves the live lane: more than a second of the busiest thread. */
const STALE_PACKETS = 64;
/** Off the live lane only answers can pile up; a client that asks this much and doesn't read is cut off. */
const CUT_PACKETS = 1_000;

type Io = Namespace<ClientToServer, ServerToClient, Record<string, never>, Session>;

export interface SenderOptions {
  io: Io;
  clock: Clock;
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
      for (const socket of this.#options.io.sockets.values()) this.#look(socket);
      this.start();
    }, SWEEP_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer);
  }

  #look(socket: ClientSocket): void {
    const waiting = waitingPackets(socket);
    if (waiting > CUT_PACKETS) socket.disconnect(true);
    else if (waiting > STALE_PACKETS && !socket.data.stale) this.#takeOff(socket);
    else if (waiting === 0 && socket.data.stale) this.#tell(socket);
  }

  #takeOff(socket: ClientSocket): void {
    socket.data.stale = true;
    for (const thread of socket.data.threads) void socket.leave(thread);
  }

  /** Its line has drained: each of its threads is to be joined again, which answers with what it missed. */
  #tell(socket: ClientSocket): void {
    socket.data.stale = false;
    for (const thread of socket.data.threads) {
      socket.emit('thread:stale', { thread, head: this.#options.position(thread)?.seq ?? 0 });
    }
  }
}

/** What the engine has not handed to the system yet. Public in Engine.IO's types; pinned by the version. */
function waitingPackets(socket: ClientSocket): number {
  return (socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
}
