// The second reader: the same page in a frame under the other name of this machine, so that it is another person in
// another browser as far as the widget can tell. Owns the frame and the words around it.
import { html, nothing, render } from 'lit';
import { readQuery, writeQuery } from './address.js';
import type { Settings } from './settings.js';
import { twinOrigin } from './twin.js';

/** What the page tells the frame: settings, in the form that they have in an address. */
interface Message {
  readonly afterwordDemo: string;
}

export class SecondReader {
  readonly #stage: HTMLElement;
  readonly #host: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #origin: string;
  #settings: Settings;

  constructor(stage: HTMLElement, host: HTMLElement, toggle: HTMLButtonElement, settings: Settings) {
    this.#stage = stage;
    this.#host = host;
    this.#toggle = toggle;
    this.#settings = settings;
    this.#origin = twinOrigin(location.origin) ?? location.origin;
    toggle.addEventListener('click', () => (this.#host.hidden ? this.#open() : this.#close()));
  }

  /** Follows the configurator. */
  update(settings: Settings): void {
    this.#settings = settings;
    const message: Message = { afterwordDemo: writeQuery(settings) };
    this.#host.querySelector('iframe')?.contentWindow?.postMessage(message, this.#origin);
  }

  #open(): void {
    this.#host.hidden = false;
    this.#show();
    this.#host.scrollIntoView({ block: 'nearest' });
  }

  #close(): void {
    this.#host.hidden = true;
    this.#show();
    this.#toggle.focus({ preventScroll: true });
  }

  #show(): void {
    const open = !this.#host.hidden;
    this.#stage.dataset['readers'] = open ? '2' : '1';
    this.#toggle.ariaExpanded = String(open);
    this.#toggle.textContent = open ? 'Close the second reader' : 'Open a second reader';
    render(open ? this.#frame() : nothing, this.#host);
  }

  #frame() {
    const own = this.#origin !== location.origin;
    const host = new URL(this.#origin).host;
    return html`
      <div class="second-window">
        <p class="second-bar">
          <span><b>Second reader</b>${own ? ` at ${host}` : nothing}</span>
          <button type="button" class="button button-small" @click=${() => this.#close()}>Close</button>
        </p>
        <iframe
          class="second-frame"
          title="The second reader"
          src=${`${this.#origin}${location.pathname}${writeQuery(this.#settings, '?reader=2')}`}
          ?credentialless=${!own}
        ></iframe>
        ${
          own || 'credentialless' in HTMLIFrameElement.prototype
            ? nothing
            : html`<p class="second-note">
                This browser takes both readers for one person. To be two, open the page in a private window.
              </p>`
        }
      </div>
    `;
  }
}

/** In the frame: calls back with the settings that the page around it sends. Listens to that page alone. */
export function followPage(onSettings: (settings: Settings) => void): void {
  const twin = twinOrigin(location.origin) ?? location.origin;
  addEventListener('message', ({ data, origin, source }: MessageEvent<Partial<Message> | null>) => {
    if (source !== parent || origin !== twin || typeof data?.afterwordDemo !== 'string') return;
    onSettings(readQuery(data.afterwordDemo));
  });
}
