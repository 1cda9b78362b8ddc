// The quiet words around the form: that the text is kept or can't be, the way to let go of it and back, and that there is no line. Owns
// the text that was let go, for as long as nothing new is written.
import { html, nothing } from 'lit';
import { hourOf } from '../../i18n/clock.js';
import { problem } from '../kit/problem.js';
import type { Desk } from '../stage.js';
import { button } from './button.js';

/** What a line may be refused for while one reads. */
const TROUBLE = ['protocol_unsupported', 'overloaded', 'rate_limited', 'internal'] as const;

export class Kept {
  readonly #desk: Desk;
  readonly #name: () => string;
  /** What stands in the form when nothing is written in it. */
  readonly #bare: () => Promise<string>;
  #gone = '';
  /** That the text can't be kept was said to those who don't see it. */
  #isTold = false;

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

  /** It has gone its way, and may wait for the line when this form has gone. */
  posted(): void {
    this.#watch();
  }

  #watch(): void {
    const { updateComplete, say, stage } = this.#desk;
    void updateComplete.then(() => {
      if (this.#isLost && !this.#isTold) say(stage.words.say('draftLost'));
      this.#isTold = this.#isLost;
      if (this.#isAtRisk) addEventListener('beforeunload', this.#ask);
      else removeEventListener('beforeunload', this.#ask);
    });
  }

  /** Where nothing can be kept, the browser asks whether the page may go: with a text, or with a reply that waits for the line. */
  readonly #ask = (event: Event): void => {
    if (this.#isAtRisk) event.preventDefault();
  };

  get #isAtRisk(): boolean {
    const { form, stage } = this.#desk;
    const isWritten = form.isConnected && this.#isLost;
    return isWritten || stage.view.pending.some(({ id }) => !this.#isStored('outbox:', id));
  }

  /**
   * That the line is gone, where one looks while writing: a keyboard on the screen hides what is below. To those who don't
   * see it it is said elsewhere.
   */
  above(): unknown {
    const { words, view } = this.#desk.stage;
    if (view.status !== 'offline') return nothing;
    const time = hourOf(words.times, view.offlineSince!);
    return html`<p class="away" aria-hidden="true">
      <span class="skip" part="hint">${words.say('offline', { time })}</span>
    </p>`;
  }

  line(): unknown {
    return html`${this.#said()} ${this.#room()}`;
  }

  #said(): unknown {
    const { words } = this.#desk.stage;
    if (this.#gone) return button(words.say('undo'), () => this.#undo(), 'quiet');
    const isKept = this.#isKept;
    const said = this.#isLost ? words.say('draftLost') : this.#lineLost(isKept);
    if (!said) return nothing;
    const discard = (isKept || this.#isLost) && button(words.say('discard'), () => this.#discard(), 'quiet');
    return html`<p>${said} ${discard || nothing}</p>`;
  }

  /** All that may be said here without the reader's doing, unseen: it takes the room that one of them will need. */
  #room(): unknown {
    const { words } = this.#desk.stage;
    const texts = [words.say('offlineNote'), words.say('draftLost')];
    for (const code of TROUBLE) texts.push(`${words.say('draftKept')} · ${words.say(`error.${code}`)}`);
    return texts.map(
      (text) =>
        html`<p class="room">
          <span data-text=${text}></span>
          <button class="quiet" part="button" data-text=${words.say('discard')}></button>
        </p>`,
    );
  }

  /** That it is kept, and where there is no line what becomes of it then. */
  #lineLost(isKept: boolean): string {
    const { stage, live, isBusy } = this.#desk;
    const { words, view, written } = stage;
    const { phase } = view;
    const kept = isKept ? words.say('draftKept') : '';
    if (view.status !== 'offline' || isBusy) return kept;
    const { trouble } = live.line;
    const why = phase.is === 'refused' ? written!.refusal(phase.error) : trouble ? problem(words, trouble) : undefined;
    if (why === undefined) return words.say('offlineNote');
    return kept ? `${kept} · ${why}` : why;
  }

  /** Storage is full or forbidden: the text is there for as long as the page. */
  get #isLost(): boolean {
    return !this.#isKept && this.#desk.live.drafts.get(this.#name()) !== '';
  }

  get #isKept(): boolean {
    return this.#isStored('draft:', this.#name());
  }

  /** In the browser as it is now, and not only in this page. */
  #isStored(kind: string, place: string): boolean {
    const { keep, scope } = this.#desk.live.desk;
    const name = kind + scope + place;
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
