// The use cases of threads: joining and reading them, how far they are, and for the owner closing them. Checks, reads,
// presents, and adds what the reader has chosen. Writes no replies; knows neither sockets nor SQL.
import { AppError } from '../../shared/errors.js';
import { LOCATE_NEIGHBOURS, NEWS_COUNT_MAX, NEWS_MAX, PAGE_DEFAULT } from '../../shared/limits.js';
import type { DataOf, JoinAnswer, JoinRequest, Page, PageRequest, RequestOf } from '../../shared/protocol.js';
import type { Cursor, Mine, Reply, Rules, Snapshot, Sort, ThreadMode, You } from '../../shared/views.js';
import type { Change, Store } from '../store/store.js';
import type { Access } from './access.js';
import { decodeAfter } from './after.js';
import type { Choosing } from './choosing.js';
import type { LiveThreads } from './live.js';
import { can, type Actor } from './policy.js';
import { presentLocated, presentPage } from './present.js';
import { checkKey, checkTitle, checkUrl } from './text.js';
import type { ThreadIndex } from './thread-index.js';
import type { Versions } from './versions.js';

export interface ThreadsOptions {
  store: Store;
  live: LiveThreads;
  index: ThreadIndex;
  versions: Pick<Versions, 'of'>;
  access: Access;
  choosing: Pick<Choosing, 'settled'>;
  /** Hands on what was committed. */
  committed(change: Change): void;
}

export class Threads {
  readonly #store: Store;
  readonly #live: LiveThreads;
  readonly #index: ThreadIndex;
  readonly #versions: Pick<Versions, 'of'>;
  readonly #access: Access;
  readonly #choosing: Pick<Choosing, 'settled'>;
  readonly #committed: (change: Change) => void;

  constructor({ store, live, index, versions, access, choosing, committed }: ThreadsOptions) {
    this.#store = store;
    this.#live = live;
    this.#index = index;
    this.#versions = versions;
    this.#access = access;
    this.#choosing = choosing;
    this.#committed = committed;
  }

