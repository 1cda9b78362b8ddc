// The store's interface, with its contract. Owns no SQL: `postgres.ts` implements it, and every implementation passes
// tests/contract/store.ts.
import type { Revision } from '../../shared/protocol.js';
import type { Badge, Reactions, Rules, Sort, ThreadMode } from '../../shared/views.js';

export interface SiteRow {
  id: string;
  name: string;
  ownerName: string | null;
  origins: string[];
  rules: Rules;
}

/** A thread as it is at `head`. */
export interface ThreadRow {
  id: string;
  siteId: string;
  key: string;
  url: string | null;
  title: string | null;
  state: ThreadMode;
  epoch: string;
  head: number;
  /** The seq at which what a reader sees of the thread itself last changed. */
  infoSeq: number;
  count: number;
  /** Root rows, tombstones included. */
  roots: number;
}

export interface AuthorRow {
  id: string;
  siteId: string;
  name: string;
  badge: Badge;
}

/** A reply without its Markdown: what presenting it needs. */
export interface ReplyRow {
  id: string;
  threadId: string;
  parentId: string | null;
  rootId: string;
  depth: number;
  born: number;
  seq: number;
  /** The seq of the last change of text, author or state; below `seq` when only counters changed since. */
  bodySeq: number;
  rev: number;
  authorId: string;
  authorName: string;
  authorBadge: Badge;
  html: string;
  state: 'published' | 'removed';
  ups: number;
  downs: number;
  rank: number;
  /** Published children. */
  replies: number;
  /** Child rows, tombstones included. */
  children: number;
  /** Null where nobody ever chose one. */
  reactions: Reactions | null;
  answers: number | null;
  mentions: string[] | null;
  createdAt: Date;
  editedAt: Date | null;
}

/** The counters of a row of which nothing else changed in a range. */
export interface CounterRow {
  id: string;
  seq: number;
  ups: number;
  downs: number;
  replies: number;
  reactions: Reactions | null;
}

/** Of a whole row, its counters. */
export function counterOf(row: CounterRow): CounterRow {
  const { id, seq, ups, downs, replies, reactions } = row;
  return { id, seq, ups, downs, replies, reactions };
}

/**
 * Everything that changed in `(from, to]`, as it is at `to`. Full rows where text or state changed in the range,
 * counters for the rest; both in the order of their seq. `thread.head` is `to`.
 */
export interface Change {
  thread: ThreadRow;
  from: number;
  to: number;
  rows: ReplyRow[];
  counters: CounterRow[];
}

export interface Changes {
  thread: ThreadRow;
  change: Change | null;
}

export interface NewThread {
  id: string;
  epoch: string;
  siteId: string;
  key: string;
  url: string | null;
  title: string | null;
}

export interface NewReply {
  id: string;
  parentId: string | null;
  author: AuthorRow;
  body: string;
  html: string;
  renderer: number;
  answers?: number | null;
  mentions?: string[] | null;
}

/** What an edit replaces. */
export type NewText = Pick<NewReply, 'body' | 'html' | 'renderer' | 'mentions'>;

/**
 * What became of one of the replies given to `createReplies`. `known`: this id exists already, with this text, parent,
 * thread and author; `taken`: it exists with anything else. `parent`: there is no such parent in this thread, it was
 * removed, or it is too deep. `closed`: the thread is; `gone`: it was taken out of the database. `again`:
 * what hindered it is over.
 */
export type Created =
  | { is: 'created'; row: ReplyRow }
  | { is: 'known'; row: ReplyRow }
  | { is: 'taken' }
  | { is: 'parent'; why: 'missing' | 'removed' | 'deep' }
  | { is: 'closed' }
  | { is: 'gone' }
  | { is: 'again' };

/** Where a row stands among its siblings. */
export interface RowPlace {
  born: number;
  rank: number;
}

/** Where a page of siblings starts: after this row, in this order. `served` and `total` tell how many are left. */
export interface PageCursor {
  sort: Sort;
  /** Null: from the beginning. */
  last: RowPlace | null;
  /**
   * Best first: a row that stands before `last` and was not served has got another rank after this seq, so that the next
   * page finds it. Null in the other orders, in which no row ever moves, and from the beginning.
   */
  moved: number | null;
  served: number;
  /** Rows of the list when its first page was read. */
  total: number;
}

/**
 * Rows level by level, each level in its order: the siblings asked for, then first descendants. Best first the siblings
 * begin with those that have moved to before the cursor; some of these the reader may have already.
 */
export interface PageRows {
  rows: ReplyRow[];
  /** Where the list asked for goes on; null where it ends. */
  next: (PageCursor & { last: RowPlace }) | null;
  /** The clock of the thread as it was read. */
  head: number;
}

export interface PageQuery {
  parentId: string | null;
  sort: Sort;
  after: PageCursor | null;
  limit: number;
}

/** A reply where it stands; see `Located` in shared/protocol.ts. */
export interface LocatedRows {
  /** From the root down to its parent. */
  ancestors: ReplyRow[];
  /** Siblings before it, in order. */
  before: ReplyRow[];
  /** The reply and its first descendants, level by level. */
  reply: ReplyRow;
  descendants: ReplyRow[];
  after: ReplyRow[];
  /** Rows of its list behind the last of `after`; an honest least where there are very many. */
  left: number;
  /** Rows of its list. */
  total: number;
  /** The clock of the thread as it was read. */
  head: number;
}

