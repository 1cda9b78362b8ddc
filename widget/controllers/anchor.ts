// Keeps the line that is being read where it is while the list changes above it. Browsers with scroll anchoring of their
// own do nothing more after this; Safari has none, and pages can switch it off.
import type { ReactiveController } from 'lit';
import type { Stage } from '../elements/stage.js';
import { firstInSight, scrollerOf, sightOf, type Sight } from './layout.js';

/** Where on the screen one reads, as a part of its height: what comes above that line pushes up, what comes below pushes down. */
const READ_AT = 1 / 3;

/** Measures before each render and scrolls by the difference after it, before anything is painted. */
export class Anchor implements ReactiveController {
  readonly #stage: Stage;
  #kept: { edge: () => number; at: number; scroller: Element } | null = null;
  /** What was held last, and where it belongs: browsers scroll by whole pixels, and what is left over must not add up. */
  #last: { held: Element | null; at: number } | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  hostUpdate(): void {
    const stage = this.#stage;
    const scroller = scrollerOf(stage);
    const sight = sightOf(scroller);
    const box = stage.getBoundingClientRect();
    this.#kept = null;
    // All of it is still to come: whatever grows, grows below what is read.
    if (box.top >= sight.bottom || !stage.isConnected) return;
    const root = stage.renderRoot as ShadowRoot;
    // What has the focus is what the reader is at; else the first reply in sight; else what follows the discussion.
    const focused = inSight(root.activeElement, sight);
    // At the top of the page its top is what is held, as browsers have it: it never scrolls by itself.
    if (!focused && scroller.scrollTop <= 0) return;
    const { top, bottom } = sight;
    const line = top + (bottom - top) * READ_AT;
    const nodes = [...root.querySelector('.list')!.children].filter(({ className }) => className === 'node');
    const held = focused ?? firstReply(nodes, { top: line, bottom }) ?? firstReply(nodes, sight);
    const edge = held
      ? () => (held.isConnected ? held.getBoundingClientRect().top : NaN)
      : () => stage.getBoundingClientRect().bottom;
    if (!held && box.bottom > sight.top) return;
    const now = edge();
    if (this.#last?.held !== held || Math.abs(this.#last.at - now) > 1) this.#last = { held, at: now };
    this.#kept = { edge, at: this.#last.at, scroller };
  }

  hostUpdated(): void {
    if (!this.#kept) return;
    const { edge, at, scroller } = this.#kept;
    const moved = edge() - at;
    // NaN: what was being read is gone; nothing to hold on to.
    if (Math.abs(moved) >= 0.5) scroller.scrollBy({ top: moved, behavior: 'instant' });
  }
}

/** The first reply in sight, or the next one: of all that there may be, only those below one root are looked for. */
function firstReply(nodes: readonly Element[], sight: Sight): Element | null {
  const node = firstInSight(nodes, sight);
  const found = node && firstInSight(node.querySelectorAll('article'), sight);
  return found ?? node?.nextElementSibling?.querySelector('article') ?? null;
}

/** Not a button for more: what it brings comes in its place. */
function inSight(element: Element | null, sight: Sight): Element | null {
  const box = element?.matches('.more') ? null : element?.getBoundingClientRect();
  return box && box.bottom > sight.top && box.top < sight.bottom ? element : null;
}
