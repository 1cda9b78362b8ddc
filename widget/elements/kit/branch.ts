// What a reply and the loaded part of the branch below it come to. Pure; draws nothing.
import type { Node } from '../../state/types.js';

/** In all that is drawn of a reply, and below it. */
export function isSame(a: Node, b?: Node): boolean {
  return (
    a.reply === b?.reply &&
    a.fresh === b.fresh &&
    a.pending === b.pending &&
    a.more?.count === b.more?.count &&
    a.children.length === b.children.length &&
    a.children.every((child, i) => isSame(child, b.children[i]))
  );
}

/** Over all loaded replies below this one. */
export function sum({ children }: Node, of: (node: Node) => number): number {
  return children.reduce((all, child) => all + of(child) + sum(child, of), 0);
}

/** Replies below this one that are known of. Below those that are not loaded there may be more. */
export function sizeOf(node: Node): number {
  const unloaded = ({ more }: Node): number => more?.count ?? 0;
  return unloaded(node) + sum(node, (child) => 1 + unloaded(child));
}

/** Whether all of it is loaded. */
export const isWhole = ({ more, children }: Node): boolean => !more && children.every(isWhole);
