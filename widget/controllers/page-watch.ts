// Notices when the page becomes another one without being loaded: single-page apps change the address, the title and the
// canonical link in any order. Owns the noticing; what it means is the discussion's.
import type { ReactiveController } from 'lit';
import type { Stage } from '../elements/stage.js';

/** Where the browser does not tell about `history.pushState` (Firefox, older Safari). */
const POLL_MS = 1_000;

interface Navigation extends EventTarget {
  currentEntry: unknown;
}

export class PageWatch implements ReactiveController {
  readonly #stage: Stage;
  readonly #head = new MutationObserver(() => this.#look());
  readonly #navigation = (globalThis as { navigation?: Navigation }).navigation;
  readonly #look = (): void => {
    const seen = `${location.href} ${document.title} ${document.querySelector<HTMLLinkElement>('link[rel~=canonical]')?.href}`;
    if (seen !== this.#seen) this.#stage.pageChanged();
    this.#seen = seen;
  };
  #seen = '';
  #poll = 0;
  /** Ends the listening until the next: it is given as the options, of which only its signal is read. */
  #over?: AbortController;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  hostConnected(): void {
    this.#head.observe(document.head, {
      subtree: true,
      childList: true,
      characterData: true,
      attributeFilter: ['href', 'rel'],
    });
    this.#over = new AbortController();
    addEventListener('popstate', this.#look, this.#over);
    this.#navigation?.addEventListener('currententrychange', this.#look, this.#over);
    if (!this.#navigation) this.#poll = setInterval(this.#look, POLL_MS) as unknown as number;
    this.#look();
  }

  hostDisconnected(): void {
    this.#head.disconnect();
    this.#over?.abort();
    clearInterval(this.#poll);
  }
}
