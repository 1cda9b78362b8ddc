// The short help for the keyboard: a dialog that names every key.
import { html, render } from 'lit';
import type { MessageKey } from '../../i18n/catalogue.js';
import type { Stage } from '../stage.js';

const KEYS: readonly (readonly [key: string, what: MessageKey])[] = [
  ['j', 'keyNext'],
  ['k', 'keyPrevious'],
  ['n', 'keyNextNew'],
  ['p', 'keyPreviousNew'],
  ['s', 'keyShow'],
  ['r', 'keyReply'],
  ['q', 'keyQuote'],
  ['c', 'keyCompose'],
  ['u', 'keyParent'],
  ['f', 'keyFold'],
  ['Esc', 'allReplies'],
  [/mac|iphone|ipad/i.test(navigator.platform) ? '⌘ Enter' : 'Ctrl+Enter', 'post'],
  ['?', 'keyHelp'],
];

export class Help {
  readonly #stage: Stage;
  readonly #dialog = document.createElement('dialog');

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#dialog.className = 'sheet help';
    this.#dialog.setAttribute('part', 'help');
  }

  /** Opens it, or closes it where it is open; the browser gives the focus back. */
  toggle(): void {
    if (this.#dialog.open) return this.#dialog.close();
    const { words, renderRoot } = this.#stage;
    renderRoot.querySelector('#root')!.append(this.#dialog);
    this.#dialog.setAttribute('aria-label', words.say('keys'));
    render(
      html`<h3>${words.say('keys')}</h3>
        <dl class="scroll" tabindex="0">
          ${KEYS.map(
            ([key, what]) =>
              html`<dt><kbd part="key">${key}</kbd></dt>
                <dd>${words.say(what)}</dd>`,
          )}
        </dl>
        <p class="sheet-end">
          <button part="button" autofocus @click=${() => this.#dialog.close()}>${words.say('close')}</button>
        </p>`,
      this.#dialog,
    );
    this.#dialog.showModal();
  }
}
