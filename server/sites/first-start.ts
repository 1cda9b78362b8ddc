// What a first start puts into an empty installation: the site `demo` and a small sample thread under its article
// (PROC2). Runs at every start and changes nothing once the site is there.
import { eq, sql as raw } from 'drizzle-orm';

import { authors, settings, sites } from '../../drizzle/schema.js';
import { newId } from '../../shared/ids.js';
import type { Badge } from '../../shared/views.js';
import type { Db } from '../database/connect.js';
import type { Store } from '../store/store.js';
import { render, RENDERER } from '../threads/render.js';

export interface SampleReply {
  id: string;
  parent: string | null;
  author: { id: string; name: string; badge: Badge };
  /** Markdown. */
  body: string;
  minutesAgo: number;
}

export interface Sample {
  key: string;
  title: string;
  replies: readonly SampleReply[];
}

/** The setting that says that the first start is over. */
const DONE = 'first start';

/** Any port of this machine, under both of its names. */
const DEMO = {
  id: 'demo',
  name: 'Afterword demo',
  origins: ['http://localhost:*', 'http://127.0.0.1:*', 'https://localhost:*', 'https://127.0.0.1:*'],
};

/**
 * Returns whether this was the first start. Every step may be repeated, so that one that was cut off is finished by the
 * next start, and two nodes may do it at once.
 */
export async function prepareFirstStart(db: Db, store: Store, sample: Sample): Promise<boolean> {
  const [done] = await db.select().from(settings).where(eq(settings.name, DONE));
  if (done) return false;
  const owner = sample.replies.find(({ author }) => author.badge === 'owner')?.author.name ?? null;
  await db
    .insert(sites)
    .values({ ...DEMO, ownerName: owner })
    .onConflictDoNothing();
  await fillSample(db, store, sample);
  await store.setting(DONE, () => new Date().toISOString());
  return true;
}

async function fillSample(db: Db, store: Store, sample: Sample): Promise<void> {
  const people = new Map(sample.replies.map(({ author }) => [author.id, { ...author, siteId: DEMO.id }]));
  for (const author of people.values()) await db.insert(authors).values(author).onConflictDoNothing();
  const thread = await store.openThread({
    id: newId(),
    epoch: newId(),
    siteId: DEMO.id,
    key: sample.key,
    url: null,
    title: sample.title,
  });
  for (const { id, parent, author, body } of sample.replies) {
    const html = render(body);
    const row = { id, parentId: parent, author: people.get(author.id)!, body, html, renderer: RENDERER };
    await store.createReplies(thread.id, [row]);
  }
  // Written over the last days, as far as readers can see; times are shown and never sorted by (SEQ5).
  for (const { id, minutesAgo } of sample.replies) {
    await db.execute(
      raw`update replies set created_at = now() - make_interval(mins => ${minutesAgo}::int) where id = ${id}`,
    );
  }
}

/**
 * Takes the sample away: its replies become tombstones where others have answered them and vanish where not. Rows
 * vanish only with a new epoch, so that every reader starts over (SEQ6). Returns how many there were.
 */
export async function removeSample(db: Db, sample: Sample): Promise<number> {
  const people = [...new Set(sample.replies.map(({ author }) => author.id))];
  return await db.transaction(async (tx) => {
    const [site] = await tx.select().from(sites).where(eq(sites.id, DEMO.id));
    if (!site) return 0;
    const [thread] = await tx.execute<{ id: string }>(
      raw`select id from threads where site_id = ${DEMO.id} and key = ${sample.key} for update`,
    );
    if (!thread) return 0;
    const list = raw.join(
      people.map((id) => raw`${id}::uuid`),
      raw`, `,
    );
    const [before] = await tx.execute<{ n: number }>(
      raw`select count(*)::int as n from replies where thread_id = ${thread.id} and author_id in (${list}) and state = 'published'`,
    );
    await tx.execute(raw`delete from revisions where reply_id in
      (select id from replies where thread_id = ${thread.id} and author_id in (${list}))`);
    await tx.execute(raw`update replies set state = 'removed', body = '', html = '', author_name = ''
      where thread_id = ${thread.id} and author_id in (${list})`);
    await deleteBareTombstones(tx, thread.id, list);
    await tx.execute(raw`update replies p set
      replies = (select count(*) from replies c where c.parent_id = p.id and c.state = 'published'),
      children = (select count(*) from replies c where c.parent_id = p.id)
      where p.thread_id = ${thread.id}`);
    await tx.execute(raw`update threads t set epoch = ${newId()}, head = t.head + 1, info_seq = t.head + 1,
      count = (select count(*) from replies where thread_id = t.id and state = 'published'),
      roots = (select count(*) from replies where thread_id = t.id and parent_id is null)
      where t.id = ${thread.id}`);
    return before?.n ?? 0;
  });
}

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0];

/** From the leaves up, until only those are left that somebody answered. */
async function deleteBareTombstones(tx: Tx, threadId: string, authorList: ReturnType<typeof raw.join>): Promise<void> {
  for (;;) {
    const gone = await tx.execute(raw`with bare as (
        select r.id from replies r where r.thread_id = ${threadId} and r.author_id in (${authorList})
          and r.state = 'removed' and not exists (select 1 from replies c where c.parent_id = r.id)
      ), v as (delete from votes where reply_id in (select id from bare)),
      p as (delete from reports where reply_id in (select id from bare)),
      q as (delete from reactions where reply_id in (select id from bare))
      select id from bare`);
    if (gone.length === 0) return;
    const ids = raw.join(
      gone.map(({ id }) => raw`${id}::uuid`),
      raw`, `,
    );
    await tx.execute(raw`delete from replies where id in (${ids})`);
  }
}
