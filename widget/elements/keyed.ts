// A list whose items keep their nodes: what Lit's `repeat` does for a list of which little ever moves, in a third of it.
import { noChange } from 'lit';
import { Directive, directive, type ChildPart } from 'lit/directive.js';
import {
  clearPart,
  getCommittedValue,
  insertPart,
  removePart,
  setChildPartValue,
  setCommittedValue,
} from 'lit/directive-helpers.js';

/** `drawn`: what stands there now, undefined where nothing does; to draw `noChange` leaves it as it is. */
type Draw<T> = [items: readonly T[], keyOf: (item: T) => string, draw: (item: T, drawn?: T) => unknown];
type Part<T> = ChildPart & { item?: T };

class Keyed extends Directive {
  /** In the order in which they stand. */
  #parts = new Map<string, Part<unknown>>();

  /** What it is given; Lit asks `update`. */
  declare render: <T>(..._: Draw<T>) => unknown;

  override update<T>(container: ChildPart, [items, keyOf, draw]: Draw<T>): unknown {
    // Something else stood here before.
    if (!Array.isArray(getCommittedValue(container))) clearPart(container);
    const [before, after] = [this.#parts as Map<string, Part<T>>, new Map<string, Part<T>>()];
    const keys = new Set(items.map(keyOf));
    for (const [key, part] of before) {
      if (keys.has(key)) continue;
      const { endNode } = part;
      removePart(part);
      // Lit leaves the mark behind it, one for each item that ever went.
      (endNode as ChildNode).remove();
      before.delete(key);
    }
    for (const item of items) {
      const key = keyOf(item);
      const known = before.get(key);
      // The first that has not got its place: only what stands elsewhere is moved, so that the focus stays in the others.
      const next = before.values().next().value;
      const part: Part<T> = known && known === next ? known : insertPart(container, next, known);
      before.delete(key);
      after.set(key, setChildPartValue(part, draw(item, part.item)));
      part.item = item;
    }
    this.#parts = after as Map<string, Part<unknown>>;
    setCommittedValue(container, [...after.values()]);
    return noChange;
  }
}

/** Draws each item; one whose key stays keeps its nodes, wherever it goes. Keys are unique. */
export const keyed = directive(Keyed) as <T>(...list: Draw<T>) => unknown;
