// Small drawings in the colour of the text around them, without a request.
import { html, type TemplateResult } from 'lit';

/** `path`: within 16 by 16. */
export function icon(path: string): TemplateResult {
  return html`<svg viewBox="0 0 16 16" aria-hidden="true"><path d=${path} /></svg>`;
}
