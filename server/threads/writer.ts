// Group commit: while a thread's insert is in flight, further replies to it wait and go into the next one together.
// A held row lock allows one commit after the other; this way each carries as many replies as came in meanwhile.
import type { Metrics } from '../metrics/metrics.js';
import type { Change, Created, NewReply, Store } from '../store/store.js';
import { isRefusal } from './folding.js';

/** Replies of one statement: bounds how long the row lock is held. */
const BATCH_MAX = 100;
/** Replies of one thread that may wait. Beyond it the database does not keep up, and it is honest to say so. */
const QUEUE_MAX = 2_000;

interface Waiting {
  reply: NewReply;
  resolve(created: Created): void;
  reject(error: unknown): void;
}

export class ThreadWriters {
  readonly #store: Pick<Store, 'createReplies'>;
  readonly #committed: (change: Change) => void;
  readonly #metrics: Metrics;
  readonly #queues = new Map<string, Waiting[]>();

  /** `committed` is called once for each commit, before its replies are acknowledged. */
  constructor(store: Pick<Store, 'createReplies'>, committed: (change: Change) => void, metrics: Metrics) {
    this.#store = store;
    this.#committed = committed;
    this.#metrics = metrics;
  }

  /** Inserts in the order of the calls. Null: too many are waiting. Rejects where the statement failed: nothing was inserted. */
  create(threadId: string, reply: NewReply): Promise<Created> | null {
    const queue = this.#queues.get(threadId);
    if (queue && queue.length >= QUEUE_MAX) return null;
    return new Promise((resolve, reject) => {
      const waiting = { reply, resolve, reject };
      if (queue) queue.push(waiting);
      else {
        this.#queues.set(threadId, [waiting]);
        void this.#drain(threadId);
      }
    });
  }

  async #drain(threadId: string): Promise<void> {
    const queue = this.#queues.get(threadId)!;
    while (queue.length > 0) {
      const batch = takeBatch(queue);
      await this.#write(threadId, batch);
    }
    this.#queues.delete(threadId);
  }

  async #write(threadId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const { results, change } = await this.#store.createReplies(
        threadId,
        batch.map(({ reply }) => reply),
      );
      this.#metrics.committed(batch.length);
      if (change) this.#committed(change);
      batch.forEach(({ resolve }, i) => resolve(results[i]!));
    } catch (error) {
      // One row that the database refuses must not take the others along: they are tried alone.
      if (batch.length > 1 && isRefusal(error)) for (const waiting of batch) await this.#write(threadId, [waiting]);
      else for (const { reject } of batch) reject(error);
    }
  }
}

/** The longest beginning of the queue in which no reply needs another one of the same batch, and no id stands twice. */
function takeBatch(queue: Waiting[]): Waiting[] {
  const ids = new Set<string>();
  let n = 0;
  for (const { reply } of queue) {
    if (n === BATCH_MAX || ids.has(reply.id) || (reply.parentId !== null && ids.has(reply.parentId))) break;
    ids.add(reply.id);
    n += 1;
  }
  return queue.splice(0, n);
}
