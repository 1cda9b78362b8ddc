// Keeps the newest reply in sight, as in a chat, for as long as the reader is at it (the pace `follow`). Loaded where that
// pace is chosen; whether arrivals come in now is still `controllers/arrivals.ts`, which is told whether the reader is there.
import type { ReactiveController } from 'lit';
import { scrollerOf, sightOf } from '../../controllers/layout.js';
import type { Stage } from '../stage.js';

export class Follow implements ReactiveController {
  readonly #stage: Stage;
  readonly #arrivals: { isAtEnd: boolean };
  #newest: Element | undefined;

  constructor(stage: Stage, arrivals: { isAtEnd: boolean }) {
    this.#stage = stage;
    this.#arrivals = arrivals;
  }

  #last(): Element | undefined {
    const articles = this.#stage.renderRoot.querySelectorAll('article');
    return this.#stage.view.sort === 'newest' ? articles[0] : articles[articles.length - 1];
  }

  hostUpdate(): void {
    const { top, bottom } = sightOf(scrollerOf(this.#stage));
    this.#newest = this.#last();
    const box = this.#newest?.getBoundingClientRect();
    this.#arrivals.isAtEnd = !box || (box.top < bottom && box.bottom > top);
  }

  hostUpdated(): void {
    const newest = this.#last();
    if (newest === this.#newest || !this.#arrivals.isAtEnd) return;
    newest?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }

  /** Ends it. */
  hostDisconnected(): void {
    this.#arrivals.isAtEnd = true;
  }
}
