// One direction of a connection through the proxy: bytes in their order, later, slower, or not at all for now. Owns the
// waiting bytes and pushing back on who sends them; who is cut and who is dialled is the proxy's business.
import type { Socket } from 'node:net';

/** What a direction does with bytes at this moment; read anew for each chunk. */
export interface Passage {
  /** Milliseconds that the next chunk takes. It never overtakes one of the same direction. */
  delay(): number;
  /** null: as fast as both ends can. */
  bytesPerSecond(): number | null;
  /** Nothing passes, the end of the stream included. */
  isStalled(): boolean;
}

/** As much as a network and the system's own buffers hold: beyond it the sender is not read any more. */
const WAITING_BYTES_MAX = 256 * 1024;
/** How often a slow direction lets some bytes through. */
const DRIP_MS = 20;

export class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #passage: Passage;
  readonly #queue: { chunk: Buffer; dueAt: number }[] = [];
  #waiting = 0;
  #lastDueAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #isFull = false;
  #hasEnded = false;

  constructor(from: Socket, to: Socket, passage: Passage, tap: (chunk: Buffer) => void) {
    this.#from = from;
    this.#to = to;
    this.#passage = passage;
    from.on('data', (chunk: Buffer) => {
      tap(chunk);
      this.#take(chunk);
    });
    from.on('end', () => {
      this.#hasEnded = true;
      this.go();
    });
    to.on('drain', () => {
      this.#isFull = false;
      this.go();
    });
  }

  #take(chunk: Buffer): void {
    const delay = this.#passage.delay();
    this.#lastDueAt = Math.max(this.#lastDueAt, delay > 0 ? performance.now() + delay : 0);
    this.#queue.push({ chunk, dueAt: this.#lastDueAt });
    this.#waiting += chunk.length;
    if (this.#waiting > WAITING_BYTES_MAX) this.#from.pause();
    this.go();
  }

  /** Passes what may pass now; to be called when the passage has changed. */
  go(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (!this.#isFull && !this.#passage.isStalled()) {
      const head = this.#queue[0];
      if (!head) {
        if (this.#hasEnded && this.#to.writable) this.#to.end();
        return;
      }
      const early = head.dueAt - performance.now();
      if (early > 0) return this.#later(early);
      const rate = this.#passage.bytesPerSecond();
      const bytes = rate === null ? head.chunk.length : Math.max(1, Math.round((rate * DRIP_MS) / 1_000));
      this.#pass(head.chunk.subarray(0, bytes));
      head.chunk = head.chunk.subarray(bytes);
      if (head.chunk.length === 0) this.#queue.shift();
      if (rate !== null) return this.#later((1_000 * bytes) / rate);
    }
  }

  #pass(chunk: Buffer): void {
    this.#waiting -= chunk.length;
    if (this.#to.writable) this.#isFull = !this.#to.write(chunk);
    if (this.#waiting <= WAITING_BYTES_MAX) this.#from.resume();
  }

  #later(milliseconds: number): void {
    this.#timer = setTimeout(() => this.go(), milliseconds);
  }

  /** Forgets what waits. */
  drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue.length = 0;
  }
}
