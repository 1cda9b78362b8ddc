// The quiet line below the form: that the text is kept, and the way to let go of it and back. Owns the text that was let go,
// for as long as nothing new is written.
import { html, nothing } from 'lit';
import type { Desk } from '../stage.js';

export class Kept {
  readonly #desk: Desk;
  readonly #name: () => string;
  /** What stands in the form when nothing is written in it. */
  readonly #bare: () => Promise<string>;
  #gone = '';

  constructor(desk: Desk, name: () => string, bare: () => Promise<string>) {
    this.#desk = desk;
    this.#name = name;
    this.#bare = bare;
  }

  typed(): void {
    this.#gone = '';
  }

  line(): unknown {
    const { words } = this.#desk.stage;
    const button = (key: 'undo' | 'discard', press: () => void): unknown =>
      html`<button part="button" type="button" class="quiet" @click=${press}>${words.say(key)}</button>`;
    if (this.#gone) return button('undo', () => this.#undo());
    if (!this.#isKept) return nothing;
    return html`<span>${words.say('draftKept')}</span> ${button('discard', () => void this.#discard())}`;
  }

  /** In the browser, and not only in this page. */
  get #isKept(): boolean {
    const name = `draft:${this.#desk.live.desk.scope}${this.#name()}`;
    try {
      return Object.keys(localStorage).some((key) => key.endsWith(name));
    } catch {
      return false;
    }
  }

  async #discard(): Promise<void> {
    const desk = this.#desk;
    const text = desk.body;
    desk.live.drafts.set(this.#name(), '');
    desk.body = await this.#bare();
    this.#gone = text;
    this.#goOn();
  }

  #undo(): void {
    const desk = this.#desk;
    desk.body = this.#gone;
    this.#gone = '';
    desk.live.drafts.set(this.#name(), desk.body);
    this.#goOn();
  }

  /** The button that was pressed is gone. */
  #goOn(): void {
    this.#desk.requestUpdate();
    this.#desk.box.focus();
  }
}
