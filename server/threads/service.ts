// The use cases: what a client can ask of threads and replies. Checks, asks the policy, renders before any transaction,
// stores, and hands committed changes on. Knows neither sockets nor SQL.
import { AppError, invalid } from '../../shared/errors.js';
import { NIL_ID } from '../../shared/ids.js';
import { PAGE_DEFAULT } from '../../shared/limits.js';
import type { JoinAnswer, JoinRequest, Page, PageRequest } from '../../shared/protocol.js';
import type { Reply, Snapshot, Sort, ThreadMode, You } from '../../shared/views.js';
import type { Bus } from '../bus/bus.js';
import type { Change, Created, ReplyRow, Store } from '../store/store.js';
import { decodeAfter } from './after.js';
import type { LiveThreads } from './live.js';
import { can, mustBeSomebody, mustOwn, mustStand, type Actor } from './policy.js';
import { presentPage, presentReply } from './present.js';
import { rank } from './rank.js';
import { isBlank, render, RENDERER } from './render.js';
import { checkBody, checkKey, checkTitle, checkUrl } from './text.js';
import type { ThreadIndex } from './thread-index.js';
import { ThreadWriters } from './writer.js';

export interface ServiceOptions {
  store: Store;
  live: LiveThreads;
  bus: Bus;
  index: ThreadIndex;
}

export class Service {
  readonly #store: Store;
  readonly #live: LiveThreads;
  readonly #bus: Bus;
  readonly #index: ThreadIndex;
  readonly #writers: ThreadWriters;

  constructor({ store, live, bus, index }: ServiceOptions) {
    this.#store = store;
    this.#live = live;
    this.#bus = bus;
    this.#index = index;
    this.#writers = new ThreadWriters(store, (change) => this.#committed(change));
  }