/** One person's vote, or an emoji that they choose or take back. */
export type Choice = { authorId: string } & ({ value: -1 | 0 | 1 } | { emoji: string; on: boolean });

/** Whether a write applied, and if not, the row as it is. `null`: there is no such reply. */
export type Written<T> = { is: 'written'; change: Change } & T;

export interface Store {
  site(id: string): Promise<SiteRow | null>;
  author(id: string): Promise<AuthorRow | null>;
  /** Creates the author, or renames the one of this id and site. */
  putAuthor(author: AuthorRow): Promise<void>;

  /** The thread of this site and key; created from `thread` where there is none. Safe when two do it at once. */
  openThread(thread: NewThread): Promise<ThreadRow>;
  findThread(siteId: string, key: string): Promise<ThreadRow | null>;
  thread(id: string): Promise<ThreadRow | null>;
  /** Published replies by key; a key without a thread is left out. */
  counts(siteId: string, keys: readonly string[]): Promise<Map<string, number>>;
  heads(ids: readonly string[]): Promise<{ id: string; epoch: string; head: number }[]>;

  /**
   * Head and everything that changed after `from`, from one snapshot. `change` is null where more than `limit` rows
   * did: a range is never cut, because a row created inside a first part and touched inside a second would come in full
   * in neither. Null: there is no such thread.
   */
  changes(threadId: string, from: number, limit: number): Promise<Changes | null>;
  /** The thread and its first page from one snapshot; null: there is no such thread. */
  firstPage(threadId: string, sort: Sort, limit: number): Promise<{ thread: ThreadRow; page: PageRows } | null>;
  page(threadId: string, query: PageQuery): Promise<PageRows>;
  reply(id: string): Promise<ReplyRow | null>;
  /** The Markdown of a published reply. */
  source(id: string): Promise<string | null>;
  /** This author's votes on these replies. */
  votes(authorId: string, replyIds: readonly string[]): Promise<Map<string, -1 | 1>>;
  /** The emoji that this author chose on these replies. */
  reactions(authorId: string, replyIds: readonly string[]): Promise<Map<string, string[]>>;
  /** A reply of this thread with what stands around it; costs the same in a thread of any size. */
  locate(threadId: string, id: string, sort: Sort, neighbours: number): Promise<LocatedRows | null>;
  /**
   * Published replies born after this seq and not by this author, in the order of their birth: how many, `countMax` at
   * most, and the first `max` of them.
   */
  news(
    threadId: string,
    from: number,
    except: string | null,
    limits: { max: number; countMax: number },
  ): Promise<{ count: number; news: { id: string; root: string }[] }>;
  /** The names of those of these authors that are of this site. */
  names(siteId: string, ids: readonly string[]): Promise<Map<string, string>>;
  /** Earlier texts of a reply, the newest first. */
  revisions(id: string, max: number): Promise<Revision[]>;

  /**
   * Inserts replies into one thread, in this order, in one commit: each takes the next seq and stamps its parent with
   * it (SEQ1, SEQ7). One that can't be inserted takes no seq and does not hinder the others. Rendering must be done:
   * the row lock of the thread is held to the commit. `change` is null where nothing was created.
   */
  createReplies(threadId: string, replies: readonly NewReply[]): Promise<{ results: Created[]; change: Change | null }>;
  /** Replaces the text where the row is still at `base` and its thread open, and keeps the one that was there. */
  editReply(
    id: string,
    base: number,
    text: NewText,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'stale' | 'removed' | 'closed'; row: ReplyRow } | null>;
  /**
   * Makes it a tombstone; removing it again changes nothing. Its texts are kept apart for `undoSeconds`: until then
   * `restoreReply` brings it back, and after that `eraseRemoved` erases them.
   */
  removeReply(
    id: string,
    undoSeconds: number,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'removed'; row: ReplyRow } | null>;
  /** The text that `restoreReply` would bring back; null where there is none (any more). */
  removedText(id: string): Promise<string | null>;
  /** Brings a removed reply back with this text, rendered again; `late`: its text is erased. */
  restoreReply(
    id: string,
    text: NewText,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'published' | 'late'; row: ReplyRow } | null>;
  /** Erases texts of removed replies whose time to come back is over, `limit` at most; returns how many. */
  eraseRemoved(limit: number): Promise<number>;
  /**
   * What several people chose on one reply, in one commit and with one seq: votes and emoji, the last of each person's wishes.
   * `same` where all stood so already; `closed`: the thread is, and none was looked at. `rankOf` gives the stored rank key.
   */
  choose(
    id: string,
    choices: readonly Choice[],
    rankOf: (ups: number, downs: number) => number,
  ): Promise<Written<{ row: ReplyRow }> | { is: 'same' | 'removed' | 'closed'; row: ReplyRow } | null>;
  /** Keeps one report for each author and reply: the last. */
  report(id: string, authorId: string, reason: string, note: string | null): Promise<void>;
  setThreadState(id: string, state: ThreadMode): Promise<Change | null>;

  /** The installation's setting of this name; `make` gives it a value on first use. The same on every node. */
  setting(name: string, make: () => string): Promise<string>;
}
