// The form that tells the people who look after a discussion what is wrong with a reply. Owns the reasons.
import { html, type TemplateResult } from 'lit';
import { NOTE_MAX } from '../../../shared/limits.js';
import type { MessageKey } from '../../i18n/catalogue.js';
import type { Words } from '../../i18n/words.js';

/** As the server keeps them. */
const REASONS: readonly (readonly [reason: string, words: MessageKey])[] = [
  ['spam', 'reasonSpam'],
  ['abuse', 'reasonAbuse'],
  ['off_topic', 'reasonOffTopic'],
  ['other', 'reasonOther'],
];

export function reportTemplate(words: Words, send: (reason: string, note: string) => void): TemplateResult {
  const submit = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    send(data.get('reason') as string, (data.get('note') as string).trim());
  };
  return html`<form class="report" @submit=${submit}>
    <fieldset>
      <legend>${words.say('reportWhy')}</legend>
      ${REASONS.map(
        ([reason, key], i) =>
          html`<label
            ><input type="radio" name="reason" value=${reason} ?checked=${i === 0} /> ${words.say(key)}</label
          >`,
      )}
    </fieldset>
    <label
      >${words.say('reportNote')}
      <textarea part="text" name="note" rows="2" maxlength=${NOTE_MAX} dir="auto"></textarea>
    </label>
    <button part="post" class="send">${words.say('reportSend')}</button>
  </form>`;
}
