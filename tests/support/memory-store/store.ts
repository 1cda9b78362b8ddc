// The store's contract in memory, for simulations: deterministic, one commit after the other, every method atomic. Owns
// who may write what; rows, earlier texts, choices and pages are its neighbours' own. Knows no faults and no delays;
// `tests/sim/flaky-store.ts` adds them.
import { DEPTH_MAX } from '../../../shared/limits.js';
import type { Revision } from '../../../shared/protocol.js';
import type { Sort, ThreadMode } from '../../../shared/views.js';
import type {
  AuthorRow,
  Change,
  Changes,
  Choice,
  Created,
  LocatedRows,
  NewReply,
  NewText,
  NewThread,
  PageQuery,
  PageRows,
  ReplyRow,
  SiteRow,
  Store,
  ThreadRow,
  Written,
} from '../../../server/store/store.js';
import { MemoryChoices } from './choices.js';
import { locateIn, readPage } from './pages.js';
import { MemoryRevisions } from './revisions.js';
import { changeOf, MemoryRows, viewOf } from './rows.js';

export class MemoryStore implements Store {
  readonly sites = new Map<string, SiteRow>();
  readonly #authors = new Map<string, AuthorRow>();
  readonly #reports = new Map<string, { reason: string; note: string | null }>();
  readonly #settings = new Map<string, string>();
  readonly #rows: MemoryRows;
  readonly #revisions: MemoryRevisions;
  readonly #choices = new MemoryChoices();
  readonly #now: () => number;

  /** `committed` is told of each commit, in order, before its writer is. */
  constructor(now: () => number, committed: (change: Change) => void = () => {}) {
    this.#now = now;
    this.#rows = new MemoryRows(committed);
    this.#revisions = new MemoryRevisions(now);
  }

  async site(id: string): Promise<SiteRow | null> {
    return this.sites.get(id) ?? null;
  }

