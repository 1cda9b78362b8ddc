// Keeps the newest reply in sight, as in a chat, for as long as the reader is at it (the pace `follow`). Loaded where that
// pace is chosen; whether arrivals come in now is still `controllers/arrivals.ts`, which asks whether the reader is there.
import type { ReactiveController } from 'lit';
import { scrollerOf, sightOf } from '../../controllers/layout.js';
import type { Stage } from '../stage.js';

/** What lets arrivals in. */
interface Gate {
  isAtEnd(): boolean;
}

export class Follow implements ReactiveController {
  readonly #stage: Stage;
  readonly #gate: Gate;
  readonly #articles: HTMLCollectionOf<Element>;
  #newest: Element | undefined;
  #wasAtEnd = true;

  constructor(stage: Stage, gate: Gate) {
    this.#stage = stage;
    this.#gate = gate;
    // A live list: looking through all of them with each arrival would take longer with each.
    this.#articles = stage.renderRoot.querySelector('#root')!.getElementsByTagName('article');
    gate.isAtEnd = () => this.#isAtEnd();
  }

  #last(): Element | undefined {
    return this.#articles[this.#stage.view.sort === 'newest' ? 0 : this.#articles.length - 1];
  }

  #isAtEnd(): boolean {
    const { top, bottom } = sightOf(scrollerOf(this.#stage));
    const box = this.#last()?.getBoundingClientRect();
    return !box || (box.top < bottom && box.bottom > top);
  }

  hostUpdate(): void {
    this.#newest = this.#last();
    this.#wasAtEnd = this.#isAtEnd();
  }

  hostUpdated(): void {
    const newest = this.#last();
    if (newest === this.#newest || !this.#wasAtEnd) return;
    newest?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }

  /** Ends it. */
  hostDisconnected(): void {
    this.#gate.isAtEnd = () => true;
  }
}
