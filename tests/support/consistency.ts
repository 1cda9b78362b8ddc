// What must be true of the stored data at any moment, whatever was asked and whatever crashed.
import type { Sql } from '../../server/database/connect.js';

/** Every broken rule, in words; none where the data are sound. */
export async function inconsistencies(sql: Sql): Promise<string[]> {
  const rows = await sql<{ problem: string }[]>`
    with counted as (
      select thread_id, max(seq) as seq, max(born) as born, count(*) as rows, count(distinct born) as births,
        count(*) filter (where state = 'published') as published, count(*) filter (where parent_id is null) as roots
      from replies group by thread_id
    ), children as (
      select parent_id, count(*) as rows, count(*) filter (where state = 'published') as published, max(born) as born
      from replies where parent_id is not null group by parent_id
    ), voted as (
      select reply_id, count(*) filter (where value = 1) as ups, count(*) filter (where value = -1) as downs
      from votes group by reply_id
    )
    select '[SEQ1] the clock of ' || t.id || ' is behind its rows' as problem
      from threads t join counted c on c.thread_id = t.id where t.head < c.seq or t.head < c.rows
    union all select '[SEQ1] a seq was given twice in ' || thread_id from counted where births <> rows
    union all select 'the count of ' || t.id || ' is ' || t.count || ', its rows are ' || coalesce(c.published, 0)
      from threads t left join counted c on c.thread_id = t.id
      where t.count <> coalesce(c.published, 0) or t.roots <> coalesce(c.roots, 0)
    union all select '[SEQ7] the counters of ' || r.id || ' are not those of its children'
      from replies r left join children c on c.parent_id = r.id
      where r.replies <> coalesce(c.published, 0) or r.children <> coalesce(c.rows, 0)
    union all select '[SEQ7] ' || r.id || ' was not stamped with its last child'
      from replies r join children c on c.parent_id = r.id where r.seq < c.born
    union all select 'the votes of ' || r.id || ' are not its counters'
      from replies r left join voted v on v.reply_id = r.id
      where r.ups <> coalesce(v.ups, 0) or r.downs <> coalesce(v.downs, 0)
    union all select 'the branch of ' || r.id || ' is not that of its parent'
      from replies r join replies p on p.id = r.parent_id where r.root_id <> p.root_id or r.depth <> p.depth + 1`;
  return rows.map(({ problem }) => problem);
}