  /** PUMP1: nobody broadcasts here; the pump is handed the change and the other nodes get a hint, after the commit. */
  #committed(change: Change): void {
    this.#live.offer(change);
    this.#bus.publish({ kind: 'head', thread: change.thread.id, head: change.to });
  }

  /**
   * REQ2, REQ4. `listen` is called with the thread's id before anything is read, so that what is published meanwhile is
   * heard (and parked by the client); it is not called where the join is refused before.
   */
  async join(actor: Actor, request: JoinRequest, listen: (threadId: string) => void): Promise<JoinAnswer> {
    const key = checkKey(request.key);
    const url = request.url === undefined ? null : checkUrl(request.url);
    const title = request.title === undefined ? null : checkTitle(request.title);
    const threadId = await this.#index.open({ siteId: actor.site.id, key, url, title });
    listen(threadId);
    const { cursor } = request;
    const delta = cursor ? await this.#live.delta(threadId, cursor) : 'snapshot';
    if (delta && delta !== 'snapshot') {
      return { mode: 'delta', delta, you: await this.#you(actor, delta.replies) };
    }
    const snapshot = await this.#live.snapshot(threadId, request.sort ?? 'oldest', request.limit ?? PAGE_DEFAULT);
    if (!snapshot) throw new AppError('not_found');
    return { mode: 'snapshot', ...snapshot, you: await this.#you(actor, snapshot.replies) };
  }

  async #you(actor: Actor, replies: readonly Reply[]): Promise<You> {
    const { author } = actor;
    const votes = author
      ? await this.#store.votes(
          author.id,
          replies.map(({ id }) => id),
        )
      : new Map<string, -1 | 1>();
    return {
      me: author && { id: author.id, name: author.name, badge: author.badge },
      can: can(actor),
      votes: Object.fromEntries(votes),
    };
  }

  /** The first page for HTTP. A thread that nobody has joined yet is empty and not created (REQ4 leaves that to a join). */
  async snapshot(siteId: string, rawKey: string, sort: Sort, limit: number): Promise<Snapshot> {
    const key = checkKey(rawKey);
    const threadId = await this.#index.find(siteId, key);
    const snapshot = threadId === null ? null : await this.#live.snapshot(threadId, sort, limit);
    return (
      snapshot ?? {
        cursor: { epoch: NIL_ID, seq: 0 },
        thread: { id: NIL_ID, key, url: null, title: null, count: 0, state: 'open' },
        replies: [],
        more: null,
      }
    );
  }

  counts(siteId: string, keys: readonly string[]): Promise<Map<string, number>> {
    return this.#store.counts(siteId, keys.map(checkKey));
  }

  async page(actor: Actor, request: PageRequest): Promise<Page> {
    await this.#mustBeOfSite(actor, request.thread);
    const after = request.after === undefined ? null : decodeAfter(request.after, request.sort);
    const limit = request.limit ?? PAGE_DEFAULT;
    if (request.parent !== null) {
      const parent = await this.#store.reply(request.parent);
      if (parent?.threadId !== request.thread) throw new AppError('not_found', { field: 'parent' });
    }
    const query = { parentId: request.parent, sort: request.sort, after, limit };
    return presentPage(await this.#store.page(request.thread, query), request.sort);
  }

  async #mustBeOfSite(actor: Actor, threadId: string): Promise<void> {
    if ((await this.#index.siteOf(threadId)) !== actor.site.id) throw new AppError('not_found', { field: 'thread' });
  }

  /** REQ1: the same author sending the same id and content again gets the same success. */
  async create(
    actor: Actor,
    request: { thread: string; id: string; parent?: string | null | undefined; body: string },
  ): Promise<Reply> {
    const author = mustBeSomebody(actor);
    const text = textOf(request.body);
    await this.#mustBeOfSite(actor, request.thread);
    const reply = { id: request.id, parentId: request.parent ?? null, author, ...text };
    const created = this.#writers.create(request.thread, reply);
    if (!created) throw new AppError('overloaded', { retryAfterMs: 2_000 });
    return await this.#createdReply(actor, request.id, await created);
  }

  async #createdReply(actor: Actor, id: string, created: Created): Promise<Reply> {
    switch (created.is) {
      case 'created':
      case 'known':
        return presentReply(created.row);
      case 'taken': {
        const current = await this.#replyOfSite(actor, id).catch(() => null);
        throw new AppError('conflict', {
          message: 'This id belongs to another reply.',
          field: 'id',
          ...(current ? { current: presentReply(current) } : {}),
        });
      }
      case 'closed':
        throw new AppError('thread_closed');
      case 'parent':
        if (created.why === 'removed') throw new AppError('parent_gone', { field: 'parent' });
        throw invalid(
          'parent',
          created.why === 'deep' ? 'This branch is as deep as it can be.' : 'There is no such reply in this thread.',
        );
      default:
        throw created satisfies never;
    }
  }

  /** A reply of this site; `not_found` tells nothing of other sites. */
  async #replyOfSite(actor: Actor, id: string): Promise<ReplyRow> {
    const row = await this.#store.reply(id);
    if (!row || (await this.#index.siteOf(row.threadId)) !== actor.site.id) throw new AppError('not_found');
    return row;
  }

  async edit(actor: Actor, request: { id: string; body: string; base: number }): Promise<Reply> {
    const text = textOf(request.body);
    const row = await this.#replyOfSite(actor, request.id);
    mustOwn(actor, row);
    mustStand(row);
    await this.#mustBeOpen(row.threadId);
    const done = await this.#store.editReply(request.id, request.base, text);
    if (!done) throw new AppError('not_found');
    if (done.is === 'removed') mustStand(done.row);
    if (done.is === 'stale') {
      // The same edit sent again after a lost answer is the success that it was (REQ1's spirit for edits).
      const repeated = done.row.rev === request.base + 1 && (await this.#store.source(request.id)) === text.body;
      if (!repeated) throw new AppError('conflict', { current: presentReply(done.row) });
    }
    if (done.is === 'written') this.#committed(done.change);
    return presentReply(done.row);
  }

  /** Removing again is the same success; a closed thread doesn't hinder taking back one's own words. */
  async remove(actor: Actor, request: { id: string }): Promise<Reply> {
    mustOwn(actor, await this.#replyOfSite(actor, request.id));
    const done = await this.#store.removeReply(request.id);
    if (!done) throw new AppError('not_found');
    if (done.is === 'written') this.#committed(done.change);
    return presentReply(done.row);
  }

  async source(actor: Actor, request: { id: string }): Promise<string> {
    const row = await this.#replyOfSite(actor, request.id);
    mustOwn(actor, row);
    mustStand(row);
    const body = await this.#store.source(request.id);
    if (body === null) throw invalid('id', 'This reply was removed.');
    return body;
  }

  async vote(actor: Actor, request: { id: string; value: -1 | 0 | 1 }): Promise<{ score: number; value: -1 | 0 | 1 }> {
    const author = mustBeSomebody(actor);
    const row = await this.#replyOfSite(actor, request.id);
    mustStand(row);
    await this.#mustBeOpen(row.threadId);
    const done = await this.#store.vote(request.id, author.id, request.value, rank);
    if (!done) throw new AppError('not_found');
    mustStand(done.row);
    if (done.is === 'written') this.#committed(done.change);
    return { score: done.row.ups - done.row.downs, value: request.value };
  }

  async report(actor: Actor, request: { id: string; reason: string; note?: string | undefined }): Promise<void> {
    const author = mustBeSomebody(actor);
    mustStand(await this.#replyOfSite(actor, request.id));
    await this.#store.report(request.id, author.id, request.reason, request.note ?? null);
  }

  /** For the owner's tools: closes or opens a thread; false where it was so already or there is none. */
  async setState(threadId: string, state: ThreadMode): Promise<boolean> {
    const change = await this.#store.setThreadState(threadId, state);
    if (change) this.#committed(change);
    return change !== null;
  }

  async #mustBeOpen(threadId: string): Promise<void> {
    if ((await this.#store.thread(threadId))?.state === 'closed') throw new AppError('thread_closed');
  }
}

/** A text as it is stored: checked and rendered. Throws `invalid` with the field `body`. */
function textOf(raw: string): { body: string; html: string; renderer: number } {
  const body = checkBody(raw);
  const html = render(body);
  if (isBlank(html)) throw invalid('body', 'There is nothing to read in this text.');
  return { body, html, renderer: RENDERER };
}
