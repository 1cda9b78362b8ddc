// The store's contract in memory, for simulations: deterministic, one commit after the other, every method atomic.
// Knows no faults and no delays; `tests/sim/flaky-store.ts` adds them.
import { DEPTH_MAX } from '../../shared/limits.js';
import type { Revision } from '../../shared/protocol.js';
import type { Sort, ThreadMode } from '../../shared/views.js';
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
} from '../../server/store/store.js';
import { counterOf } from '../../server/store/store.js';
import { locateIn, readPage, type Placed } from './memory-pages.js';

interface Kept extends Placed {
  body: string;
}

interface KeptRevision extends Revision {
  eraseAt: number | null;
}

export class MemoryStore implements Store {
  readonly sites = new Map<string, SiteRow>();
  readonly #authors = new Map<string, AuthorRow>();
  readonly #threads = new Map<string, ThreadRow>();
  readonly #replies = new Map<string, Kept>();
  readonly #votes = new Map<string, -1 | 1>();
  /** Authors by reply and emoji. */
  readonly #reactions = new Map<string, Map<string, Set<string>>>();
  readonly #revisions = new Map<string, KeptRevision[]>();
  readonly #reports = new Map<string, { reason: string; note: string | null }>();
  readonly #settings = new Map<string, string>();
  readonly #now: () => number;
  readonly #committed: (change: Change) => void;

  /** `committed` is told of each commit, in order, before its writer is. */
  constructor(now: () => number, committed: (change: Change) => void = () => {}) {
    this.#now = now;
    this.#committed = committed;
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
    this.#threads.set(row.id, row);
    return { ...row };
  }

