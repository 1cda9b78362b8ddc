// Threads of a size that no test would write one reply at a time, made by SQL alone.
import { newId } from '../../shared/ids.js';
import type { Sql } from '../../server/database/connect.js';

export interface LargeThread {
  id: string;
  epoch: string;
  author: string;
}

/**
 * A thread of `total` replies on the site `demo`, of which the first `roots` are roots and the others their children,
 * spread evenly, but for `giant` more that answer the first; ranks come in a thousand values without any order.
 */
export async function makeLargeThread(
  sql: Sql,
  { total, roots, giant = 0 }: { total: number; roots: number; giant?: number },
): Promise<LargeThread> {
  const [id, epoch, author] = [newId(), newId(), newId()];
  await sql`insert into sites (id, name, origins) values ('demo', 'Demo', '{}') on conflict do nothing`;
  await sql`insert into authors (id, site_id, badge, name) values (${author}, 'demo', 'guest', 'Ana')`;
  await sql`insert into threads (id, site_id, key, epoch, head, info_seq, count, roots)
    values (${id}, 'demo', ${id}, ${epoch}, ${total}, ${total}, ${total}, ${roots})`;
  await sql.begin(async (tx) => {
    await tx`set local statement_timeout = 0`;
    await tx`
      with row as (
        select n, case when n > ${total - giant}::int then 1
            when n > ${roots}::int then 1 + (n - ${roots}::int - 1) % ${roots}::int end as parent,
          case when n > ${roots}::int then 0 else (${total - giant}::int - n) / ${roots}::int end
            + case when n = 1 then ${giant}::int else 0 end as children
        from generate_series(1, ${total}::int) n
      )
      insert into replies (id, thread_id, parent_id, root_id, depth, born, seq, body_seq, author_id, author_name,
        author_badge, body, html, renderer, ups, rank, rank_seq, children, replies)
      select md5(${id} || n)::uuid, ${id}::uuid, md5(${id} || parent)::uuid, md5(${id} || coalesce(parent, n))::uuid,
        case when parent is null then 0 else 1 end, n, n, n, ${author}::uuid, 'Ana', 'guest', 'x',
        '<p>' || repeat('lorem ipsum ', 15) || '</p>', 1, n % 3, n::bigint * 7919 % 1000, n, children, children
      from row`;
  });
  return { id, epoch, author };
}
