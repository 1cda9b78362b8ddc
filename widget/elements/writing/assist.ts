// Helps with writing in one form: shortcuts, lists that go on, pasting, completion, preview, counter. Owns no text: the form
// does. What stands in the toolbar is in `toolbar.ts`, what happened around the text meanwhile is in `meanwhile.ts`, changing an own reply in `editing.ts`.
import { html, nothing } from 'lit';
import { BODY_MAX, MENTIONS_MAX } from '../../../shared/limits.js';
import { problem } from '../kit/problem.js';
import { safeHtml } from '../safe-html.js';
import type { Assist, Desk, Place } from '../stage.js';
import { command, continueLine, pasteLink, quoted, type Command, type Edit, type Selected } from './commands.js';
import { Beside } from './beside.js';
import { Completion, peopleOf } from './completion.js';
import { Editing } from './editing.js';
import { Kept } from './kept.js';
import { fromHtml, fromNodes } from './markdown.js';
import { Meanwhile } from './meanwhile.js';
import { Sending } from './sending.js';
import { commandOf, roamed, toolbar } from './toolbar.js';

/** Shown from here on. */
const NEARLY = 0.9 * BODY_MAX;

export class FormAssist implements Assist {
  readonly #desk: Desk;
  readonly #completion: Completion;
  readonly #meanwhile: Meanwhile;
  readonly #editing: Editing | null;
  readonly #sending: Sending;
  readonly #beside: Beside;
  readonly #kept: Kept;
  /** What the form was last asked for. */
  #place: Place;
  /** What is shown in place of the text box; null: the text box. */
  #preview: { html: string } | { problem: string } | 'asked' | null = null;
  /** The button that Tab reaches. */
  #at = 0;
  #isPlain = false;

