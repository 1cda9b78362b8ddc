// The lines to the database, which notice when nobody answers any more. Owns when that is; the driver dials, encrypts and owns
// what is said.
import type { Socket } from 'node:net';

/**
 * The lines of one pool. One on which nothing at all has come back for so long after something was written is ended: a network
 * that forgot the connection tells neither end, and the system takes a quarter of an hour to give up. So are all others that
 * were not heard of since, because a network forgets them together. Whatever waits on them is rejected as with any lost
 * connection. Only for lines on which each question is answered within a known time: a copy, a migration or a backup may
 * rightly be silent for longer.
 */
export class WatchedLines {
  readonly #answerWithinMs: number;
  readonly #open = new Map<Socket, Line>();

  constructor(answerWithinMs: number) {
    this.#answerWithinMs = answerWithinMs;
  }

  /**
   * Watches a socket that the driver has made, before anything is written to it. `plain` is what a TLS socket was put around:
   * that one hears nothing from then on.
   */
  readonly watch = (socket: Socket, plain?: Socket): void => {
    if (plain) this.#forget(plain);
    const line = new Line(this.#answerWithinMs, (since) => this.#lost(since));
    this.#open.set(socket, line);
    socket.once('close', () => this.#forget(socket));
    // What Node calls with what arrives and with what is to be sent, on a TLS socket as on a plain one.
    const push = socket.push.bind(socket);
    const write = socket._write.bind(socket);
    const writev = socket._writev!.bind(socket);
    socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
      line.answered();
      return push(chunk, encoding);
    };
    socket._write = (...given) => {
      line.asked();
      write(...given);
    };
    socket._writev = (...given) => {
      line.asked();
      writev(...given);
    };
  };

  #forget(socket: Socket): void {
    this.#open.get(socket)?.end();
    this.#open.delete(socket);
  }

  #lost(since: number): void {
    for (const [socket, { heardAt }] of this.#open) if (heardAt < since) socket.destroy();
  }
}

class Line {
  readonly #answerWithinMs: number;
  readonly #lost: (since: number) => void;
  /** While something that was written has no answer. */
  #timer: NodeJS.Timeout | null = null;
  heardAt = -Infinity;

  constructor(answerWithinMs: number, lost: (since: number) => void) {
    this.#answerWithinMs = answerWithinMs;
    this.#lost = lost;
  }

  asked(): void {
    const since = performance.now();
    this.#timer ??= setTimeout(() => this.#lost(since), this.#answerWithinMs);
  }

  answered(): void {
    this.heardAt = performance.now();
    this.end();
  }

  end(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
