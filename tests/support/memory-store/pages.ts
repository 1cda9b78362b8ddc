// Pages of siblings with their first descendants, over rows in memory: what `server/store/queries/pages.ts` asks of SQL.
import { FIRST_CHILDREN } from '../../../shared/limits.js';
import type { Sort } from '../../../shared/views.js';
import type { LocatedRows, PageQuery, PageRows, ReplyRow } from '../../../server/store/store.js';

/** `rankSeq`: when its rank last changed. */
export type Placed = ReplyRow & { rankSeq: number | null };
type Place = Pick<ReplyRow, 'born' | 'rank'>;

const ORDERS: Record<Sort, (a: Place, b: Place) => number> = {
  oldest: (a, b) => a.born - b.born,
  newest: (a, b) => b.born - a.born,
  best: (a, b) => b.rank - a.rank || a.born - b.born,
};

/** See `Store.page`. `rows` are all of the thread. */
export function readPage(rows: readonly Placed[], head: number, { parentId, sort, after, limit }: PageQuery): PageRows {
  const order = ORDERS[sort];
  const childrenOf = (id: string | null): Placed[] => rows.filter((row) => row.parentId === id).sort(order);
  const list = childrenOf(parentId);
  const last = after?.last;
  const behind = last ? list.filter((row) => order(row, last) > 0) : list;
  const back = last && sort === 'best' && after.moved !== null ? movedBefore(list, last, after.moved) : [];
  const siblings = [...back, ...behind].slice(0, limit).sort(order);
  const found = [...siblings];
  let level = siblings;
  for (const count of FIRST_CHILDREN) {
    level = level.flatMap(({ id }) => childrenOf(id).slice(0, count)).sort(order);
    found.push(...level);
  }
  const ahead = behind.slice(0, Math.max(0, limit - back.length));
  const end = ahead.at(-1) ?? last;
  if (back.length + behind.length <= limit || !end) return { rows: found, next: null, head };
  const total = sort === 'newest' && after ? after.total : list.length;
  const served = (after?.served ?? 0) + ahead.length;
  const seen = back.length > limit ? back[limit - 1]!.rankSeq : head;
  const place = { born: end.born, rank: end.rank };
  return { rows: found, next: { sort, last: place, served, total, moved: sort === 'best' ? seen : null }, head };
}

/** What stands before `last` with a rank that it got after `moved`, in the order in which that happened. */
function movedBefore(list: readonly Placed[], last: Place, moved: number): Placed[] {
  const found = list.filter((row) => ORDERS.best(row, last) <= 0 && (row.rankSeq ?? 0) > moved);
  return found.sort((a, b) => a.rankSeq! - b.rankSeq!);
}

/** See `Store.locate`. `rows` are all of the thread. */
export function locateIn(
  rows: readonly Placed[],
  head: number,
  { id, sort, neighbours }: { id: string; sort: Sort; neighbours: number },
): LocatedRows | null {
  const reply = rows.find((row) => row.id === id);
  if (!reply) return null;
  const ancestors: ReplyRow[] = [];
  for (let up = reply.parentId; up !== null; up = ancestors[0]!.parentId) {
    ancestors.unshift(rows.find((row) => row.id === up)!);
  }
  const list = rows.filter((row) => row.parentId === reply.parentId).sort(ORDERS[sort]);
  const at = list.indexOf(reply);
  const { rows: page } = readPage(rows, head, { parentId: id, sort, after: null, limit: FIRST_CHILDREN[0]! });
  const near = new Set([id]);
  const descendants = page.filter((row) => {
    const isIn = near.has(row.parentId!);
    if (isIn) near.add(row.id);
    return isIn;
  });
  const after = list.slice(at + 1, at + 1 + neighbours);
  return {
    ancestors,
    before: list.slice(Math.max(0, at - neighbours), at),
    reply,
    descendants,
    after,
    left: list.length - at - 1 - after.length,
    total: list.length,
    head,
  };
}
