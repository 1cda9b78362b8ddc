// Where the focus goes when what has it vanishes with a live change. It never goes by itself otherwise.
import type { ReactiveController } from 'lit';
import type { Stage } from '../stage.js';

/**
 * Looks before and after each drawing: at the same reply, whatever became of it; else at the next one, else the last. In
 * the heading at the button that always stands there.
 */
export class FocusKeeper implements ReactiveController {
  readonly #stage: Stage;
  #at: Element | null = null;
  #articles: HTMLElement[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get #root(): ShadowRoot {
    return this.#stage.renderRoot as ShadowRoot;
  }

  #all(): HTMLElement[] {
    return [...this.#root.querySelectorAll('article')];
  }

  hostUpdate(): void {
    this.#at = this.#root.activeElement?.closest('article, .side') ?? null;
    this.#articles = this.#at ? this.#all() : [];
  }

  hostUpdated(): void {
    const at = this.#at;
    if (!at || this.#root.activeElement) return;
    const before = this.#articles;
    const after = before.slice(before.indexOf(at as HTMLElement) + 1).find((article) => article.isConnected);
    const next =
      at.querySelector<HTMLElement>('.settings') ??
      this.#root.querySelector<HTMLElement>(`[id="${at.id}"]`) ??
      after ??
      this.#all().at(-1);
    next?.focus({ preventScroll: true });
  }
}
