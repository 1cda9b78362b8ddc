// Where a reply that was looked for belongs among those that are held. Owns no state and shows nothing.
import { ROOTS } from '../../../shared/held.js';
import { LOCATE_LEFT_MAX } from '../../../shared/limits.js';
import type { Located } from '../../../shared/protocol.js';
import type { ThreadState } from '../../state/thread.js';
import type { LiveThread, Node } from '../../state/types.js';

/** Whether pages of the whole discussion brought it and all that it answers. */
export function isPaged({ held }: ThreadState, id: string | null): boolean {
  for (let up = id; up; up = held?.rows.get(up)?.parent ?? null) if (!held?.paged.has(up)) return false;
  return true;
}

/**
 * What was found goes on where the loaded part of its list ends: then it belongs to that. The best first, votes may have
 * moved others meanwhile, which only the list's own pages know.
 */
export function join(view: ThreadState, live: LiveThread, id: string, { replies, more }: Located): void {
  const { held, sort } = view;
  const { parent, depth } = replies.find((reply) => reply.id === id)!;
  const level = held?.levels.get(parent ?? ROOTS);
  const near = replies.filter((reply) => reply.depth >= depth);
  const isNext = held?.paged.has(near[0]!.id) && isPaged(view, parent);
  if (!level || !isNext || sort === 'best' || more?.count === LOCATE_LEFT_MAX) return;
  live.feed.page(parent, level, { replies: near, more });
}

/** A page that is opened at a reply asks before its line is up. */
export function whenLive(view: ThreadState): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (view.status !== 'live') return;
      unlisten();
      resolve();
    };
    const unlisten = view.subscribe(look);
    look();
  });
}

export function nodeOf(nodes: readonly Node[], id: string | undefined): Node | undefined {
  for (const node of nodes) {
    const found = node.reply.id === id ? node : nodeOf(node.children, id);
    if (found) return found;
  }
  return undefined;
}
