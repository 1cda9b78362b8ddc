// The use cases: what a client can ask of threads and replies. Checks, asks the policy, renders before any transaction,
// stores, and hands committed changes on. Knows neither sockets nor SQL.
import { AppError, invalid } from '../../shared/errors.js';
import { LOCATE_NEIGHBOURS, NEWS_COUNT_MAX, NEWS_MAX, PAGE_DEFAULT, REVISIONS_MAX } from '../../shared/limits.js';
import type { DataOf, JoinAnswer, JoinRequest, NewReply, Page, PageRequest, RequestOf } from '../../shared/protocol.js';
import type { Cursor, Mine, Reply, Snapshot, Sort, ThreadMode, You } from '../../shared/views.js';
import type { Bus } from '../bus/bus.js';
import { systemClock, type Clock } from '../clock.js';
import { NO_METRICS, type Metrics } from '../metrics/metrics.js';
import type { Change, Choice, Created, NewText, ReplyRow, Store } from '../store/store.js';
import { decodeAfter } from './after.js';
import { Folding } from './folding.js';
import type { LiveThreads } from './live.js';
import {
  can,
  mustAccept,
  mustBeInTime,
  mustBeSomebody,
  mustOwn,
  mustStand,
  mustTakeVote,
  type Actor,
} from './policy.js';
import { presentLocated, presentPage, presentReply } from './present.js';
import { rank } from './rank.js';
import { isBlank, renderWithNames, RENDERER } from './render.js';
import { checkBody, checkKey, checkTitle, checkUrl } from './text.js';
import type { ThreadIndex } from './thread-index.js';
import { Versions } from './versions.js';
import { ThreadWriters } from './writer.js';

export interface ServiceOptions {
  store: Store;
  live: LiveThreads;
  bus: Pick<Bus, 'publish'>;
  index: ThreadIndex;
  metrics?: Metrics;
  /** Unix milliseconds; the real ones where nothing is said. */
  now?: () => number;
  /** Milliseconds that only go forward. */
  clock?: Pick<Clock, 'now'>;
}

export class Service {
  readonly #store: Store;
  readonly #live: LiveThreads;
  readonly #bus: Pick<Bus, 'publish'>;
  readonly #index: ThreadIndex;
  readonly #versions: Versions;
  readonly #writers: ThreadWriters;
  readonly #choices: Folding<Choice, ReplyRow>;
  readonly #now: () => number;

  constructor({ store, live, bus, index, metrics = NO_METRICS, now = Date.now, clock = systemClock }: ServiceOptions) {
    this.#now = now;
    this.#store = store;
    this.#live = live;
    this.#bus = bus;
    this.#index = index;
    this.#versions = new Versions(store, live, clock);
    this.#writers = new ThreadWriters(store, (change) => this.#committed(change), metrics);
    this.#choices = new Folding((id, choices) => this.#choose(id, choices));
  }

