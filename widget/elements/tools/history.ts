// The earlier texts of a reply, newest first, as they were written.
import { html, type TemplateResult } from 'lit';
import type { Revision } from '../../../shared/protocol.js';
import { Clock } from '../../i18n/clock.js';
import type { Words } from '../../i18n/words.js';

export function historyTemplate(words: Words, revisions: readonly Revision[]): TemplateResult {
  const clock = new Clock(words.lang);
  return html`<div class="history" tabindex="0">
    ${revisions.map(
      ({ body, until }) =>
        html`<p class="soft" part="hint">
            <time datetime=${until}>${words.say('until', { time: clock.moment(Date.parse(until)) })}</time>
          </p>
          <p class="was" dir="auto">${body}</p>`,
    )}
  </div>`;
}
