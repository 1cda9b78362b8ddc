// Finds threads by site and key, and the site of a thread: facts that never change while a thread exists, so they are
// kept in memory and a busy thread is not looked up again and again.
import { LRUCache } from 'lru-cache';

import { newId } from '../../shared/ids.js';
import type { Store } from '../store/store.js';
import { SingleFlight } from './single-flight.js';

/** About 200 bytes each. */
const KEPT = 20_000;
/** Not by `max`, which would make room for all of them at once. */
const GROWING = { maxSize: KEPT, sizeCalculation: () => 1 };

export class ThreadIndex {
  readonly #store: Pick<Store, 'openThread' | 'findThread' | 'thread'>;
  readonly #ids = new LRUCache<string, string>(GROWING);
  readonly #opens = new SingleFlight<string>();
  readonly #finds = new SingleFlight<string | null>();
  readonly #sites = new LRUCache<string, string>(GROWING);

  constructor(store: Pick<Store, 'openThread' | 'findThread' | 'thread'>) {
    this.#store = store;
  }

  /**
   * The thread's id; it is created where there is none, with the address and title of whoever asks first. `create` is called
   * before that, and may refuse it.
   */
  async open(
    thread: { siteId: string; key: string; url: string | null; title: string | null },
    create: () => void,
  ): Promise<string> {
    const name = nameOf(thread.siteId, thread.key);
    const known = await this.find(thread.siteId, thread.key);
    if (known !== null) return known;
    // Who comes while it is created has created nothing.
    if (!this.#opens.has(name)) create();
    return await this.#opens.run(name, async () =>
      this.#keep(await this.#store.openThread({ id: newId(), epoch: newId(), ...thread })),
    );
  }

  async find(siteId: string, key: string): Promise<string | null> {
    const known = this.#ids.get(nameOf(siteId, key));
    if (known) return known;
    return await this.#finds.run(nameOf(siteId, key), async () => {
      const thread = await this.#store.findThread(siteId, key);
      return thread && this.#keep(thread);
    });
  }

  async siteOf(threadId: string): Promise<string | null> {
    const known = this.#sites.get(threadId);
    if (known) return known;
    const thread = await this.#store.thread(threadId);
    if (thread) this.#keep(thread);
    return thread?.siteId ?? null;
  }

  /** It was taken out of the database. */
  forget({ siteId, key, id }: { siteId: string; key: string; id: string }): void {
    this.#ids.delete(nameOf(siteId, key));
    this.#sites.delete(id);
  }

  #keep(thread: { id: string; siteId: string; key: string }): string {
    this.#ids.set(nameOf(thread.siteId, thread.key), thread.id);
    this.#sites.set(thread.id, thread.siteId);
    return thread.id;
  }
}

/** Site ids have no space. */
function nameOf(siteId: string, key: string): string {
  return `${siteId} ${key}`;
}
