// The tables. Owns their shape and the constraints that make a wrong row impossible; queries live in server/store.
//
// Ids are UUIDs made by us (UUIDv7, `shared/ids.ts`), so that a client can name its reply before the server has seen
// it and so that SQL stays valid from PostgreSQL 15 on. Positions (`head`, `seq`, `born`) are bigint read as a number:
// they stay far below 2^53. Times are `timestamptz` and are only ever shown, never sorted by (SEQ5).
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';

const seq = (name: string) => bigint(name, { mode: 'number' });
const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** What the installation keeps for itself, shared by its nodes: the key that signs tokens, and what was done once. */
export const settings = pgTable('settings', {
  name: text().primaryKey(),
  value: text().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
});

/** One owner's web site. `origins` holds exact origins; `http://localhost:*` stands for any port of that host. */
export const sites = pgTable(
  'sites',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    /** The name under which the owner writes: no guest may pass for it. */
    ownerName: text('owner_name'),
    origins: text().array().notNull(),
    /** What readers may do here; see `Rules` in shared/views.ts. */
    votes: text({ enum: ['none', 'up', 'updown'] })
      .notNull()
      .default('updown'),
    reactions: text().array().notNull().default(['👍', '❤️', '😄', '🎉', '🤔', '😢']),
    editWindowSeconds: integer('edit_window_seconds'),
    undoSeconds: integer('undo_seconds').notNull().default(600),
    presence: boolean().notNull().default(true),
    typing: boolean().notNull().default(true),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    check('sites_id_is_slug', sql`${t.id} ~ '^[a-z0-9][a-z0-9-]{0,63}$'`),
    check('sites_votes', sql`${t.votes} in ('none', 'up', 'updown')`),
    check('sites_times', sql`${t.editWindowSeconds} >= 0 and ${t.undoSeconds} >= 0`),
  ],
);

/**
 * The discussion of one page. `head` is its clock (SEQ1): this row is updated by every write, so nothing indexed may
 * change with it (the update stays on its page, "HOT") and it is kept small; the fill factor of 50 is set in the migration.
 */
export const threads = pgTable(
  'threads',
  {
    id: uuid().primaryKey(),
    siteId: text('site_id')
      .notNull()
      .references(() => sites.id),
    key: text().notNull(),
    url: text(),
    title: text(),
    state: text({ enum: ['open', 'closed'] })
      .notNull()
      .default('open'),
    epoch: uuid().notNull(),
    head: seq('head').notNull().default(0),
    /** The seq at which what stands in `Thread` last changed. */
    infoSeq: seq('info_seq').notNull().default(0),
    /** Published replies. */
    count: integer().notNull().default(0),
    /** Root rows, tombstones included: what paging counts by. */
    roots: integer().notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    unique('threads_site_key').on(t.siteId, t.key),
    check('threads_state', sql`${t.state} in ('open', 'closed')`),
    check('threads_clock', sql`${t.infoSeq} between 0 and ${t.head}`),
    check('threads_counts', sql`${t.count} >= 0 and ${t.roots} >= 0`),
  ],
);

