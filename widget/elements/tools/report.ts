// The form that tells the people who look after a discussion what is wrong with a reply. Owns the reasons, and what was
// said in it until it has arrived.
import { html, nothing, type TemplateResult } from 'lit';
import { NAME_MAX, NOTE_MAX } from '../../../shared/limits.js';
import type { MessageKey } from '../../i18n/catalogue.js';
import type { Words } from '../../i18n/words.js';
import type { Reply } from '../../../shared/views.js';
import type { LiveThread } from '../../state/types.js';
import type { Pop } from '../acting/pop.js';
import { why } from '../kit/problem.js';
import type { Stage } from '../stage.js';

/** As the server keeps them. */
const REASONS: readonly (readonly [reason: string, words: MessageKey])[] = [
  ['spam', 'reasonSpam'],
  ['abuse', 'reasonAbuse'],
  ['off_topic', 'reasonOffTopic'],
  ['other', 'reasonOther'],
];

/** Opens it beside this button; `told`: what came of it, in words. */
export function openReport(
  { stage, live }: { stage: Stage; live: LiveThread },
  { id }: Reply,
  pop: Pop,
  button: HTMLElement,
  told: (text: string) => void,
): void {
  const { words } = stage;
  const isNameless = !live.name;
  const form = (isSent: boolean, problem = '') =>
    reportTemplate(words, { isNameless, isSent, problem }, (report) => void send(report));
  const send = async ({ reason, note, name }: Report): Promise<void> => {
    pop.draw(form(true));
    if (name) live.setName(name);
    const answer = await live.ask('reply:report', { id, reason, ...(note && { note }) });
    if (!answer.ok) return pop.draw(form(false, await why(stage, answer.error)));
    pop.close();
    told(words.say('reported'));
  };
  pop.open(button, words.say('report'), form(false));
}

/** What a reader tells; `name`: where there was none. */
interface Report {
  reason: string;
  note: string;
  name: string;
}

/** `isNameless`: this reader has given no name yet. `problem`: why it was not sent, in words. */
function reportTemplate(
  words: Words,
  { isNameless, isSent, problem }: { isNameless: boolean; isSent: boolean; problem: string },
  send: (report: Report) => unknown,
): TemplateResult {
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isSent) return;
    const data = new FormData(event.target as HTMLFormElement);
    const text = (name: keyof Report): string => ((data.get(name) ?? '') as string).trim();
    send({ reason: text('reason'), note: text('note'), name: text('name') });
  };
  return html`<form class="report" aria-busy=${isSent} @submit=${submit}>
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
    ${
      isNameless
        ? html`<label
            >${words.say('yourName')}
            <input part="name" name="name" required autocomplete="nickname" maxlength=${NAME_MAX} dir="auto" />
          </label>`
        : nothing
    }
    <p class="problem" part="problem" role="alert">${problem}</p>
    <button part="post" class="send">${words.say(isSent ? 'sending' : 'reportSend')}</button>
  </form>`;
}
