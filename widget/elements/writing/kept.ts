// The quiet line below the form: that the text is kept or can't be, and the way to let go of it and back. Owns the text that was let go,
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
    // Something may have been typed before this was loaded.
    this.#watch();
  }

  typed(): void {
    this.#gone = '';
    this.#watch();
  }

  #watch(): void {
    void this.#desk.updateComplete.then(() => {
      if (this.#isLost) addEventListener('beforeunload', this.#ask);
      else removeEventListener('beforeunload', this.#ask);
    });
  }

  /** Where nothing can be kept, the browser asks whether the page may go: with a text, or with a reply that waits for the line. */
  readonly #ask = (event: Event): void => {
    const { isConnected } = this.#desk.form;
    if (isConnected && (this.#isLost || this.#desk.stage.view.pending.length > 0)) event.preventDefault();
  };

  line(): unknown {
    const { words } = this.#desk.stage;
    const button = (key: 'undo' | 'discard', press: () => void): unknown =>
      html`<button part="button" type="button" class="quiet" @click=${press}>${words.say(key)}</button>`;
    if (this.#gone) return button('undo', () => this.#undo());
    const said = this.#isKept ? 'draftKept' : this.#isLost ? 'draftLost' : null;
    if (!said) return nothing;
    return html`<span>${words.say(said)}</span> ${button('discard', () => void this.#discard())}`;
  }

  /** Storage is full or forbidden: the text is there for as long as the page. */
  get #isLost(): boolean {
    return !this.#isKept && this.#desk.live.drafts.get(this.#name()) !== '';
  }

  /** In the browser as it is now, and not only in this page. */
  get #isKept(): boolean {
    const { keep, scope } = this.#desk.live.desk;
    const name = `draft:${scope}${this.#name()}`;
    try {
      return Object.keys(localStorage).some(
        (key) => key.endsWith(name) && localStorage.getItem(key) === keep.get(name),
      );
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
