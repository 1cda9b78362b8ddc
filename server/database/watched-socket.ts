// TCP sockets to the database that notice when nobody answers any more. Owns when that is; the driver owns what is said.
import { Socket } from 'node:net';

/**
 * The lines of one pool. One on which nothing at all has come back for so long after something was written is ended: a network
 * that forgot the connection tells neither end, and the system takes a quarter of an hour to give up. So are all others that
 * were not heard of since, because a network forgets them together. Whatever waits on them is rejected as with any lost
 * connection. Only for lines on which each question is answered within a known time: a copy, a migration or a backup may
 * rightly be silent for longer.
 */
export class WatchedLines {
  readonly #answerWithinMs: number;
  readonly #open = new Set<WatchedSocket>();

  constructor(answerWithinMs: number) {
    this.#answerWithinMs = answerWithinMs;
  }

  /** The socket may be written to at once. */
  dial(host: string, port: number): Socket {
    const socket = new WatchedSocket(this.#answerWithinMs, (since) => this.#lost(since));
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    socket.connect(port, host);
    return socket;
  }

  #lost(since: number): void {
    for (const socket of this.#open) if (socket.heardAt < since) socket.destroy();
  }
}

class WatchedSocket extends Socket {
  readonly #answerWithinMs: number;
  readonly #lost: (since: number) => void;
  /** While something that was written has no answer. */
  #timer: NodeJS.Timeout | null = null;
  heardAt = -Infinity;

  constructor(answerWithinMs: number, lost: (since: number) => void) {
    super();
    this.#answerWithinMs = answerWithinMs;
    this.#lost = lost;
    this.once('close', () => this.#answered());
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    this.heardAt = performance.now();
    this.#answered();
    return super.push(chunk, encoding);
  }

  override _write(chunk: unknown, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#asked();
    super._write(chunk, encoding, callback);
  }

  override _writev(
    chunks: { chunk: unknown; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    this.#asked();
    super._writev!(chunks, callback);
  }

  #asked(): void {
    const since = performance.now();
    this.#timer ??= setTimeout(() => this.#lost(since), this.#answerWithinMs);
  }

  #answered(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
