// A button of the form that is not its end: a press, and no sending. Owns how it is written.
import { html } from 'lit';

/** `look`: its classes; quiet ones have the accent's colour. */
export function button(text: string, press: () => unknown, look = ''): unknown {
  return html`<button part="button" type="button" class=${look} @click=${press}>${text}</button>`;
}
