// The store on PostgreSQL. Hot statements are tagged templates of the driver (prepared by themselves, in queries/);
// the rest goes through Drizzle.
import { and, desc, eq, inArray, sql as raw } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

import { authors, reports, replies, revisions, settings, sites, threads } from '../../drizzle/schema.js';
import { DEPTH_MAX } from '../../shared/limits.js';
import type { Revision } from '../../shared/protocol.js';
import type { Sort, ThreadMode } from '../../shared/views.js';
import { readChanges, readReply } from './queries/changes.js';
import { choose } from './queries/choices.js';
import { changeOf, insertReplies } from './queries/create-replies.js';
import {
  editReply,
  eraseRemoved,
  readRemovedText,
  removeReply,
  restoreReply,
  setThreadState,
} from './queries/edits.js';
import { readLocated, readNews } from './queries/locate.js';
import { readFirstPage, readPage } from './queries/pages.js';
import { threadColumns, uuids, type Sql } from './queries/rows.js';
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
} from './store.js';

/** Each for another node that was quicker. */
const INSERT_ATTEMPTS = 3;

export class PostgresStore implements Store {
  readonly #sql: Sql;
  readonly #db: PostgresJsDatabase;

  constructor({ sql, db }: { sql: Sql; db: PostgresJsDatabase }) {
    this.#sql = sql;
    this.#db = db;
  }

  async site(id: string): Promise<SiteRow | null> {
    const [row] = await this.#db.select().from(sites).where(eq(sites.id, id));
    if (!row) return null;
    const { name, ownerName, origins, votes, reactions, editWindowSeconds, undoSeconds, presence, typing } = row;
    return {
      id,
      name,
      ownerName,
      origins,
      rules: { votes, reactions, editWindowSeconds, undoSeconds, presence, typing },
    };
  }

  async author(id: string): Promise<AuthorRow | null> {
    const [row] = await this.#db
      .select({ id: authors.id, siteId: authors.siteId, name: authors.name, badge: authors.badge })
      .from(authors)
      .where(eq(authors.id, id));
    return row ?? null;
  }

  async putAuthor(author: AuthorRow): Promise<void> {
    await this.#db
      .insert(authors)
      .values(author)
      .onConflictDoUpdate({
        target: authors.id,
        set: { name: author.name },
        setWhere: eq(authors.siteId, author.siteId),
      });
  }

  async openThread(thread: NewThread): Promise<ThreadRow> {
    const known = await this.findThread(thread.siteId, thread.key);
    if (known) return known;
    await this.#db
      .insert(threads)
      .values(thread)
      .onConflictDoNothing({ target: [threads.siteId, threads.key] });
    return (await this.findThread(thread.siteId, thread.key))!;
  }

  async findThread(siteId: string, key: string): Promise<ThreadRow | null> {
    const sql = this.#sql;
    const [row] = await sql<ThreadRow[]>`
      select ${threadColumns(sql)} from threads t where t.site_id = ${siteId} and t.key = ${key}`;
    return row ?? null;
  }

  async thread(id: string): Promise<ThreadRow | null> {
    const sql = this.#sql;
    const [row] = await sql<ThreadRow[]>`select ${threadColumns(sql)} from threads t where t.id = ${id}`;
    return row ?? null;
  }

  async counts(siteId: string, keys: readonly string[]): Promise<Map<string, number>> {
    if (keys.length === 0) return new Map();
    const found = await this.#db
      .select({ key: threads.key, count: threads.count })
      .from(threads)
      .where(and(eq(threads.siteId, siteId), inArray(threads.key, [...keys])));
    return new Map(found.map(({ key, count }) => [key, count]));
  }