  /** PUMP1: nobody broadcasts here; the pump is handed the change and the other nodes get a hint, after the commit. */
  #committed(change: Change): void {
    this.#live.offer(change);
    this.#versions.moved(change.thread.id);
    this.#bus.publish({ kind: 'head', thread: change.thread.id, head: change.to });
  }

  /** Another node has written there. */
  heard(threadId: string, head: number): void {
    this.#versions.moved(threadId);
    this.#live.nudge(threadId, head);
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
      return { mode: 'delta', delta, you: await this.#you(actor, delta.replies), rules: actor.site.rules };
    }
    const snapshot = await this.#live.snapshot(threadId, request.sort ?? 'oldest', request.limit ?? PAGE_DEFAULT);
    if (!snapshot) throw new AppError('not_found');
    return { mode: 'snapshot', ...snapshot, you: await this.#you(actor, snapshot.replies), rules: actor.site.rules };
  }

  async #you(actor: Actor, replies: readonly Reply[]): Promise<You> {
    const { author } = actor;
    return {
      me: author && { id: author.id, name: author.name, badge: author.badge },
      can: can(actor),
      ...(await this.#mine(actor, replies)),
    };
  }

  /** What this reader has chosen on these replies. */
  async #mine({ author }: Actor, replies: readonly Reply[]): Promise<Mine> {
    if (!author) return { votes: {} };
    const ids = replies.map(({ id }) => id);
    const [votes, reactions] = await Promise.all([
      this.#store.votes(author.id, ids),
      this.#store.reactions(author.id, ids),
    ]);
    return {
      votes: Object.fromEntries(votes),
      ...(reactions.size > 0 ? { reactions: Object.fromEntries(reactions) } : {}),
    };
  }

  /** For HTTP: which thread this is and how far it is. Null: nobody has joined it yet, and reading creates none (HTTP2). */
  async version(siteId: string, rawKey: string): Promise<{ threadId: string; cursor: Cursor } | null> {
    const threadId = await this.#index.find(siteId, checkKey(rawKey));
    const cursor = threadId === null ? null : await this.#versions.of(threadId);
    return threadId !== null && cursor ? { threadId, cursor } : null;
  }

  /** The first page; null: no such thread. */
  snapshot(threadId: string, sort: Sort, limit: number): Promise<Snapshot | null> {
    return this.#live.snapshot(threadId, sort, limit);
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
    const page = presentPage(await this.#store.page(request.thread, query), request.sort);
    const mine = await this.#mine(actor, page.replies);
    // Nothing is said of who has chosen nothing: most pages, and all that nobody asks for by name.
    return Object.keys({ ...mine.votes, ...mine.reactions }).length > 0 ? { ...page, mine } : page;
  }

  /** One reply with what stands around it, for a permalink. */
  async locate(actor: Actor, request: RequestOf<'thread:locate'>): Promise<DataOf<'thread:locate'>> {
    await this.#mustBeOfSite(actor, request.thread);
    const found = await this.#store.locate(request.thread, request.id, request.sort, LOCATE_NEIGHBOURS);
    if (!found) throw new AppError('not_found', { field: 'id' });
    const located = presentLocated(found, request.sort);
    return { ...located, mine: await this.#mine(actor, located.replies) };
  }

  /** What others wrote since an earlier visit; nothing where that cursor means nothing here (SEQ6). */
  async news(actor: Actor, { thread: id, since }: RequestOf<'thread:news'>): Promise<DataOf<'thread:news'>> {
    await this.#mustBeOfSite(actor, id);
    const thread = await this.#store.thread(id);
    if (thread?.epoch !== since.epoch || since.seq > thread.head) return { count: 0, news: [] };
    const limits = { max: NEWS_MAX, countMax: NEWS_COUNT_MAX };
    return await this.#store.news(id, since.seq, actor.author?.id ?? null, limits);
  }

  /** Exactly what `create` would make of the text. */
  async preview(actor: Actor, request: RequestOf<'reply:preview'>): Promise<{ html: string }> {
    await this.#mustBeOfSite(actor, request.thread);
    return { html: (await this.#textOf(actor, request.body, request.mentions)).html };
  }

  /** A text as it is stored: checked and rendered, with those of the mentions that it holds. Throws `invalid`, `body`. */
  async #textOf(actor: Actor, raw: string, mentions: readonly string[] = []): Promise<NewText> {
    const body = checkBody(raw);
    const named =
      mentions.length > 0 && body.includes('@') ? await this.#store.names(actor.site.id, mentions) : new Map();
    const { html, mentioned } = renderWithNames(body, named);
    if (isBlank(html)) throw invalid('body', 'There is nothing to read in this text.');
    return { body, html, renderer: RENDERER, mentions: mentioned.length > 0 ? mentioned : null };
  }

  async #mustBeOfSite(actor: Actor, threadId: string): Promise<void> {
    if ((await this.#index.siteOf(threadId)) !== actor.site.id) throw new AppError('not_found', { field: 'thread' });
  }

  /** REQ1: the same author sending the same id and content again gets the same success. */
  async create(actor: Actor, request: NewReply): Promise<Reply> {
    const author = mustBeSomebody(actor);
    await this.#mustBeOfSite(actor, request.thread);
    const text = await this.#textOf(actor, request.body, request.mentions);
    const parentId = request.parent ?? null;
    const answers = (parentId !== null && request.answers) || null;
    const reply = { id: request.id, parentId, author, answers, ...text };
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

  async edit(actor: Actor, request: RequestOf<'reply:edit'>): Promise<Reply> {
    const row = await this.#replyOfSite(actor, request.id);
    mustOwn(actor, row);
    mustStand(row);
    const mentions = [...(row.mentions ?? []), ...(request.mentions ?? [])];
    const text = await this.#textOf(actor, request.body, mentions);
    mustBeInTime(row.createdAt, actor.site.rules.editWindowSeconds, this.#now());
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
    const done = await this.#store.removeReply(request.id, actor.site.rules.undoSeconds);
    if (!done) throw new AppError('not_found');
    if (done.is === 'written') this.#committed(done.change);
    return presentReply(done.row);
  }

  /** Its author brings a removed reply back while its text is kept; again is the same success. */
  async restore(actor: Actor, request: { id: string }): Promise<Reply> {
    const row = await this.#replyOfSite(actor, request.id);
    mustOwn(actor, row);
    if (row.state === 'published') return presentReply(row);
    const body = await this.#store.removedText(request.id);
    if (body === null) throw new AppError('too_late', { message: 'This text is erased.' });
    const done = await this.#store.restoreReply(request.id, await this.#textOf(actor, body, row.mentions ?? []));
    if (!done) throw new AppError('not_found');
    if (done.is === 'late') throw new AppError('too_late', { message: 'This text is erased.' });
    if (done.is === 'written') this.#committed(done.change);
    return presentReply(done.row);
  }

  /** Earlier texts, for those who run the site and for their author. */
  async history(actor: Actor, request: { id: string }): Promise<DataOf<'reply:history'>> {
    const row = await this.#replyOfSite(actor, request.id);
    if (mustBeSomebody(actor).badge === 'guest') {
      mustOwn(actor, row);
      mustStand(row);
    }
    return { revisions: await this.#store.revisions(request.id, REVISIONS_MAX) };
  }

  async source(actor: Actor, request: { id: string }): Promise<string> {
    const row = await this.#replyOfSite(actor, request.id);
    mustOwn(actor, row);
    mustStand(row);
    const body = await this.#store.source(request.id);
    if (body === null) throw invalid('id', 'This reply was removed.');
    return body;
  }

  /** PUMP8. What came of them; the same for all who chose at once. */
  async #choose(id: string, choices: readonly Choice[]): Promise<ReplyRow> {
    const done = await this.#store.choose(id, choices, rank);
    if (!done) throw new AppError('not_found');
    mustStand(done.row);
    if (done.is === 'written') this.#committed(done.change);
    return done.row;
  }

  async vote(actor: Actor, request: { id: string; value: -1 | 0 | 1 }): Promise<{ score: number; value: -1 | 0 | 1 }> {
    const author = mustBeSomebody(actor);
    mustTakeVote(actor.site.rules, request.value);
    const row = await this.#replyOfSite(actor, request.id);
    mustStand(row);
    await this.#mustBeOpen(row.threadId);
    const now = await this.#choices.add(request.id, { authorId: author.id, value: request.value });
    return { score: now.ups - now.downs, value: request.value };
  }

  async react(actor: Actor, { id, emoji, on }: RequestOf<'reply:react'>): Promise<DataOf<'reply:react'>> {
    const author = mustBeSomebody(actor);
    // What the owner has taken off the list may still be taken back.
    if (on) mustAccept(actor.site.rules, emoji);
    const row = await this.#replyOfSite(actor, id);
    mustStand(row);
    await this.#mustBeOpen(row.threadId);
    const now = await this.#choices.add(id, { authorId: author.id, emoji, on });
    const mine = await this.#store.reactions(author.id, [id]);
    return { reactions: now.reactions ?? {}, mine: mine.get(id) ?? [] };
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