  constructor(desk: Desk) {
    this.#desk = desk;
    const put = (from: number, to: number, insert: string, caret: number): void => {
      const end = caret + insert.length - (to - from);
      this.#apply({ from, to, insert, start: end, end });
    };
    this.#completion = new Completion(desk.stage, put, () => desk.requestUpdate());
    this.#meanwhile = new Meanwhile(desk);
    const { place } = desk;
    const editing =
      'edit' in place
        ? new Editing(desk, place.edit, {
            mentions: () => this.#mentions(),
            refuse: (words) => this.#sending.refuse(words),
            done: () => this.#beside.done(),
          })
        : null;
    this.#editing = editing;
    this.#sending = new Sending(desk, {
      holds: () => this.#meanwhile.holds(),
      extras: () => this.#extras(),
      save: editing && ((body) => editing.save(body)),
      posted: () => {
        this.#beside.done();
        this.#kept.posted();
      },
    });
    const name = ('under' in place && place.under) || '';
    this.#beside = new Beside(desk, () => editing?.draft ?? name);
    this.#kept = new Kept(
      desk,
      () => editing?.draft ?? name,
      () => editing?.source() ?? Promise.resolve(''),
    );
    this.#place = place;
    desk.box.addEventListener('paste', (event) => this.#pasted(event));
    desk.box.addEventListener('blur', () => this.#completion.close());
    void this.#quote();
  }

  /** Asked for once more where it stands already: something may have been put back into its draft. */
  #recall(place: Place): void {
    const desk = this.#desk;
    if (!('under' in place)) return;
    desk.body = desk.live.drafts.get(place.under);
    desk.requestUpdate();
    if (place.focus) desk.box.focus();
  }

  /** What is to be quoted; else what was selected in the reply when its answer was begun. */
  async #quote(): Promise<void> {
    const { place, selected, stage } = this.#desk;
    if (!('under' in place) || !place.under) return;
    const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();
    const within = plain(stage.renderRoot.querySelector(`[id="${place.under}"] .body`)?.textContent ?? '');
    const isSelected = plain(selected) && !this.#desk.body && within.includes(plain(selected));
    if (!place.quote && !isSelected) return;
    const tools = await stage.kit?.tools();
    const part = place.quote ?? tools?.quoting.selectedIn(place.under);
    const text = part ? fromNodes(part) : selected.trim().replace(/\n+/g, '\n\n');
    await this.#desk.updateComplete;
    // Behind what was begun already.
    const { body } = this.#desk;
    const gap = !body || body.endsWith('\n\n') ? '' : '\n\n';
    const insert = gap + quoted(text);
    const end = body.length + insert.length;
    this.#apply({ from: body.length, to: body.length, insert, start: end, end });
  }

  get active(): string | null {
    return this.#completion.active;
  }

  get isReady(): boolean {
    return this.#editing?.isReady ?? true;
  }

  bar(): unknown {
    const { words } = this.#desk.stage;
    const isShown = this.#preview !== null;
    return html`${toolbar(words, this.#at, isShown, (name) => this.#run(name), this.#roam)}
      <button
        part="tool"
        type="button"
        class="preview-toggle"
        aria-pressed=${isShown}
        @click=${() => void this.#toggle()}
      >
        ${words.say('preview')}
      </button>`;
  }

  /** In place of the text box where the preview is shown; null: the text box. */
  shown(): unknown {
    const { words } = this.#desk.stage;
    const preview = this.#preview;
    if (preview === null) return null;
    if (preview === 'asked') return html`<p class="preview soft" role="status">${words.say('previewing')}</p>`;
    if ('problem' in preview) return html`<p class="preview soft" role="alert">${preview.problem}</p>`;
    return html`<div class="preview body" part="preview" dir="auto" tabindex="0" ${safeHtml(preview.html)}></div>`;
  }

  above(): unknown {
    return this.#kept.above();
  }

  verb(): string | undefined {
    return this.#meanwhile.verb();
  }

  list(): unknown {
    return this.#completion.list();
  }

  below(): unknown {
    const { body, stage } = this.#desk;
    const left = BODY_MAX - body.length;
    // Said once: beside the box after it was sent, else here.
    const isCounted = body.length > NEARLY && !(left < 0 && this.#sending.wrong().textarea);
    const count = left < 0 ? stage.words.say('tooLong', { n: -left }) : stage.words.say('charactersLeft', { n: left });
    return html`<div class="foot soft" part="hint">
        ${this.#kept.line()}
        ${isCounted ? html`<p class="${left < 0 ? 'problem' : ''} count" role="status">${count}</p>` : nothing}
      </div>
      ${this.#meanwhile.notes()} ${this.#editing?.conflict() ?? nothing} ${this.#beside.note()}`;
  }

  typed(): void {
    this.#sending.typed();
    const { body, box } = this.#desk;
    this.#completion.typed(body, box.selectionStart);
    this.#editing?.typed();
    this.#meanwhile.typed();
    this.#beside.typed();
    this.#kept.typed();
  }

  key(event: KeyboardEvent): boolean {
    // Safari ends a composition before it tells of the key that ended it, by this number alone.
    if (event.keyCode === 229) return false;
    // Pasting as plain text is up to whom pastes.
    this.#isPlain = event.shiftKey;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && isCommand) {
      this.submit();
      return true;
    }
    if (event.target !== this.#desk.box) return false;
    if (this.#completion.key(event)) return true;
    if (event.key === 'Enter' && !isCommand && !event.shiftKey) {
      const edit = continueLine(this.#selected());
      if (edit) this.#apply(edit);
      return edit !== null;
    }
    if (!isCommand || event.altKey) return false;
    const name = commandOf(event);
    if (name) this.#run(name);
    return name !== undefined;
  }

  #pasted(event: ClipboardEvent): void {
    const { clipboardData } = event;
    const text = clipboardData?.getData('text/plain') ?? '';
    const at = this.#selected();
    const edit = pasteLink(at, text);
    const rich = this.#isPlain ? null : fromHtml(clipboardData?.getData('text/html') ?? '');
    if (!edit && rich === null) return;
    event.preventDefault();
    const insert = rich ?? '';
    const end = at.start + insert.length;
    this.#apply(edit ?? { from: at.start, to: at.end, insert, start: end, end });
  }

  wrong(): { textarea: string; input: string } {
    return this.#sending.wrong();
  }

  naming(): void {
    this.#sending.naming();
  }

  rename(name: string): void {
    this.#sending.rename(name);
  }

  followUp(): void {
    const { place } = this.#desk;
    if (place !== this.#place) {
      this.#place = place;
      this.#recall(place);
      void this.#quote();
    }
    void this.#sending.followUp();
  }

  goTo(id: string): void {
    this.#editing?.closed();
    void this.#sending.goTo(id);
  }

  submit(): void {
    this.#sending.submit();
  }

  #extras(): { answers?: number; mentions?: string[] } {
    const answers = this.#meanwhile.answers;
    const mentions = this.#mentions();
    this.#preview = null;
    return { ...(answers && { answers }), ...(mentions && { mentions }) };
  }

  /** Those whose name stands in the text. */
  #mentions(): string[] | undefined {
    const { body, stage } = this.#desk;
    if (!body.includes('@')) return undefined;
    const named = peopleOf(stage).filter(({ name }) => body.includes(`@${name}`));
    return named.length ? named.slice(0, MENTIONS_MAX).map(({ id }) => id) : undefined;
  }

  #selected(): Selected {
    const { box } = this.#desk;
    return { text: box.value, start: box.selectionStart, end: box.selectionEnd };
  }

  #run(name: Command): void {
    this.#apply(command(name, this.#selected()));
  }

  /** As if it had been typed, so that it can be undone; by hand where a browser doesn't do that. */
  #apply({ from, to, insert, start, end }: Edit): void {
    const { box } = this.#desk;
    box.focus();
    box.setSelectionRange(from, to);
    const before = box.value;
    const isDone = document.execCommand(insert ? 'insertText' : 'delete', false, insert);
    if (!isDone || (box.value === before && before.slice(from, to) !== insert)) {
      box.setRangeText(insert, from, to);
      box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }
    box.setSelectionRange(start, end);
  }

  readonly #roam = (event: KeyboardEvent): void => {
    this.#at = roamed(event, this.#at);
    this.#desk.requestUpdate();
  };

  async #toggle(): Promise<void> {
    const { desk, words } = { desk: this.#desk, words: this.#desk.stage.words };
    if (this.#preview !== null || !desk.body.trim()) {
      this.#preview = null;
      desk.requestUpdate();
      await desk.updateComplete;
      return desk.box.focus();
    }
    this.#preview = 'asked';
    desk.requestUpdate();
    const mentions = this.#mentions();
    const answer = await desk.live.read('reply:preview', { body: desk.body, ...(mentions && { mentions }) });
    // Somebody went back to the text meanwhile.
    if (this.#preview !== 'asked') return;
    const isLine = !answer.ok && desk.stage.view.status !== 'live';
    if (answer.ok) this.#preview = answer.data;
    else this.#preview = { problem: isLine ? words.say('previewFailed') : problem(words, answer.error) };
    desk.requestUpdate();
  }
}
