// Answering with a part of a reply: while something is selected in one, its line offers to quote that. Owns what is
// selected; the composer makes a quote of it.
import { html, nothing } from 'lit';
import { DEPTH_MAX } from '../../../shared/limits.js';
import type { Node } from '../../state/types.js';
import type { Stage } from '../stage.js';

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();

export class Quoting {
  readonly #stage: Stage;
  readonly #kit: Stage['kit'];
  #id = '';
  #text = '';
  readonly #look = (): void => {
    // Another thread has tools of its own.
    if (this.#stage.kit !== this.#kit) return document.removeEventListener('selectionchange', this.#look);
    const root = this.#stage.renderRoot as ShadowRoot & { getSelection?: () => Selection | null };
    // Each browser has its own way to tell what is selected in a shadow root.
    const selection = root.getSelection?.() ?? getSelection();
    const range = selection?.getComposedRanges?.({ shadowRoots: [root] })[0];
    const node = range?.startContainer ?? selection?.anchorNode;
    const body = (node instanceof Element ? node : node?.parentElement)?.closest('.body');
    const text = String(selection).trim();
    const isWithin = text && body && root.contains(body) && plain(body.textContent).includes(plain(text));
    const id = (isWithin && body.closest('article')?.id) || '';
    this.#text = text;
    if (id === this.#id) return;
    this.#id = id;
    this.#stage.requestUpdate();
  };

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#kit = stage.kit;
    document.addEventListener('selectionchange', this.#look);
    this.#look();
  }

  /** Over the end of the line: what stands there does not move. */
  button({ reply: { id, depth }, pending }: Node): unknown {
    const { words, view } = this.#stage;
    if (id !== this.#id || pending || depth >= DEPTH_MAX || view.thread?.state === 'closed') return nothing;
    // Pressing it must not take away the selection before it is read.
    return html`<button
      class="quoting"
      part="button"
      aria-describedby="by-${id}"
      @pointerdown=${(event: Event) => event.preventDefault()}
      @click=${() => this.#stage.write({ under: id, quote: this.#text })}
    >
      ${words.say('quote')}
    </button>`;
  }
}
