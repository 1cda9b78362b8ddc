// Gives back the height that the loader reserved, so that what follows in the page is never seen moving: as soon as it
// is out of sight before and after, else when the reader does something (movement that answers a hand is expected).
import type { ReactiveController } from 'lit';
import type { Stage } from '../elements/stage.js';

const HANDS = ['pointerdown', 'keydown'] as const;

export class Reserve implements ReactiveController {
  readonly #stage: Stage;
  readonly #release = (): void => {
    this.#stage.style.minHeight = '';
    // The style sheet says it by now, and leaves `hidden` its say.
    this.#stage.style.display = '';
    this.hostDisconnected();
  };
  readonly #look = (): void => this.hostUpdated();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  hostConnected(): void {
    for (const hand of HANDS) addEventListener(hand, this.#release, { capture: true });
    addEventListener('scroll', this.#look, { passive: true });
  }

  hostDisconnected(): void {
    for (const hand of HANDS) removeEventListener(hand, this.#release, { capture: true });
    removeEventListener('scroll', this.#look);
  }

  hostUpdated(): void {
    const { style, renderRoot, view } = this.#stage;
    if (!style.minHeight || view.phase.is === 'loading') return;
    const { bottom } = renderRoot.querySelector('#root')!.getBoundingClientRect();
    if (bottom >= document.documentElement.clientHeight) this.#release();
  }
}
