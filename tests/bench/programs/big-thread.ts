// Makes a thread of any size by SQL. Whatever its size, its first page shows the same: 20 roots with two descendants
// each, the first of them answered by a tenth of all replies. Deep down hangs a branch that is the same in every size.
import { newId } from '../../../shared/ids.js';
import type { Sql } from '../../../server/database/connect.js';

/** Replies from the root of the deep branch down to the one that is asked for, and answers below that one. */
const CHAIN = 20;
const CHAIN_ANSWERS = 12;

export interface BigThread {
  id: string;
  size: number;
  /** A reply at depth `CHAIN - 1` with `CHAIN_ANSWERS` answers. */
  deepParent: string;
}

/** Smallest size: the fixed parts and 20 roots. Replies arrive mixed: an answer any time after its parent. */
export async function makeBigThread(sql: Sql, siteId: string, size: number): Promise<BigThread> {
  const id = newId();
  const author = newId();
  await sql`insert into authors (id, site_id, badge, name) values (${author}, ${siteId}, 'guest', 'Bench writer')`;
  await sql`insert into threads (id, site_id, key, epoch) values (${id}, ${siteId}, ${`bench-${size}`}, ${newId()})`;
  const giant = 1 + Math.floor(size / 10);
  const chain = CHAIN + CHAIN_ANSWERS;
  await sql`drop table if exists planned`;
  // n: number of the reply in the plan; p: that of its parent; d: depth; b: born. Threes: a root, its answer, the
  // answer to that.
  await sql`
    create unlogged table planned as
    with shape as (
      select n,
        case when n = 1 or n = ${giant + 1} then null
          when n <= ${giant} then 1
          when n <= ${giant + CHAIN} then n - 1
          when n <= ${giant + chain} then ${giant + CHAIN}
          when (n - ${giant + chain}) % 3 = 1 then null
          else n - 1 end as p,
        case when n = 1 then 0
          when n <= ${giant} then 1
          when n <= ${giant + CHAIN} then n - ${giant + 1}
          when n <= ${giant + chain} then ${CHAIN}
          else (n - ${giant + chain} - 1) % 3 end as d
      from generate_series(1, ${size}::int) n
    ), due as (
      -- Pseudo-random but the same in every run; a fifth of the way to the end for each step down keeps the order.
      select *, (hashint4(n)::bigint & 1048575) / 1048576.0 as u,
        (hashint4(case when n <= ${giant + chain} or d = 0 then n else n - d end)::bigint & 1048575) / 1048576.0
          as root_u
      from shape
    )
    select n, p, d, row_number() over (order by case
        when n = 1 then -2.0
        when n <= ${giant} then u
        when n <= ${giant + CHAIN} then -1.0 + d / 1000.0
        when n <= ${giant + chain} then u
        else root_u + (1 - root_u) * d * (0.2 + 0.2 * u) end, n) as b
    from due`;
  await sql`create unique index on planned (n)`;
  // The rows obey every constraint; checking each foreign key anew would take most of the time.
  await sql`set session_replication_role = replica`;
  await sql`
    insert into replies (id, thread_id, parent_id, root_id, depth, born, seq, body_seq, author_id, author_name,
      author_badge, body, html, renderer, ups, rank, replies, children, created_at)
    select ${idOf(sql, 'x.b')}, ${id}, ${idOf(sql, 'q.b')}, coalesce(${idOf(sql, 'top.b')}, ${idOf(sql, 'x.b')}),
      x.d, x.b, x.b, x.b, ${author}, 'Bench writer', 'guest', text, '<p>' || text || '</p>', 1, 3,
      hashint4(x.n) & 1048575, coalesce(c.k, 0), coalesce(c.k, 0), timestamptz '2026-01-01' + x.b * interval '1 second'
    from planned x
      left join planned q on q.n = x.p
      left join planned top on top.n = case when x.d = 0 then null when x.n <= ${giant} then 1
        when x.n <= ${giant + chain} then ${giant + 1} else x.n - x.d end
      left join (select p, count(*)::int as k from planned where p is not null group by p) c on c.p = x.n,
      lateral (select repeat('Some words of a reply. ', 4 + (hashint4(x.n) & 7)) as text) t
    order by x.b`;
  await sql`set session_replication_role = origin`;
  await sql`
    update threads set head = ${size}, info_seq = ${size}, count = ${size},
      roots = (select count(*) from planned where p is null) where id = ${id}`;
  const [deep] = await sql<{ id: string }[]>`select ${idOf(sql, 'b')} as id from planned where n = ${giant + CHAIN}`;
  await sql`drop table planned`;
  return { id, size, deepParent: deep!.id };

  /** A UUIDv7 whose time is the place in the order of arrival. */
  function idOf(tag: Sql, column: string) {
    const born = tag.unsafe(column);
    return tag`(lpad(to_hex(1760000000000 + ${size}::bigint * 10000000 + ${born}), 12, '0') || '7' ||
      substr(md5(${born}::text), 1, 3) || '8' || substr(md5(${born}::text), 4, 15))::uuid`;
  }
}
