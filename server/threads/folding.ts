// Folds many into few: what is asked of one thing while a write to it is under way goes together into the next one. Owns
// the queues; what a write does is given.

/** Of one write: bounds how long its lock is held. */
const BATCH_MAX = 200;

interface Waiting<T, R> {
  item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

export class Folding<T, R> {
  readonly #write: (key: string, items: readonly T[]) => Promise<R>;
  readonly #queues = new Map<string, Waiting<T, R>[]>();

  /** `write` is called for one key at a time, with the items in the order in which they came. */
  constructor(write: (key: string, items: readonly T[]) => Promise<R>) {
    this.#write = write;
  }

  /** What the write that carried the item came to. */
  add(key: string, item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      const waiting = { item, resolve, reject };
      const queue = this.#queues.get(key);
      if (queue) queue.push(waiting);
      else {
        this.#queues.set(key, [waiting]);
        void this.#drain(key);
      }
    });
  }

  async #drain(key: string): Promise<void> {
    const queue = this.#queues.get(key)!;
    while (queue.length > 0) await this.#send(key, queue.splice(0, BATCH_MAX));
    this.#queues.delete(key);
  }

  async #send(key: string, batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const result = await this.#write(
        key,
        batch.map(({ item }) => item),
      );
      for (const { resolve } of batch) resolve(result);
    } catch (error) {
      // One that the database refuses must not take the others along: they are tried alone.
      if (batch.length > 1 && isRefusal(error)) for (const waiting of batch) await this.#send(key, [waiting]);
      else for (const { reject } of batch) reject(error);
    }
  }
}

/** SQLSTATE classes 22 and 23: bad data and broken constraints, against those of a lost or busy server. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Drizzle wraps what the driver throws.
  return /^2[23]/.test(String((error as { code?: string | number }).code ?? '')) || isRefusal(error.cause);
}
