// Rows to views: what of a row a reader may see. Owns nothing personal (VIEW1).
import type { Delta, More, Reply, Sort, Thread, Touched } from '../../shared/views.js';
import type { Change, CounterRow, PageRows, ReplyRow, ThreadRow } from '../store/store.js';
import { encodeAfter } from './after.js';

export function presentThread(row: ThreadRow): Thread {
  return { id: row.id, key: row.key, url: row.url, title: row.title, count: row.count, state: row.state };
}

export function presentReply(row: ReplyRow): Reply {
  const removed = row.state === 'removed';
  return {
    id: row.id,
    parent: row.parentId,
    root: row.rootId,
    depth: row.depth,
    born: row.born,
    seq: row.seq,
    rev: row.rev,
    author: removed ? { id: '', name: '' } : { id: row.authorId, name: row.authorName, badge: row.authorBadge },
    html: removed ? '' : row.html,
    createdAt: row.createdAt.toISOString(),
    ...(row.editedAt && !removed ? { editedAt: row.editedAt.toISOString() } : {}),
    state: row.state,
    score: row.ups - row.downs,
    replies: row.replies,
  };
}

export function presentTouched(row: CounterRow): Touched {
  return { id: row.id, seq: row.seq, score: row.ups - row.downs, replies: row.replies };
}

/** One push for all readers; `info` comes along where the thread itself changed in the range. */
export function presentDelta(change: Change): Delta {
  const { thread, from, to } = change;
  return {
    v: 1,
    thread: thread.id,
    epoch: thread.epoch,
    from,
    to,
    replies: change.rows.map(presentReply),
    ...(change.counters.length > 0 ? { touched: change.counters.map(presentTouched) } : {}),
    ...(thread.infoSeq > from ? { info: presentThread(thread) } : {}),
  };
}

/** A page, each row with `more` where only some of its children stand in it. */
export function presentPage(page: PageRows, sort: Sort): { replies: Reply[]; more: More | null } {
  const included = new Map<string, ReplyRow[]>();
  for (const row of page.rows) {
    if (row.parentId === null) continue;
    const siblings = included.get(row.parentId);
    if (siblings) siblings.push(row);
    else included.set(row.parentId, [row]);
  }
  const replies = page.rows.map((row) => {
    const children = included.get(row.id) ?? [];
    const left = row.children - children.length;
    if (left <= 0) return presentReply(row);
    const last = children.at(-1);
    const after = encodeAfter({
      sort,
      last: last ? { born: last.born, rank: last.rank } : null,
      served: children.length,
      total: row.children,
    });
    return { ...presentReply(row), more: { after, count: left } };
  });
  const { next } = page;
  const more = next && { after: encodeAfter(next), count: Math.max(1, next.total - next.served) };
  return { replies, more };
}
