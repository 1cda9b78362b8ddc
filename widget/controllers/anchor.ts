// Keeps the line that is being read where it is while the list changes above it. Browsers with scroll anchoring of their
// own do nothing more after this; Safari has none, and pages can switch it off.
import type { ReactiveController } from 'lit';
import type { Stage } from '../elements/stage.js';
import { firstInSight, scrollerOf, sightOf, type Sight } from './layout.js';

/** Where on the screen one reads, as a part of its height: what comes above that line pushes up, what comes below pushes down. */
const READ_AT = 1 / 3;
/** Replies before and behind the one that is held of which one holds in its place where it goes. */
const AROUND = 9;

/** Measures before each render and scrolls by the difference after it, before anything is painted. */
export class Anchor implements ReactiveController {
  readonly #stage: Stage;
  #scroller!: Element;
  /** What is held, and where it belongs: the first that is still there. */
  #kept: [node: Element, at: number][] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  hostUpdate(): void {
    const stage = this.#stage;
    const scroller = (this.#scroller = scrollerOf(stage));
    const sight = sightOf(scroller);
    const box = stage.getBoundingClientRect();
    const [last] = this.#kept;
    this.#kept = [];
    // All of it is still to come: whatever grows, grows below what is read.
    if (box.top >= sight.bottom || !stage.isConnected) return;
    const root = stage.renderRoot as ShadowRoot;
    // What has the focus is what the reader is at; else the first reply in sight; else what follows the discussion.
    const focused = inSight(root.activeElement, sight);
    // At the top of the page its top is what is held, as browsers have it: it never scrolls by itself.
    if (!focused && scroller.scrollTop <= 0) return;
    const { top, bottom } = sight;
    const line = top + (bottom - top) * READ_AT;
    // Here and below it is looked at the next ones alone: to go through all of a long list takes as long as drawing what came.
    const nodes = [...(root.querySelector('.list')?.children ?? [])].filter((node) => node.matches('.node'));
    const held = focused ?? firstReply(nodes, { top: line, bottom }) ?? firstReply(nodes, sight) ?? stage;
    if (held === stage && box.bottom > top) return;
    const now = this.#edge(held);
    // Browsers scroll by whole pixels, and what is left over must not add up.
    this.#kept = [last?.[0] === held && Math.abs(last[1] - now) <= 1 ? last : [held, now]];
    // Where it goes the next one holds, or the one before: at its place where that is in sight, else at the place of the other.
    const branch = nodes.indexOf(held.closest('.list > .node')!);
    const all = nodes.slice(Math.max(0, branch - AROUND), branch + AROUND).flatMap((node) => [...repliesIn(node)]);
    const at = all.indexOf(held.closest('article')!);
    for (let i = 1; at >= 0 && i < AROUND; i++)
      for (const node of [all[at + i], all[at - i]])
        if (node) this.#kept.push([node, inSight(node, sight) ? this.#edge(node) : Math.max(now, top)]);
  }

  hostUpdated(): void {
    const [node, at] = this.#kept.find(([{ isConnected }]) => isConnected) ?? [];
    const moved = node ? this.#edge(node) - at! : 0;
    if (Math.abs(moved) >= 0.5) this.#scroller.scrollBy({ top: moved, behavior: 'instant' });
  }

  /** Of a reply its top, of the discussion its end. */
  #edge(node: Element): number {
    const { top, bottom } = node.getBoundingClientRect();
    return node === this.#stage ? bottom : top;
  }
}

function repliesIn(node: Element): NodeListOf<Element> {
  return node.querySelectorAll('article');
}

/** The first reply in sight, or the next one: of all that there may be, only those below one root are looked for. */
function firstReply(nodes: ArrayLike<Element>, sight: Sight): Element | null {
  const node = firstInSight(nodes, sight);
  const found = node && firstInSight(repliesIn(node), sight);
  return found ?? node?.nextElementSibling?.querySelector('article') ?? null;
}

/** Not a button for more: what it brings comes in its place. */
function inSight(element: Element | null, sight: Sight): Element | null {
  const box = element?.matches('.more') ? null : element?.getBoundingClientRect();
  return box && box.bottom > sight.top && box.top < sight.bottom ? element : null;
}
