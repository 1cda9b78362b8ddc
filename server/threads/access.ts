// What an actor reaches: the threads and replies of its own site. Looks rows up and refuses; who may do what with them is
// policy.ts, and whether a thread is open the store's, under its lock.
import { AppError } from '../../shared/errors.js';
import type { ReplyRow, Store } from '../store/store.js';
import type { Actor } from './policy.js';
import type { ThreadIndex } from './thread-index.js';

export class Access {
  readonly #store: Pick<Store, 'reply'>;
  readonly #index: Pick<ThreadIndex, 'siteOf'>;

  constructor(store: Pick<Store, 'reply'>, index: Pick<ThreadIndex, 'siteOf'>) {
    this.#store = store;
    this.#index = index;
  }

  async mustBeOfSite(actor: Actor, threadId: string): Promise<void> {
    if ((await this.#index.siteOf(threadId)) !== actor.site.id) throw new AppError('not_found', { field: 'thread' });
  }

  /** A reply of this site; `not_found` tells nothing of other sites. */
  async replyOfSite(actor: Actor, id: string): Promise<ReplyRow> {
    const row = await this.#store.reply(id);
    if (!row || (await this.#index.siteOf(row.threadId)) !== actor.site.id) throw new AppError('not_found');
    return row;
  }
}
