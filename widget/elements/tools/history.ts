// The earlier texts of a reply, newest first, as they were written.
import { html, type TemplateResult } from 'lit';
import type { Revision } from '../../../shared/protocol.js';
import { momentOf } from '../../i18n/clock.js';
import type { Words } from '../../i18n/words.js';

export function historyTemplate(words: Words, revisions: readonly Revision[]): TemplateResult {
  return html`<div class="history" tabindex="0">
    ${revisions.map(
      ({ body, until }) =>
        html`<p class="soft" part="hint">
            <time datetime=${until}>${words.say('until', { time: momentOf(words.times, Date.parse(until)) })}</time>
          </p>
          <p class="was" dir="auto">${body}</p>`,
    )}
  </div>`;
}
