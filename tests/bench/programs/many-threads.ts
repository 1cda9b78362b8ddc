// Makes many threads by SQL, in batches that stay small: their sizes fall by a power law (the k-th largest has 1/k of the
// largest), their authors are shared, and the replies of the threads of one batch lie mixed in the table, as those of
// articles of the same days do.
//
// Everything is computed from a reply's place, so that no batch looks anything up: ten places are a block, whose places
// 1, 4, 7 and 9 are roots; 2, 5, 6, 8 and 10 answer the first root of the block half as far down, 3 answers 2.
import { newId } from '../../../shared/ids.js';
import type { Sql } from '../../../server/database/connect.js';

export interface ManyThreads {
  replies: number;
  threads: number;
  /** Replies of one INSERT. */
  batch: number;
}

/** A reply in so many is by an author of its own; authors of many replies are few. */
const REPLIES_PER_AUTHOR = 20;

/** Fills an empty, migrated database but for the site, which is there. `onProgress` is told the replies that are written. */
export async function makeManyThreads(
  sql: Sql,
  siteId: string,
  { replies, threads, batch }: ManyThreads,
  onProgress: (done: number) => void,
): Promise<void> {
  const authors = Math.max(1, Math.round(replies / REPLIES_PER_AUTHOR));
  await sql`insert into authors (id, site_id, badge, name)
    select md5('author ' || n)::uuid, ${siteId}, 'guest', 'Writer ' || n from generate_series(1, ${authors}::int) n`;
  // The size of the largest thread, so that all sizes add up; each has at least one reply.
  const harmonic = Math.log(threads) + 0.5772;
  const largest = replies / harmonic;
  await sql`drop table if exists planned`;
  // first: replies of the threads before this one.
  await sql`
    create unlogged table planned as
    select md5('thread ' || k)::uuid as id, k, size, sum(size) over (order by hashint4(k), k) - size as first
    from (select k, greatest(1, round(${largest}::float8 / k))::int as size from generate_series(1, ${threads}::int) k) s`;
  await sql`create index on planned (first)`;
  await sql`insert into threads (id, site_id, key, epoch, head, info_seq, count, roots)
    select id, ${siteId}, 'article-' || k, ${newId()}::uuid, size, size, size,
      (size / 10) * 4 + (size % 10 >= 1)::int + (size % 10 >= 4)::int + (size % 10 >= 7)::int + (size % 10 >= 9)::int
    from planned`;
  const [all] = await sql<[{ total: number }]>`select sum(size)::int as total from planned`;
  // The rows obey every constraint; checking each foreign key anew would take most of the time.
  await sql`set session_replication_role = replica`;
  for (let from = 0; from < all.total; from += batch) {
    await insertBatch(sql, from, Math.min(from + batch, all.total), authors);
    onProgress(Math.min(from + batch, all.total));
  }
  await sql`set session_replication_role = origin`;
  await sql`drop table planned`;
}

async function insertBatch(sql: Sql, from: number, to: number, authors: number): Promise<void> {
  await sql`
    with part as (
      -- The one before may reach into this batch.
      select * from planned where first >= coalesce((select max(first) from planned where first <= ${from}), 0)
        and first < ${to}
    ), reply as (
      select p.id as thread, p.first, p.size, n::int as n, ((n - 1) / 10)::int as block, ((n - 1) % 10 + 1)::int as place,
        (n - greatest(1, ${from} - p.first + 1))::float8 / (least(p.size, ${to} - p.first) -
          greatest(1, ${from} - p.first + 1) + 1) as at
      from part p, generate_series(greatest(1, ${from} - p.first + 1), least(p.size, ${to} - p.first)) n
    ), tree as (
      select *, case when place in (1, 4, 7, 9) then null when place = 3 then n - 1
          else block / 2 * 10 + 1 end as parent,
        case when place in (1, 4, 7, 9) then n
          when place = 3 then block / 2 * 10 + 1 else block / 2 * 10 + 1 end as root,
        case when place in (1, 4, 7, 9) then 0 when place = 3 then 2 else 1 end as depth,
        case when place = 2 then (size > n)::int when place = 1 then ${answers(sql, 'size - block * 20')} +
          ${answers(sql, 'size - block * 20 - 10')} else 0 end as children
      from reply
    )
    insert into replies (id, thread_id, parent_id, root_id, depth, born, seq, body_seq, author_id, author_name,
      author_badge, body, html, renderer, ups, rank, replies, children, created_at)
    select ${idOf(sql, 'n')}, thread, ${idOf(sql, 'parent')}, ${idOf(sql, 'root')}, depth, n, n, n,
      md5('author ' || w)::uuid, 'Writer ' || w, 'guest', text, '<p>' || text || '</p>', 1, n % 7,
      hashint4(n) & 1048575, children, children, timestamptz '2026-01-01' + (first + n) * interval '1 second'
    from tree,
      lateral (select repeat('Some words of a reply. ', 4 + (hashint4(n) & 7)) as text,
        1 + floor(${authors}::int * power(((hashint4(n) # hashint8(first)) & 1048575) / 1048576.0, 3))::int as w) t
    order by at`;
}

/** How many of the places 2, 5, 6, 8 and 10 a block has that ends after `places`. */
const answers = (sql: Sql, places: string) =>
  sql.unsafe(
    `((${places} >= 2)::int + (${places} >= 5)::int + (${places} >= 6)::int + (${places} >= 8)::int + (${places} >= 10)::int)`,
  );

/** A UUIDv7 whose time is the place in the table. */
const idOf = (sql: Sql, n: string) =>
  sql.unsafe(`(lpad(to_hex(1760000000000 + first + ${n}), 12, '0') || '7' || substr(md5(thread::text || ${n}), 1, 3) ||
    '8' || substr(md5(${n} || thread::text), 4, 15))::uuid`);