  async findThread(siteId: string, key: string): Promise<ThreadRow | null> {
    return copyOf(this.#find(siteId, key));
  }

  #find(siteId: string, key: string): ThreadRow | undefined {
    return [...this.#threads.values()].find((thread) => thread.siteId === siteId && thread.key === key);
  }

  async thread(id: string): Promise<ThreadRow | null> {
    return copyOf(this.#threads.get(id));
  }

  async counts(siteId: string, keys: readonly string[]): Promise<Map<string, number>> {
    const found = [...this.#threads.values()].filter((thread) => thread.siteId === siteId && keys.includes(thread.key));
    return new Map(found.map(({ key, count }) => [key, count]));
  }

  async heads(ids: readonly string[]): Promise<{ id: string; epoch: string; head: number }[]> {
    return ids.flatMap((id) => {
      const thread = this.#threads.get(id);
      return thread ? [{ id, epoch: thread.epoch, head: thread.head }] : [];
    });
  }

  async changes(threadId: string, from: number, limit: number): Promise<Changes | null> {
    const thread = this.#threads.get(threadId);
    if (!thread) return null;
    const rows = this.changedSince(threadId, from);
    if (rows.length > limit) return { thread: { ...thread }, change: null };
    return { thread: { ...thread }, change: split(thread, from, rows) };
  }

  async firstPage(threadId: string, sort: Sort, limit: number): Promise<{ thread: ThreadRow; page: PageRows } | null> {
    const thread = this.#threads.get(threadId);
    const page = await this.page(threadId, { parentId: null, sort, after: null, limit });
    return thread ? { thread: { ...thread }, page } : null;
  }

  async page(threadId: string, query: PageQuery): Promise<PageRows> {
    return readPage(this.rowsOf(threadId), this.#threads.get(threadId)?.head ?? 0, query);
  }

  async reply(id: string): Promise<ReplyRow | null> {
    const row = this.#replies.get(id);
    return row ? viewOf(row) : null;
  }

  async source(id: string): Promise<string | null> {
    const row = this.#replies.get(id);
    return row?.state === 'published' ? row.body : null;
  }

  async votes(authorId: string, replyIds: readonly string[]): Promise<Map<string, -1 | 1>> {
    const found = new Map<string, -1 | 1>();
    for (const id of replyIds) {
      const value = this.#votes.get(`${id} ${authorId}`);
      if (value) found.set(id, value);
    }
    return found;
  }

  async reactions(authorId: string, replyIds: readonly string[]): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    for (const id of replyIds) {
      const chosen = [...(this.#reactions.get(id) ?? [])].filter(([, people]) => people.has(authorId));
      if (chosen.length > 0) found.set(id, chosen.map(([emoji]) => emoji).sort());
    }
    return found;
  }

  async locate(threadId: string, id: string, sort: Sort, neighbours: number): Promise<LocatedRows | null> {
    return locateIn(this.rowsOf(threadId), this.#threads.get(threadId)?.head ?? 0, { id, sort, neighbours });
  }

  async news(threadId: string, from: number, except: string | null, limits: { max: number; countMax: number }) {
    const rows = this.rowsOf(threadId)
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
    const kept = this.#revisions.get(id) ?? [];
    return kept
      .map(({ eraseAt: _, ...revision }) => revision)
      .reverse()
      .slice(0, max);
  }

  async createReplies(
    threadId: string,
    replies: readonly NewReply[],
  ): Promise<{ results: Created[]; change: Change | null }> {
    const thread = this.#threads.get(threadId);
    if (!thread) throw new Error(`there is no thread ${threadId}`);
    const from = thread.head;
    const known = new Set(this.#replies.keys());
    const results = replies.map((reply) => this.#create(thread, reply, known));
    if (thread.head === from) return { results, change: null };
    return { results, change: this.#commit(thread, from) };
  }

  /** `known`: the ids that the statement sees, which are those of before it. */
  #create(thread: ThreadRow, given: NewReply, known: ReadonlySet<string>): Created {
    const there = this.#replies.get(given.id);
    if (there) {
      const { threadId, authorId, body, parentId } = there;
      const isSame = authorId === given.author.id && body === given.body && parentId === given.parentId;
      return isSame && threadId === thread.id ? { is: 'known', row: viewOf(there) } : { is: 'taken' };
    }
    if (thread.state === 'closed') return { is: 'closed' };
    const parent = given.parentId === null ? null : this.#replies.get(given.parentId);
    if (parent !== null) {
      if (!parent || parent.threadId !== thread.id || !known.has(parent.id)) return { is: 'parent', why: 'missing' };
      if (parent.state === 'removed') return { is: 'parent', why: 'removed' };
      if (parent.depth >= DEPTH_MAX) return { is: 'parent', why: 'deep' };
    }
    const seq = ++thread.head;
    thread.infoSeq = seq;
    thread.count += 1;
    if (parent) Object.assign(parent, { replies: parent.replies + 1, children: parent.children + 1, seq });
    else thread.roots += 1;
    const row: Kept = {
      id: given.id,
      threadId: thread.id,
      parentId: given.parentId,
      rootId: parent?.rootId ?? given.id,
      depth: parent ? parent.depth + 1 : 0,
      born: seq,
      seq,
      bodySeq: seq,
      rev: 1,
      authorId: given.author.id,
      authorName: given.author.name,
      authorBadge: given.author.badge,
      body: given.body,
      html: given.html,
      state: 'published',
      ups: 0,
      downs: 0,
      rank: 0,
      rankSeq: null,
      replies: 0,
      children: 0,
      reactions: null,
      answers: given.answers ?? null,
      mentions: given.mentions ?? null,
      createdAt: new Date(this.#now()),
      editedAt: null,
    };
    this.#replies.set(row.id, row);
    return { is: 'created', row: viewOf(row) };
  }

  async editReply(
    id: string,
    base: number,
    text: NewText,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'stale' | 'removed'; row: ReplyRow } | null> {
    const row = this.#replies.get(id);
    if (!row) return null;
    if (row.state === 'removed') return { is: 'removed', row: viewOf(row) };
    if (row.rev !== base) return { is: 'stale', row: viewOf(row) };
    const { body, html, mentions = null } = text;
    this.#keep(row, null);
    return this.#write(row, (seq) => ({
      body,
      html,
      mentions,
      rev: base + 1,
      bodySeq: seq,
      editedAt: new Date(this.#now()),
    }));
  }

  #keep({ id, rev, body }: Kept, eraseAt: number | null): KeptRevision[] {
    const kept = this.#revisions.get(id) ?? [];
    this.#revisions.set(id, kept);
    kept.push({ rev, body, until: new Date(this.#now()).toISOString(), eraseAt });
    return kept;
  }

  async removeReply(
    id: string,
    undoSeconds: number,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'removed'; row: ReplyRow } | null> {
    const row = this.#replies.get(id);
    if (!row) return null;
    if (row.state === 'removed') return { is: 'removed', row: viewOf(row) };
    const parent = row.parentId === null ? null : this.#replies.get(row.parentId)!;
    const eraseAt = this.#now() + undoSeconds * 1_000;
    for (const kept of this.#keep(row, eraseAt)) kept.eraseAt = eraseAt;
    return this.#write(row, (seq, thread) => {
      if (parent) Object.assign(parent, { replies: parent.replies - 1, seq });
      Object.assign(thread, { count: thread.count - 1, infoSeq: seq });
      return { state: 'removed', body: '', html: '', bodySeq: seq };
    });
  }

  async removedText(id: string): Promise<string | null> {
    const row = this.#replies.get(id);
    return row?.state === 'removed' ? (this.#comingBack(row)?.body ?? null) : null;
  }

  #comingBack({ id, rev }: Kept): KeptRevision | undefined {
    const now = this.#now();
    return this.#revisions.get(id)?.find((kept) => kept.rev === rev && kept.eraseAt !== null && kept.eraseAt > now);
  }

  async restoreReply(
    id: string,
    { body, html, mentions = null }: NewText,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'published' | 'late'; row: ReplyRow } | null> {
    const row = this.#replies.get(id);
    if (!row) return null;
    if (row.state === 'published') return { is: 'published', row: viewOf(row) };
    if (this.#comingBack(row)?.body !== body) return { is: 'late', row: viewOf(row) };
    const left = this.#revisions.get(id)!.filter(({ rev }) => rev !== row.rev);
    this.#revisions.set(
      id,
      left.map((kept) => ({ ...kept, eraseAt: null })),
    );
    const parent = row.parentId === null ? null : this.#replies.get(row.parentId)!;
    return this.#write(row, (seq, thread) => {
      if (parent) Object.assign(parent, { replies: parent.replies + 1, seq });
      Object.assign(thread, { count: thread.count + 1, infoSeq: seq });
      return { state: 'published', body, html, mentions, bodySeq: seq };
    });
  }

  async eraseRemoved(limit: number): Promise<number> {
    let left = limit;
    for (const [id, kept] of this.#revisions) {
      const due = kept.filter(({ eraseAt }) => eraseAt !== null && eraseAt <= this.#now()).slice(0, left);
      left -= due.length;
      this.#revisions.set(
        id,
        kept.filter((revision) => !due.includes(revision)),
      );
    }
    return limit - left;
  }

  async choose(
    id: string,
    choices: readonly Choice[],
    rankOf: (ups: number, downs: number) => number,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'same' | 'removed'; row: ReplyRow } | null> {
    const row = this.#replies.get(id);
    if (!row) return null;
    if (row.state === 'removed') return { is: 'removed', row: viewOf(row) };
    let { ups, downs } = row;
    const chosen = new Map([...(this.#reactions.get(id) ?? [])].map(([emoji, people]) => [emoji, new Set(people)]));
    const before = JSON.stringify([ups, downs, countsOf(chosen)]);
    const kept = new Map(this.#votes);
    for (const choice of choices) {
      if ('value' in choice) {
        const mine = `${id} ${choice.authorId}`;
        const was = kept.get(mine) ?? 0;
        ups += Number(choice.value === 1) - Number(was === 1);
        downs += Number(choice.value === -1) - Number(was === -1);
        if (choice.value === 0) kept.delete(mine);
        else kept.set(mine, choice.value);
      } else {
        const people = chosen.get(choice.emoji) ?? new Set<string>();
        chosen.set(choice.emoji, people);
        if (choice.on) people.add(choice.authorId);
        else people.delete(choice.authorId);
      }
    }
    const isSame =
      before === JSON.stringify([ups, downs, countsOf(chosen)]) &&
      choices.every((one) => !('value' in one) || (this.#votes.get(`${id} ${one.authorId}`) ?? 0) === one.value);
    if (isSame) return { is: 'same', row: viewOf(row) };
    this.#votes.clear();
    for (const [key, value] of kept) this.#votes.set(key, value);
    this.#reactions.set(id, chosen);
    const reactions = choices.some((one) => 'emoji' in one) ? countsOf(chosen) : row.reactions;
    const rank = rankOf(ups, downs);
    return this.#write(row, (seq) => ({ ups, downs, reactions, ...(rank !== row.rank && { rank, rankSeq: seq }) }));
  }

  async report(id: string, authorId: string, reason: string, note: string | null): Promise<void> {
    this.#reports.set(`${id} ${authorId}`, { reason, note });
  }

  async setThreadState(id: string, state: ThreadMode): Promise<Change | null> {
    const thread = this.#threads.get(id);
    if (!thread || thread.state === state) return null;
    const from = thread.head++;
    Object.assign(thread, { state, infoSeq: thread.head });
    return this.#commit(thread, from);
  }

  async setting(name: string, make: () => string): Promise<string> {
    const value = this.#settings.get(name) ?? make();
    this.#settings.set(name, value);
    return value;
  }

  /** All rows of a thread, oldest first. */
  rowsOf(threadId: string): Placed[] {
    return [...this.#replies.values()].filter((row) => row.threadId === threadId).map(viewOf);
  }

  /** Those that changed after this seq, in the order of their seq. */
  changedSince(threadId: string, seq: number): ReplyRow[] {
    const rows = [...this.#replies.values()].filter((row) => row.threadId === threadId && row.seq > seq);
    return rows.sort((a, b) => a.seq - b.seq).map(viewOf);
  }

  /** As after a restore or a merge: the rows are there, and no cursor of before means anything (SEQ6). */
  renewEpoch(threadId: string, epoch: string): void {
    this.#threads.get(threadId)!.epoch = epoch;
  }

  #write(row: Kept, set: (seq: number, thread: ThreadRow) => Partial<Kept>): Written<{ row: ReplyRow }> {
    const thread = this.#threads.get(row.threadId)!;
    const from = thread.head++;
    const seq = thread.head;
    Object.assign(row, { seq }, set(seq, thread));
    return { is: 'written', row: viewOf(row), change: this.#commit(thread, from) };
  }

  #commit(thread: ThreadRow, from: number): Change {
    const change = split(thread, from, this.changedSince(thread.id, from));
    this.#committed(change);
    return change;
  }
}

function split(thread: ThreadRow, from: number, changed: readonly ReplyRow[]): Change {
  const rows = changed.filter((row) => row.bodySeq > from);
  const counters = changed.filter((row) => row.bodySeq <= from).map(counterOf);
  return { thread: { ...thread }, from, to: thread.head, rows, counters };
}

/** A copy, because what a store has answered does not change any more. */
function viewOf(kept: Kept): Placed {
  const { body: _, ...row } = kept;
  return row;
}

function copyOf<T extends object>(row: T | undefined): T | null {
  return row ? { ...row } : null;
}

function countsOf(chosen: ReadonlyMap<string, ReadonlySet<string>>): Record<string, number> {
  return Object.fromEntries([...chosen].flatMap(([emoji, { size }]) => (size > 0 ? [[emoji, size] as const] : [])));
}
