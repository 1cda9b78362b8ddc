// The use cases of replies: writing, changing and taking them back, their texts for those who wrote them, and reports.
// Checks, asks the policy, renders before any transaction, stores, and hands committed changes on. Knows neither
// sockets nor SQL.
import { AppError, invalid } from '../../shared/errors.js';
import { REVISIONS_MAX } from '../../shared/limits.js';
import type { DataOf, NewReply, RequestOf } from '../../shared/protocol.js';
import type { Reply } from '../../shared/views.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Change, Created, NewText, ReplyRow, Store } from '../store/store.js';
import type { Access } from './access.js';
import { mustBeInTime, mustBeSomebody, mustOwn, mustStand, type Actor } from './policy.js';
import { presentReply } from './present.js';
import { isBlank, renderWithNames, RENDERER } from './render.js';
import { checkBody } from './text.js';
import type { Turns } from './turns.js';
import { ThreadWriters } from './writer.js';

/** Of a reply that was hindered by what was over when it was asked why. */
const ATTEMPTS = 3;

export interface RepliesOptions {
  store: Store;
  access: Access;
  turns: Turns;
  /** Hands on what was committed. */
  committed(change: Change): void;
  metrics: Metrics;
  /** Unix milliseconds. */
  now(): number;
}

export class Replies {
  readonly #store: Store;
  readonly #access: Access;
  readonly #turns: Turns;
  readonly #committed: (change: Change) => void;
  readonly #writers: ThreadWriters;
  readonly #now: () => number;

  constructor({ store, access, turns, committed, metrics, now }: RepliesOptions) {
    this.#store = store;
    this.#access = access;
    this.#turns = turns;
    this.#committed = committed;
    this.#writers = new ThreadWriters(store, committed, metrics);
    this.#now = now;
  }

  /** Exactly what `create` would make of the text. */
  async preview(actor: Actor, request: RequestOf<'reply:preview'>): Promise<{ html: string }> {
    await this.#access.mustBeOfSite(actor, request.thread);
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

  /** REQ1: the same author sending the same id and content again gets the same success. */
  async create(actor: Actor, request: NewReply): Promise<Reply> {
    const author = mustBeSomebody(actor);
    await this.#access.mustBeOfSite(actor, request.thread);
    const text = await this.#textOf(actor, request.body, request.mentions);
    const parentId = request.parent ?? null;
    const answers = (parentId !== null && request.answers) || null;
    const reply = { id: request.id, parentId, author, answers, ...text };
    for (let attempt = 1; ; attempt++) {
      const writing = this.#writers.create(request.thread, reply);
      if (!writing) throw new AppError('overloaded', { retryAfterMs: 2_000 });
      const created = await writing;
      if (created.is !== 'again' || attempt === ATTEMPTS) return await this.#createdReply(actor, request.id, created);
    }
  }

  async #createdReply(actor: Actor, id: string, created: Created): Promise<Reply> {
    switch (created.is) {
      case 'created':
      case 'known':
        return presentReply(created.row);
      case 'taken': {
        const current = await this.#access.replyOfSite(actor, id).catch(() => null);
        throw new AppError('conflict', {
          message: 'This id belongs to another reply.',
          field: 'id',
          ...(current ? { current: presentReply(current) } : {}),
        });
      }
      case 'closed':
        throw new AppError('thread_closed');
      case 'again':
        throw new AppError('overloaded', { retryAfterMs: 1_000 });
      case 'gone':
        throw new AppError('not_found', { field: 'thread' });
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

  async edit(actor: Actor, request: RequestOf<'reply:edit'>): Promise<Reply> {
    const row = await this.#access.replyOfSite(actor, request.id);
    mustOwn(actor, row);
    mustStand(row);
    const mentions = [...(row.mentions ?? []), ...(request.mentions ?? [])];
    const text = await this.#textOf(actor, request.body, mentions);
    if (await this.#isMade(row, request.base, text)) return presentReply(row);
    mustBeInTime(row.createdAt, actor.site.rules.editWindowSeconds, this.#now());
    const done = await this.#turns.take(row.threadId, () => this.#store.editReply(request.id, request.base, text));
    if (!done) throw new AppError('not_found');
    mustStand(done.row);
    if (done.is === 'written') this.#committed(done.change);
    else if (!(await this.#isMade(done.row, request.base, text))) {
      if (done.is === 'closed') throw new AppError('thread_closed');
      throw new AppError('conflict', { current: presentReply(done.row) });
    }
    return presentReply(done.row);
  }

  /** Whether this edit stands: sent again after a lost answer it is the success that it was, whatever is over since (REQ5). */
  async #isMade({ id, rev }: ReplyRow, base: number, { body }: NewText): Promise<boolean> {
    return rev === base + 1 && (await this.#store.source(id)) === body;
  }

  /** Removing again is the same success; a closed thread doesn't hinder taking back one's own words. */
  async remove(actor: Actor, request: { id: string }): Promise<Reply> {
    const row = await this.#access.replyOfSite(actor, request.id);
    mustOwn(actor, row);
    const { undoSeconds } = actor.site.rules;
    const done = await this.#turns.take(row.threadId, () => this.#store.removeReply(request.id, undoSeconds));
    if (!done) throw new AppError('not_found');
    if (done.is === 'written') this.#committed(done.change);
    return presentReply(done.row);
  }

  /** Its author brings a removed reply back while its text is kept; again is the same success. */
  async restore(actor: Actor, request: { id: string }): Promise<Reply> {
    const row = await this.#access.replyOfSite(actor, request.id);
    mustOwn(actor, row);
    if (row.state === 'published') return presentReply(row);
    const body = await this.#store.removedText(request.id);
    if (body === null) {
      // Asked again before it was answered: the first may have brought it back meanwhile.
      const now = await this.#access.replyOfSite(actor, request.id);
      if (now.state === 'published') return presentReply(now);
      throw new AppError('too_late', { message: 'This text is erased.' });
    }
    const text = await this.#textOf(actor, body, row.mentions ?? []);
    const done = await this.#turns.take(row.threadId, () => this.#store.restoreReply(request.id, text));
    if (!done) throw new AppError('not_found');
    if (done.is === 'late') throw new AppError('too_late', { message: 'This text is erased.' });
    if (done.is === 'written') this.#committed(done.change);
    return presentReply(done.row);
  }

  /** Earlier texts, for those who run the site and for their author. */
  async history(actor: Actor, request: { id: string }): Promise<DataOf<'reply:history'>> {
    const row = await this.#access.replyOfSite(actor, request.id);
    if (mustBeSomebody(actor).badge === 'guest') {
      mustOwn(actor, row);
      mustStand(row);
    }
    return { revisions: await this.#store.revisions(request.id, REVISIONS_MAX) };
  }

  async source(actor: Actor, request: { id: string }): Promise<string> {
    const row = await this.#access.replyOfSite(actor, request.id);
    mustOwn(actor, row);
    mustStand(row);
    const body = await this.#store.source(request.id);
    if (body === null) throw invalid('id', 'This reply was removed.');
    return body;
  }

  async report(actor: Actor, request: { id: string; reason: string; note?: string | undefined }): Promise<void> {
    const author = mustBeSomebody(actor);
    mustStand(await this.#access.replyOfSite(actor, request.id));
    await this.#store.report(request.id, author.id, request.reason, request.note ?? null);
  }
}