/** Who writes: for now guests, one for each browser and site. */
export const authors = pgTable(
  'authors',
  {
    id: uuid().primaryKey(),
    siteId: text('site_id')
      .notNull()
      .references(() => sites.id),
    badge: text({ enum: ['owner', 'moderator', 'guest'] }).notNull(),
    name: text().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [check('authors_badge', sql`${t.badge} in ('owner', 'moderator', 'guest')`)],
);

/**
 * Messages and tombstones. A row carries the seq of its last change (SEQ4); the author's name is kept as it was when
 * the reply was written, because whatever a reader sees of a row may change only together with its seq (SEQ7).
 */
export const replies = pgTable(
  'replies',
  {
    id: uuid().primaryKey(),
    threadId: uuid('thread_id')
      .notNull()
      .references(() => threads.id),
    parentId: uuid('parent_id'),
    rootId: uuid('root_id').notNull(),
    depth: smallint().notNull(),
    born: seq('born').notNull(),
    seq: seq('seq').notNull(),
    /** The seq at which text, author or state last changed; below `seq` when only counters did. */
    bodySeq: seq('body_seq').notNull(),
    rev: integer().notNull().default(1),
    authorId: uuid('author_id')
      .notNull()
      .references(() => authors.id),
    authorName: text('author_name').notNull(),
    authorBadge: text('author_badge', { enum: ['owner', 'moderator', 'guest'] }).notNull(),
    body: text().notNull(),
    html: text().notNull(),
    /** The renderer that made `html`, so that a later one can find what to render again. */
    renderer: smallint().notNull(),
    state: text({ enum: ['published', 'removed'] })
      .notNull()
      .default('published'),
    ups: integer().notNull().default(0),
    downs: integer().notNull().default(0),
    /** Higher is better; see `server/threads/rank.ts`. */
    rank: integer().notNull().default(0),
    /** The seq at which `rank` last changed; null: it never did. */
    rankSeq: seq('rank_seq'),
    /** Published children. */
    replies: integer().notNull().default(0),
    /** Child rows, tombstones included: what paging counts by. */
    children: integer().notNull().default(0),
    /** How many people chose each emoji; null where nobody ever did. */
    reactions: jsonb().$type<Record<string, number>>(),
    /** The `rev` of its parent that its author had read. */
    answers: integer(),
    /** Authors whose name stands in the text behind an `@`. */
    mentions: uuid().array(),
    createdAt: time('created_at').notNull().defaultNow(),
    editedAt: time('edited_at'),
  },
  (t) => [
    // A parent in another thread is impossible.
    unique('replies_thread_id').on(t.threadId, t.id),
    foreignKey({ name: 'replies_parent', columns: [t.threadId, t.parentId], foreignColumns: [t.threadId, t.id] }),
    // Catch-up: `where thread_id = $1 and seq > $2`.
    index('replies_catch_up').on(t.threadId, t.seq),
    // Siblings in the order of time, either way, and by rank; `parent_id is null` are the roots.
    index('replies_by_time').on(t.threadId, t.parentId, t.born),
    // The best first: negated, so that one row comparison finds where a page goes on.
    index('replies_by_rank').on(t.threadId, t.parentId, sql`(-${t.rank})`, t.born),
    // What has moved in that order since a page of it was read.
    index('replies_moved')
      .on(t.threadId, t.parentId, t.rankSeq)
      .where(sql`${t.rankSeq} is not null`),
    check(
      'replies_root',
      sql`(${t.parentId} is null) = (${t.depth} = 0) and (${t.parentId} is null) = (${t.rootId} = ${t.id})`,
    ),
    check('replies_clock', sql`${t.born} > 0 and ${t.bodySeq} between ${t.born} and ${t.seq}`),
    check('replies_state', sql`${t.state} in ('published', 'removed')`),
    check('replies_tombstone', sql`${t.state} = 'published' or (${t.body} = '' and ${t.html} = '')`),
    check('replies_author_badge', sql`${t.authorBadge} in ('owner', 'moderator', 'guest')`),
    check(
      'replies_counts',
      sql`${t.rev} >= 1 and ${t.ups} >= 0 and ${t.downs} >= 0 and ${t.replies} between 0 and ${t.children}`,
    ),
  ],
);

/** One person's vote on one reply; no vote is no row. */
export const votes = pgTable(
  'votes',
  {
    replyId: uuid('reply_id')
      .notNull()
      .references(() => replies.id),
    authorId: uuid('author_id')
      .notNull()
      .references(() => authors.id),
    value: smallint().notNull(),
  },
  (t) => [primaryKey({ columns: [t.replyId, t.authorId] }), check('votes_value', sql`${t.value} in (-1, 1)`)],
);

/** An emoji that one person chose on one reply; they may choose several. */
export const reactions = pgTable(
  'reactions',
  {
    replyId: uuid('reply_id')
      .notNull()
      .references(() => replies.id),
    authorId: uuid('author_id')
      .notNull()
      .references(() => authors.id),
    emoji: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.replyId, t.authorId, t.emoji] })],
);

/**
 * Texts that are not shown any more: what an edit replaced, and the last text of a removed reply for as long as its
 * author may bring it back. `eraseAt`: all texts of a removed reply go then, for good.
 */
export const revisions = pgTable(
  'revisions',
  {
    replyId: uuid('reply_id')
      .notNull()
      .references(() => replies.id),
    rev: integer().notNull(),
    body: text().notNull(),
    until: time('until').notNull().defaultNow(),
    eraseAt: time('erase_at'),
  },
  (t) => [
    primaryKey({ columns: [t.replyId, t.rev] }),
    index('revisions_to_erase')
      .on(t.eraseAt)
      .where(sql`${t.eraseAt} is not null`),
  ],
);

/** What readers told the moderators; one report a person and reply. */
export const reports = pgTable(
  'reports',
  {
    replyId: uuid('reply_id')
      .notNull()
      .references(() => replies.id),
    authorId: uuid('author_id')
      .notNull()
      .references(() => authors.id),
    reason: text().notNull(),
    note: text(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.replyId, t.authorId] })],
);
