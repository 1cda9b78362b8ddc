// Rows to views: what of a row a reader may see. Owns nothing personal (VIEW1).
import { ROOTS } from '../../shared/held.js';
import type { Located } from '../../shared/protocol.js';
import type { Delta, More, Reply, Sort, Thread, Touched } from '../../shared/views.js';
import type { Change, CounterRow, LocatedRows, PageRows, ReplyRow, ThreadRow } from '../store/store.js';
import { encodeAfter, movedAt } from './after.js';

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
    ...(row.reactions ? { reactions: row.reactions } : {}),
    ...(row.answers === null ? {} : { answers: row.answers }),
    ...(row.mentions?.length && !removed ? { mentions: row.mentions } : {}),
    replies: row.replies,
  };
}

export function presentTouched(row: CounterRow): Touched {
  const { id, seq, replies, reactions } = row;
  return { id, seq, score: row.ups - row.downs, ...(reactions ? { reactions } : {}), replies };
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

/**
 * For whoever only counts what is new (PUMP10): what was born in the range is left out, by what it answers. What changed since
 * comes whole: a reader may hold it, of an earlier answer, or of a page that is on its way.
 */
export function digestOf(delta: Delta): Delta {
  const left: Record<string, number[]> = {};
  const replies = delta.replies.filter(({ born, seq, parent }) => {
    const isKept = born <= delta.from || seq > born;
    if (!isKept) (left[parent ?? ROOTS] ??= []).push(born);
    return isKept;
  });
  return replies.length < delta.replies.length ? { ...delta, replies, left } : delta;
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
      moved: last ? movedAt(sort, page.head) : null,
    });
    return { ...presentReply(row), more: { after, count: left } };
  });
  const { next } = page;
  const more = next && { after: encodeAfter(next), count: Math.max(1, next.total - next.served) };
  return { replies, more };
}

/** A reply where it stands. Of an ancestor's children only one is here, so that its list begins at its beginning. */
export function presentLocated(located: LocatedRows, sort: Sort): Omit<Located, 'mine'> {
  const { ancestors, before, reply, descendants, after, left, total, head } = located;
  const siblings = [...before, reply, ...after];
  const replies = [
    ...ancestors.map((row, i) => {
      const here = i === ancestors.length - 1 ? siblings.length : 1;
      const more = {
        after: encodeAfter({ sort, last: null, served: 0, total: row.children, moved: null }),
        count: row.children - here,
      };
      return more.count > 0 ? { ...presentReply(row), more } : presentReply(row);
    }),
    ...presentPage({ rows: [...siblings, ...descendants], next: null, head }, sort).replies,
  ];
  const { born, rank } = siblings.at(-1)!;
  const next = encodeAfter({ sort, last: { born, rank }, served: total - left, total, moved: movedAt(sort, head) });
  return { replies, more: left > 0 ? { after: next, count: left } : null };
}
