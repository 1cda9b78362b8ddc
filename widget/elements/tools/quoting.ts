// Answering with a part of a reply: while something is selected in one, its line offers to quote that. Owns what is
// selected; the composer makes a quote of it.
import { html, nothing } from 'lit';
import { DEPTH_MAX } from '../../../shared/limits.js';
import type { Node } from '../../state/types.js';
import { rangeOf } from '../selected.js';
import type { Stage } from '../stage.js';

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** What a part of a text keeps of the elements that it stands in: a word of a list is no list. */
const KEPT = /^(?:A|B|STRONG|I|EM|S|DEL|CODE|PRE|BLOCKQUOTE)$/;

/** The elements and words of this part of a reply's text, without what the page adds: buttons, and where links lead. */
export function partOf(body: Element, range: Range): DocumentFragment {
  const part = range.cloneContents();
  const common = range.commonAncestorContainer;
  for (let up: globalThis.Node | null = common; up && up !== body; up = up.parentNode) {
    if (!KEPT.test(up.nodeName) && !(up === common && /^[UO]L$/.test(up.nodeName))) continue;
    const around = up.cloneNode() as Element;
    around.append(part);
    part.append(around);
  }
  for (const added of part.querySelectorAll('button, a small')) added.remove();
  return part;
}

export class Quoting {
  readonly #stage: Stage;
  readonly #kit: Stage['kit'];
  /** The reply in which something is selected now. */
  #id = '';
  /** What was selected last, and where. */
  #last: { id: string; part: DocumentFragment } | null = null;
  readonly #look = (): void => {
    // Another thread has tools of its own.
    if (this.#stage.kit !== this.#kit) return document.removeEventListener('selectionchange', this.#look);
    const root = this.#stage.renderRoot as ShadowRoot & { getSelection?: () => Selection | null };
    const selection = root.getSelection?.() ?? getSelection();
    const found = selection && rangeOf(selection, root);
    const node = found?.startContainer;
    const body = (node instanceof Element ? node : node?.parentElement)?.closest('.body');
    const text = plain(String(selection));
    const isWithin = text && found && body && root.contains(body) && plain(body.textContent).includes(text);
    const id = (isWithin && body.closest('article')?.id) || '';
    if (id && found && body) {
      const range = document.createRange();
      range.setStart(found.startContainer, found.startOffset);
      // A whole paragraph may end where the next thing begins.
      if (body.contains(found.endContainer)) range.setEnd(found.endContainer, found.endOffset);
      else range.setEnd(body, body.childNodes.length);
      this.#last = { id, part: partOf(body, range) };
    }
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

  /** What was selected last, where that was in this reply. */
  selectedIn(id: string): DocumentFragment | undefined {
    return this.#last?.id === id ? this.#last.part : undefined;
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
      @click=${() => this.#quote(id)}
    >
      ${words.say('quote')}
    </button>`;
  }
  #quote(id: string): void {
    this.#stage.write({ under: id, quote: this.#last?.part });
    // It is quoted once: what is selected is said late, and the key would take it again for another reply.
    this.#id = '';
    getSelection()?.collapse(null);
  }
}