  async heads(ids: readonly string[]): Promise<{ id: string; epoch: string; head: number }[]> {
    if (ids.length === 0) return [];
    return await this.#sql<{ id: string; epoch: string; head: number }[]>`
      select id, epoch, head::float8 as head from threads where id = any(${uuids(ids)}::uuid[])`;
  }

  changes(threadId: string, from: number, limit: number): Promise<Changes | null> {
    return readChanges(this.#sql, threadId, from, limit);
  }

  firstPage(threadId: string, sort: Sort, limit: number): Promise<{ thread: ThreadRow; page: PageRows } | null> {
    return readFirstPage(this.#sql, threadId, sort, limit);
  }

  page(threadId: string, query: PageQuery): Promise<PageRows> {
    return readPage(this.#sql, threadId, query);
  }

  reply(id: string): Promise<ReplyRow | null> {
    return readReply(this.#sql, id);
  }

  async source(id: string): Promise<string | null> {
    const [row] = await this.#db
      .select({ body: replies.body })
      .from(replies)
      .where(and(eq(replies.id, id), eq(replies.state, 'published')));
    return row?.body ?? null;
  }

  async votes(authorId: string, replyIds: readonly string[]): Promise<Map<string, -1 | 1>> {
    if (replyIds.length === 0) return new Map();
    const found = await this.#sql<{ id: string; value: -1 | 1 }[]>`
      select reply_id as id, value from votes
      where author_id = ${authorId} and reply_id = any(${uuids(replyIds)}::uuid[])`;
    return new Map(found.map(({ id, value }) => [id, value]));
  }

  async reactions(authorId: string, replyIds: readonly string[]): Promise<Map<string, string[]>> {
    if (replyIds.length === 0) return new Map();
    const found = await this.#sql<{ id: string; emoji: string[] }[]>`
      select reply_id as id, json_agg(emoji order by emoji) as emoji from reactions
      where author_id = ${authorId} and reply_id = any(${uuids(replyIds)}::uuid[]) group by reply_id`;
    return new Map(found.map(({ id, emoji }) => [id, emoji]));
  }

  locate(threadId: string, id: string, sort: Sort, neighbours: number): Promise<LocatedRows | null> {
    return readLocated(this.#sql, threadId, id, sort, neighbours);
  }

  news(threadId: string, from: number, except: string | null, limits: { max: number; countMax: number }) {
    return readNews(this.#sql, threadId, from, except, limits);
  }

  async names(siteId: string, ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const found = await this.#db
      .select({ id: authors.id, name: authors.name })
      .from(authors)
      .where(and(eq(authors.siteId, siteId), inArray(authors.id, [...ids])));
    return new Map(found.map(({ id, name }) => [id, name]));
  }

  async revisions(id: string, max: number): Promise<Revision[]> {
    const found = await this.#db
      .select({ rev: revisions.rev, body: revisions.body, until: revisions.until })
      .from(revisions)
      .where(eq(revisions.replyId, id))
      .orderBy(desc(revisions.rev))
      .limit(max);
    return found.map(({ until, ...revision }) => ({ ...revision, until: until.toISOString() }));
  }

  async createReplies(
    threadId: string,
    given: readonly NewReply[],
  ): Promise<{ results: Created[]; change: Change | null }> {
    const inserted = await this.#insert(threadId, given);
    const change = inserted && changeOf(threadId, inserted, given);
    const made = new Map(change?.rows.map((row) => [row.id, row]));
    const results = await Promise.all(
      given.map(async (reply): Promise<Created> => {
        const row = made.get(reply.id);
        if (row) return { is: 'created', row };
        return await this.#whyNot(threadId, reply).catch((error: unknown): Created => {
          // What was written is told, whatever else fails.
          if (change) return { is: 'again' };
          throw error;
        });
      }),
    );
    return { results, change };
  }

  /** Again where something came between its look and its lock: now it is seen. */
  async #insert(threadId: string, given: readonly NewReply[]) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await insertReplies(this.#sql, threadId, given);
      } catch (error) {
        // A constraint that held when it looked.
        const isBroken = String((error as { code?: unknown }).code).startsWith('23');
        if (!isBroken || attempt === INSERT_ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Why a reply was not inserted. Asked after the fact: what is read is what hindered it, or newer. Where nothing hinders it
   * any more, its parent was just being written or brought back, or the thread opened.
   */
  async #whyNot(threadId: string, given: NewReply): Promise<Created> {
    const [known] = await this.#sql<{ same: boolean }[]>`
      select thread_id = ${threadId} and author_id = ${given.author.id} and body = ${given.body}
        and parent_id is not distinct from ${given.parentId}::uuid as same
      from replies where id = ${given.id}`;
    if (known) {
      const row = known.same ? await this.reply(given.id) : null;
      return row ? { is: 'known', row } : { is: 'taken' };
    }
    const thread = await this.thread(threadId);
    if (!thread) return { is: 'gone' };
    if (thread.state === 'closed') return { is: 'closed' };
    if (given.parentId === null) return { is: 'again' };
    const parent = await this.reply(given.parentId);
    if (!parent || parent.threadId !== threadId) return { is: 'parent', why: 'missing' };
    if (parent.state === 'removed') return { is: 'parent', why: 'removed' };
    return parent.depth >= DEPTH_MAX ? { is: 'parent', why: 'deep' } : { is: 'again' };
  }

  editReply(id: string, base: number, text: NewText) {
    return editReply(this.#db, id, base, text);
  }

  removeReply(id: string, undoSeconds: number) {
    return removeReply(this.#db, id, undoSeconds);
  }

  removedText(id: string) {
    return readRemovedText(this.#db, id);
  }

  restoreReply(id: string, text: NewText) {
    return restoreReply(this.#db, id, text);
  }

  eraseRemoved(limit: number) {
    return eraseRemoved(this.#db, limit);
  }

  choose(id: string, choices: readonly Choice[], rankOf: (ups: number, downs: number) => number) {
    return choose(this.#db, id, choices, rankOf);
  }

  async report(id: string, authorId: string, reason: string, note: string | null): Promise<void> {
    await this.#db
      .insert(reports)
      .values({ replyId: id, authorId, reason, note })
      .onConflictDoUpdate({
        target: [reports.replyId, reports.authorId],
        set: { reason, note, createdAt: raw`now()` },
      });
  }

  setThreadState(id: string, state: ThreadMode) {
    return setThreadState(this.#db, id, state);
  }

  async setting(name: string, make: () => string): Promise<string> {
    await this.#db.insert(settings).values({ name, value: make() }).onConflictDoNothing();
    const [row] = await this.#db.select({ value: settings.value }).from(settings).where(eq(settings.name, name));
    return row!.value;
  }
}