  /**
   * REQ2, REQ4. `listen` is called with the thread's id before anything is read, so that what is published meanwhile is
   * heard (and parked by the client); it is not called where the join is refused before. `create` is called before a thread is
   * created, and may refuse that.
   */
  async join(
    actor: Actor,
    request: JoinRequest,
    listen: (threadId: string) => void,
    create: () => void = () => {},
  ): Promise<JoinAnswer> {
    const key = checkKey(request.key);
    const url = request.url === undefined ? null : checkUrl(request.url);
    const title = request.title === undefined ? null : checkTitle(request.title);
    const threadId = await this.#index.open({ siteId: actor.site.id, key, url, title }, create);
    listen(threadId);
    const { cursor, sort = 'oldest', limit = PAGE_DEFAULT } = request;
    const delta = cursor ? await this.#live.delta(threadId, cursor) : 'snapshot';
    if (delta && delta !== 'snapshot') {
      // What it continues, the first page over HTTP, told nobody what they have chosen there.
      const first = actor.author && (await this.#live.snapshot(threadId, sort, limit));
      const replies = [...(first?.replies ?? []), ...delta.replies, ...(delta.touched ?? [])];
      return { mode: 'delta', delta, you: await this.#you(actor, replies), rules: rulesOf(actor) };
    }
    const snapshot = await this.#live.snapshot(threadId, sort, limit, cursor);
    if (!snapshot) {
      // It was taken out of the database, and is made anew.
      this.#index.forget({ siteId: actor.site.id, key, id: threadId });
      return await this.join(actor, request, listen, create);
    }
    return { mode: 'snapshot', ...snapshot, you: await this.#you(actor, snapshot.replies), rules: rulesOf(actor) };
  }

  async #you(actor: Actor, replies: readonly Pick<Reply, 'id'>[]): Promise<You> {
    const { author } = actor;
    return {
      me: author && { id: author.id, name: author.name, badge: author.badge },
      can: can(actor),
      ...(await this.#mine(actor, replies)),
    };
  }

  /** What this reader has chosen on these replies. */
  async #mine(actor: Actor, replies: readonly Pick<Reply, 'id'>[]): Promise<Mine> {
    const { author } = actor;
    if (!author) return { votes: {} };
    const ids = replies.map(({ id }) => id);
    const [votes, reactions] = await this.#choosing.settled(actor, () =>
      Promise.all([this.#store.votes(author.id, ids), this.#store.reactions(author.id, ids)]),
    );
    return {
      votes: Object.fromEntries(votes),
      ...(reactions.size > 0 ? { reactions: Object.fromEntries(reactions) } : {}),
    };
  }

  /** For HTTP: which thread this is and how far it is. Null: nobody has joined it yet, and reading creates none (HTTP2). */
  async version(siteId: string, rawKey: string): Promise<{ threadId: string; cursor: Cursor } | null> {
    const key = checkKey(rawKey);
    const threadId = await this.#index.find(siteId, key);
    if (threadId === null) return null;
    const cursor = await this.#versions.of(threadId);
    if (cursor) return { threadId, cursor };
    this.#index.forget({ siteId, key, id: threadId });
    return null;
  }

  /** The first page; null: no such thread. */
  snapshot(threadId: string, sort: Sort, limit: number): Promise<Snapshot | null> {
    return this.#live.snapshot(threadId, sort, limit);
  }

  counts(siteId: string, keys: readonly string[]): Promise<Map<string, number>> {
    return this.#store.counts(siteId, keys.map(checkKey));
  }

  async page(actor: Actor, request: PageRequest): Promise<Page> {
    await this.#access.mustBeOfSite(actor, request.thread);
    const after = request.after === undefined ? null : decodeAfter(request.after, request.sort);
    const limit = request.limit ?? PAGE_DEFAULT;
    if (request.parent !== null) {
      const parent = await this.#store.reply(request.parent);
      if (parent?.threadId !== request.thread) throw new AppError('not_found', { field: 'parent' });
    }
    const query = { parentId: request.parent, sort: request.sort, after, limit };
    const page = presentPage(await this.#store.page(request.thread, query), request.sort);
    const mine = await this.#mine(actor, page.replies);
    // Nothing is said of who has chosen nothing: most pages, and all that nobody asks for by name.
    return Object.keys({ ...mine.votes, ...mine.reactions }).length > 0 ? { ...page, mine } : page;
  }

  /** One reply with what stands around it, for a permalink. */
  async locate(actor: Actor, request: RequestOf<'thread:locate'>): Promise<DataOf<'thread:locate'>> {
    await this.#access.mustBeOfSite(actor, request.thread);
    const found = await this.#store.locate(request.thread, request.id, request.sort, LOCATE_NEIGHBOURS);
    if (!found) throw new AppError('not_found', { field: 'id' });
    const located = presentLocated(found, request.sort);
    return { ...located, mine: await this.#mine(actor, located.replies) };
  }

  /** What others wrote since an earlier visit; nothing where that cursor means nothing here (SEQ6). */
  async news(actor: Actor, { thread: id, since }: RequestOf<'thread:news'>): Promise<DataOf<'thread:news'>> {
    await this.#access.mustBeOfSite(actor, id);
    const thread = await this.#store.thread(id);
    if (thread?.epoch !== since.epoch || since.seq > thread.head) return { count: 0, news: [] };
    const limits = { max: NEWS_MAX, countMax: NEWS_COUNT_MAX };
    return await this.#store.news(id, since.seq, actor.author?.id ?? null, limits);
  }

  /** For the owner's tools: closes or opens a thread; false where it was so already or there is none. */
  async setState(threadId: string, state: ThreadMode): Promise<boolean> {
    const change = await this.#store.setThreadState(threadId, state);
    if (change) this.#committed(change);
    return change !== null;
  }
}

/** What the site allows, and what this server has. */
function rulesOf({ site }: Actor): Rules {
  return { ...site.rules, digest: true };
}
