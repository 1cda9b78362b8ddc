// Nests and orders what is held for the eye. Pure; owns which rows are shown, held back or left out, and nothing else.
import { ROOTS, type Held } from '../../shared/held.js';
import type { Reply, Sort } from '../../shared/views.js';
import type { Node, OutboxEntry, Tree } from './types.js';

/** What a tree is made from. `back`: arrivals that wait behind the pill. `fresh`: arrivals that were not seen yet. */
export interface Facts {
  held: Held;
  sort: Sort;
  back: ReadonlySet<string>;
  fresh: ReadonlySet<string>;
  /** See `ThreadState`. */
  apart?: number;
  /** Tombstones that stay: their author may bring them back, or somebody is answering them. */
  kept?: ReadonlySet<string> | undefined;
  pending: readonly OutboxEntry[];
  /** How the pending ones look. */
  drafts: readonly Reply[];
}

/**
 * Builds the tree in one pass over the rows and one over the nodes.
 *
 * - Siblings stand by birth; best first, in the order in which the server's pages gave them, then arrivals by birth. The
 *   "more" button stands behind the last one that a page gave; newest first, behind all.
 * - Own replies on their way stand where they will stand when they are born; where their parent is not shown, last of
 *   all, so that nothing written is out of sight.
 * - A row that is known only because it changed (it is on a page not fetched yet) waits for its page.
 * - A tombstone stays while it has published children, shown, held back or not loaded; a bare one is left out unless it
 *   is kept.
 * - A child of a row that is held back is held back with it. Orphans are left out until their parent is loaded.
 */
export function buildTree({ held, sort, back, fresh, kept, pending, drafts, apart = 0 }: Facts): Tree {
  const byBirth = (a: Reply, b: Reply): number => a.born - b.born;
  const arrivals = [...held.rows.values()].filter((row) => row.born > held.since && !held.paged.has(row.id));
  const rows = [...held.paged].map((id) => held.rows.get(id)!).concat(arrivals.sort(byBirth));
  // Of the thread's own count, what neither stands here nor is told by a list that is cut.
  let hidden = held.thread.count - apart;
  for (const { state, born } of rows) if (state === 'published' && born <= held.cursor.seq) hidden--;
  for (const { count } of held.levels.values()) hidden -= count;
  if (hidden > 0 && held.levels.size > 1) hidden = Infinity;
  if (sort !== 'best') rows.sort(byBirth);
  const own = new Map(drafts.filter(({ id }) => !held.rows.has(id)).map((draft) => [draft.id, draft]));
  rows.push(...own.values());
  const isNewest = sort === 'newest';
  if (isNewest) rows.reverse();
  const lists = new Map<string, Reply[]>();
  for (const row of rows) {
    const parent = row.parent ?? ROOTS;
    const list = lists.get(parent);
    if (list) list.push(row);
    else lists.set(parent, [row]);
  }

  const waiting: Reply[] = [];
  const holdBack = (row: Reply): void => {
    if (row.state === 'published' && !own.has(row.id)) waiting.push(row);
    lists.get(row.id)?.forEach(holdBack);
  };
  const nodeOf = (reply: Reply): Node => {
    const entry = own.delete(reply.id) && pending.find(({ id }) => id === reply.id);
    return { reply, fresh: fresh.has(reply.id), ...(entry && { pending: entry }), ...nest(reply.id) };
  };
  const nest = (parent: string): Pick<Node, 'children' | 'more'> => {
    const children: Node[] = [];
    let after = 0;
    for (const reply of lists.get(parent) ?? []) {
      if (back.has(reply.id)) {
        holdBack(reply);
        continue;
      }
      const node = nodeOf(reply);
      if (reply.state === 'published' || reply.replies || kept?.has(reply.id) || node.children.length || node.more)
        children.push(node);
      if (isNewest || held.paged.has(reply.id)) after = children.length;
    }
    const level = held.levels.get(parent);
    return { children, more: level && { count: level.count, after } };
  };
  const { children, ...rest } = nest(ROOTS);
  for (const draft of own.values()) children.push(nodeOf(draft));
  return { roots: children, ...rest, hidden: Math.max(hidden, 0), held: waiting.sort(byBirth).map((row) => row.id) };
}
