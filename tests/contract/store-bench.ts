// What the parts of the store's contract work on: two stores over the same data, people, and short ways to write.
import { expect } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { AuthorRow, Change, Created, NewReply, SiteRow, Store, ThreadRow } from '../../server/store/store.js';

/** What a store has to bring to be put under its contract. */
export interface StoreUnderTest {
  store: Store;
  /** The same data through another node. */
  other: Store;
  addSite(site: SiteRow): Promise<void>;
  end(): Promise<void>;
}

export const SITE = 'contract';

/** A store with people and short ways to write. */
export class Bench {
  readonly store: Store;
  readonly other: Store;
  readonly ana = author('Ana');
  readonly ben = author('Ben');

  constructor({ store, other }: StoreUnderTest) {
    this.store = store;
    this.other = other;
  }

  /** A new, empty thread. */
  async thread(key: string = newId()): Promise<ThreadRow> {
    return await this.store.openThread({ id: newId(), epoch: newId(), siteId: SITE, key, url: null, title: null });
  }

  reply(given: Partial<NewReply> = {}): NewReply {
    const body = given.body ?? 'Hello';
    return {
      id: newId(),
      parentId: null,
      author: this.ana,
      body,
      html: body && `<p>${body}</p>`,
      renderer: 1,
      ...given,
    };
  }

  /** Writes one reply, which must be created. */
  async write(threadId: string, given: Partial<NewReply> = {}): Promise<{ id: string; change: Change }> {
    const reply = this.reply(given);
    const { results, change } = await this.store.createReplies(threadId, [reply]);
    expect(results).toMatchObject([{ is: 'created', row: { id: reply.id } }]);
    return { id: reply.id, change: change! };
  }

  /** Writes as many roots in one commit, in this order; their ids. */
  async roots(threadId: string, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let left = count; left > 0; left -= 50) {
      const batch = Array.from({ length: Math.min(50, left) }, () => this.reply());
      await this.store.createReplies(threadId, batch);
      ids.push(...batch.map(({ id }) => id));
    }
    return ids;
  }

  async head(threadId: string): Promise<number> {
    return (await this.store.thread(threadId))!.head;
  }

  /** Everything that the thread holds, as its clock orders it. */
  async all(threadId: string): Promise<Change> {
    return (await this.store.changes(threadId, 0, 100_000))!.change!;
  }
}

export function author(name: string): AuthorRow {
  return { id: newId(), siteId: SITE, name, badge: 'guest' };
}

export const outcomes = (results: readonly Created[]): string[] =>
  results.map((created) => (created.is === 'parent' ? `parent ${created.why}` : created.is));