  async author(id: string): Promise<AuthorRow | null> {
    return copyOf(this.#authors.get(id));
  }

  async putAuthor(author: AuthorRow): Promise<void> {
    const known = this.#authors.get(author.id);
    if (!known) this.#authors.set(author.id, { ...author });
    else if (known.siteId === author.siteId) known.name = author.name;
  }

  async openThread(thread: NewThread): Promise<ThreadRow> {
    const known = this.#find(thread.siteId, thread.key);
    if (known) return { ...known };
    const row: ThreadRow = { ...thread, state: 'open', head: 0, infoSeq: 0, count: 0, roots: 0 };
    this.#rows.threads.set(row.id, row);
    return { ...row };
  }

  async findThread(siteId: string, key: string): Promise<ThreadRow | null> {
    return copyOf(this.#find(siteId, key));
  }

  #find(siteId: string, key: string): ThreadRow | undefined {
    return [...this.#rows.threads.values()].find((thread) => thread.siteId === siteId && thread.key === key);
  }

  async thread(id: string): Promise<ThreadRow | null> {
    return copyOf(this.#rows.threads.get(id));
  }

  async counts(siteId: string, keys: readonly string[]): Promise<Map<string, number>> {
    const found = [...this.#rows.threads.values()].filter(
      (thread) => thread.siteId === siteId && keys.includes(thread.key),
    );
    return new Map(found.map(({ key, count }) => [key, count]));
  }

  async heads(ids: readonly string[]): Promise<{ id: string; epoch: string; head: number }[]> {
    return ids.flatMap((id) => {
      const thread = this.#rows.threads.get(id);
      return thread ? [{ id, epoch: thread.epoch, head: thread.head }] : [];
    });
  }

  async changes(threadId: string, from: number, limit: number): Promise<Changes | null> {
    const thread = this.#rows.threads.get(threadId);
    if (!thread) return null;
    const rows = this.#rows.changedSince(threadId, from);
    if (rows.length > limit) return { thread: { ...thread }, change: null };
    return { thread: { ...thread }, change: changeOf(thread, from, rows) };
  }

  async firstPage(threadId: string, sort: Sort, limit: number): Promise<{ thread: ThreadRow; page: PageRows } | null> {
    const thread = this.#rows.threads.get(threadId);
    const page = await this.page(threadId, { parentId: null, sort, after: null, limit });
    return thread ? { thread: { ...thread }, page } : null;
  }

  async page(threadId: string, query: PageQuery): Promise<PageRows> {
    return readPage(this.#rows.of(threadId), this.#rows.threads.get(threadId)?.head ?? 0, query);
  }

  async reply(id: string): Promise<ReplyRow | null> {
    const row = this.#rows.replies.get(id);
    return row ? viewOf(row) : null;
  }

  async source(id: string): Promise<string | null> {
    const row = this.#rows.replies.get(id);
    return row?.state === 'published' ? row.body : null;
  }

  async votes(authorId: string, replyIds: readonly string[]): Promise<Map<string, -1 | 1>> {
    return this.#choices.votes(authorId, replyIds);
  }

  async reactions(authorId: string, replyIds: readonly string[]): Promise<Map<string, string[]>> {
    return this.#choices.reactions(authorId, replyIds);
  }

  async locate(threadId: string, id: string, sort: Sort, neighbours: number): Promise<LocatedRows | null> {
    return locateIn(this.#rows.of(threadId), this.#rows.threads.get(threadId)?.head ?? 0, { id, sort, neighbours });
  }

  async news(threadId: string, from: number, except: string | null, limits: { max: number; countMax: number }) {
    const rows = this.#rows
      .of(threadId)
      .filter((row) => row.born > from && row.state === 'published' && row.authorId !== except)
      .sort((a, b) => a.born - b.born)
      .slice(0, limits.countMax);
    return { count: rows.length, news: rows.slice(0, limits.max).map(({ id, rootId }) => ({ id, root: rootId })) };
  }

  async names(siteId: string, ids: readonly string[]): Promise<Map<string, string>> {
    const found = ids.flatMap((id) => this.#authors.get(id) ?? []).filter((author) => author.siteId === siteId);
    return new Map(found.map(({ id, name }) => [id, name]));
  }

  async revisions(id: string, max: number): Promise<Revision[]> {
    return this.#revisions.of(id, max);
  }

  async createReplies(
    threadId: string,
    replies: readonly NewReply[],
  ): Promise<{ results: Created[]; change: Change | null }> {
    const thread = this.#rows.threads.get(threadId);
    if (!thread) return { results: replies.map(() => ({ is: 'gone' })), change: null };
    const from = thread.head;
    const known = new Set(this.#rows.replies.keys());
    const results = replies.map((reply) => this.#create(thread, reply, known));
    if (thread.head === from) return { results, change: null };
    return { results, change: this.#rows.commit(thread, from) };
  }

  /** `known`: the ids that the statement sees, which are those of before it. */
  #create(thread: ThreadRow, given: NewReply, known: ReadonlySet<string>): Created {
    const there = this.#rows.replies.get(given.id);
    if (there) {
      const { threadId, authorId, body, parentId } = there;
      const isSame = authorId === given.author.id && body === given.body && parentId === given.parentId;
      return isSame && threadId === thread.id ? { is: 'known', row: viewOf(there) } : { is: 'taken' };
    }
    if (thread.state === 'closed') return { is: 'closed' };
    const parent = this.#rows.parentOf(given);
    if (given.parentId !== null) {
      if (!parent || parent.threadId !== thread.id) return { is: 'parent', why: 'missing' };
      if (!known.has(parent.id)) return { is: 'again' };
      if (parent.state === 'removed') return { is: 'parent', why: 'removed' };
      if (parent.depth >= DEPTH_MAX) return { is: 'parent', why: 'deep' };
    }
    return { is: 'created', row: viewOf(this.#rows.insert(thread, given, new Date(this.#now()))) };
  }

  #isClosed({ threadId }: ReplyRow): boolean {
    return this.#rows.threads.get(threadId)!.state === 'closed';
  }

  async editReply(
    id: string,
    base: number,
    text: NewText,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'stale' | 'removed' | 'closed'; row: ReplyRow } | null> {
    const row = this.#rows.replies.get(id);
    if (!row) return null;
    if (row.state === 'removed') return { is: 'removed', row: viewOf(row) };
    if (this.#isClosed(row)) return { is: 'closed', row: viewOf(row) };
    if (row.rev !== base) return { is: 'stale', row: viewOf(row) };
    const { body, html, mentions = null } = text;
    this.#revisions.replaced(row);
    return this.#rows.write(row, (seq) => ({
      body,
      html,
      mentions,
      rev: base + 1,
      bodySeq: seq,
      editedAt: new Date(this.#now()),
    }));
  }

  async removeReply(
    id: string,
    undoSeconds: number,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'removed'; row: ReplyRow } | null> {
    const row = this.#rows.replies.get(id);
    if (!row) return null;
    if (row.state === 'removed') return { is: 'removed', row: viewOf(row) };
    const parent = this.#rows.parentOf(row);
    this.#revisions.removed(row, undoSeconds);
    return this.#rows.write(row, (seq, thread) => {
      if (parent) Object.assign(parent, { replies: parent.replies - 1, seq });
      Object.assign(thread, { count: thread.count - 1, infoSeq: seq });
      return { state: 'removed', body: '', html: '', bodySeq: seq };
    });
  }

  async removedText(id: string): Promise<string | null> {
    const row = this.#rows.replies.get(id);
    return row?.state === 'removed' ? this.#revisions.comingBack(row) : null;
  }

  async restoreReply(
    id: string,
    { body, html, mentions = null }: NewText,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'published' | 'late'; row: ReplyRow } | null> {
    const row = this.#rows.replies.get(id);
    if (!row) return null;
    if (row.state === 'published') return { is: 'published', row: viewOf(row) };
    if (this.#revisions.comingBack(row) !== body) return { is: 'late', row: viewOf(row) };
    this.#revisions.restored(row);
    const parent = this.#rows.parentOf(row);
    return this.#rows.write(row, (seq, thread) => {
      if (parent) Object.assign(parent, { replies: parent.replies + 1, seq });
      Object.assign(thread, { count: thread.count + 1, infoSeq: seq });
      return { state: 'published', body, html, mentions, bodySeq: seq };
    });
  }

  async eraseRemoved(limit: number): Promise<number> {
    return this.#revisions.erase(limit);
  }

  async choose(
    id: string,
    choices: readonly Choice[],
    rankOf: (ups: number, downs: number) => number,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'same' | 'removed' | 'closed'; row: ReplyRow } | null> {
    const row = this.#rows.replies.get(id);
    if (!row) return null;
    if (row.state === 'removed') return { is: 'removed', row: viewOf(row) };
    if (this.#isClosed(row)) return { is: 'closed', row: viewOf(row) };
    if (!this.#choices.keep(id, choices)) return { is: 'same', row: viewOf(row) };
    const counters = this.#choices.countersOf(id);
    const rank = rankOf(counters.ups, counters.downs);
    return this.#rows.write(row, (seq) => ({ ...counters, ...(rank !== row.rank && { rank, rankSeq: seq }) }));
  }

  async report(id: string, authorId: string, reason: string, note: string | null): Promise<void> {
    this.#reports.set(`${id} ${authorId}`, { reason, note });
  }

  async setThreadState(id: string, state: ThreadMode): Promise<Change | null> {
    const thread = this.#rows.threads.get(id);
    if (!thread || thread.state === state) return null;
    const from = thread.head++;
    Object.assign(thread, { state, infoSeq: thread.head });
    return this.#rows.commit(thread, from);
  }

  async setting(name: string, make: () => string): Promise<string> {
    const value = this.#settings.get(name) ?? make();
    this.#settings.set(name, value);
    return value;
  }

  /** The replies that changed after this seq, in the order of their seq. */
  changedSince(threadId: string, seq: number): ReplyRow[] {
    return this.#rows.changedSince(threadId, seq);
  }

  /** As after a restore or a merge: the rows are there, and no cursor of before means anything (SEQ6). */
  renewEpoch(threadId: string, epoch: string): void {
    this.#rows.threads.get(threadId)!.epoch = epoch;
  }
}

function copyOf<T extends object>(row: T | undefined): T | null {
  return row ? { ...row } : null;
}
