// Changing an own reply: fetches its text, keeps what is written over it, and shows both texts where it was changed
// elsewhere meanwhile. Owns which revision the change is made from.
import { html, nothing } from 'lit';
import { problem } from '../kit/problem.js';
import type { Draft } from '../../state/drafts.js';
import type { Desk } from '../stage.js';
import { AGAIN_MS, pauseAfter } from './again.js';
import { button } from './button.js';

interface EditedForm {
  mentions(): string[] | undefined;
  /** Says what is wrong; '': nothing is any more. */
  refuse(words: string): void;
  /** It is saved. */
  done(): void;
}

export class Editing {
  readonly #desk: Desk;
  readonly #id: string;
  readonly #form: EditedForm;
  #base: number;
  /** The text as it is elsewhere, where that is not what the change was made from. */
  #theirs: string | null = null;
  /** The text that was to be changed, as far as it is known. */
  #stands = '';
  isReady = false;
  /** Of saving it; a later one, or who does not want it saved any more, ends the one before. */
  #attempt = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** Its text was asked for, and there was no line to get it by. */
  #isWaiting = false;

  constructor(desk: Desk, id: string, form: EditedForm) {
    this.#desk = desk;
    this.#id = id;
    this.#form = form;
    this.#base = this.#rev();
    void this.#fetch();
  }

  #rev(): number {
    return this.#desk.stage.view.get(this.#id)?.rev ?? 1;
  }

  /** A change belongs to the revision that it was made from. */
  get draft(): string {
    return `edit:${this.#id}:${this.#base}`;
  }

  typed(): void {
    this.#stopWaiting();
    this.#keep();
  }

  /** `saves`: it is to be saved as it is. */
  #keep(saves?: Draft['saves']): void {
    this.#desk.live.drafts.set(this.draft, this.#desk.body, saves && { saves });
  }

  /** Who closes the form takes back what waited to be saved: it is a draft. */
  closed(): void {
    const { drafts } = this.#desk.live;
    this.#stopWaiting();
    drafts.set(this.draft, drafts.get(this.draft));
  }

  async #fetch(): Promise<void> {
    const desk = this.#desk;
    const { drafts } = desk.live;
    // Begun from a revision that has been replaced since: both texts are shown.
    const old = drafts.places(`edit:${this.#id}:`).find((name) => name !== this.draft && !name.includes('~'));
    desk.body = drafts.get(this.draft) || drafts.get(old ?? '');
    if (!desk.body || old) {
      desk.isBusy = true;
      const answer = await this.#text();
      desk.isBusy = false;
      if (!answer.ok) this.#form.refuse(problem(desk.stage.words, answer.error));
      else if (!old) desk.body = answer.data.body;
      else if (desk.body !== answer.data.body) this.#theirs = answer.data.body;
      if (answer.ok && old) {
        drafts.set(old, '');
        this.#keep();
      }
    }
    this.isReady = true;
    // It waited when the page was left.
    if (drafts.read(this.draft)?.saves) this.#wait(desk.body);
    desk.requestUpdate();
    await desk.updateComplete;
    // Who had to wait may be elsewhere by now.
    if (!this.#isWaiting) desk.box.focus();
    this.#isWaiting = false;
  }

  /** The text that is to be changed: an empty box would pass for it, so that the line is waited for. */
  async #text() {
    const { live, form } = this.#desk;
    for (;;) {
      const answer = await live.ask('reply:source', { id: this.#id });
      if (answer.ok) this.#stands = answer.data.body;
      const isLater = !answer.ok && answer.error.retry === 'later' && answer.error.code !== 'internal';
      if (!isLater || !form.isConnected) return answer;
      this.#isWaiting = true;
      this.#desk.requestUpdate();
      await pauseAfter(answer.error);
    }
  }

  /** The text that stands there, in place of what is let go; where it can't be had, as it was, or the one in the form. */
  async source(): Promise<string> {
    this.#stopWaiting();
    const answer = await this.#desk.live.ask('reply:source', { id: this.#id });
    return answer.ok ? answer.data.body : this.#stands || this.#desk.body;
  }

  async save(body: string): Promise<void> {
    const desk = this.#desk;
    const { words } = desk.stage;
    this.#stopWaiting();
    const attempt = this.#attempt;
    const mentions = this.#form.mentions();
    const chosen = mentions ? { mentions } : (desk.live.drafts.read(this.draft)?.saves ?? {});
    desk.isBusy = true;
    desk.requestUpdate();
    const answer = await desk.live.change('reply:edit', {
      id: this.#id,
      body,
      base: this.#base,
      ...chosen,
    });
    desk.isBusy = false;
    if (answer.ok) {
      desk.live.drafts.set(this.draft, '');
      this.#form.done();
      desk.say(words.say('saved'));
      return desk.done(this.#id);
    }
    if (answer.error.retry === 'later') {
      // It was closed meanwhile, or let go.
      if (attempt !== this.#attempt) return;
      this.#keep(chosen);
      return this.#wait(body, answer.error.retryAfterMs);
    }
    if (answer.error.code === 'conflict') await this.#compare();
    this.#form.refuse(problem(words, answer.error));
  }

  /** Saves it again by itself, unless it is changed or left before. */
  #wait(body: string, retryAfterMs = AGAIN_MS): void {
    this.#again = setTimeout(() => {
      if (!this.#desk.form.isConnected) return;
      if (this.#desk.stage.view.status === 'live') void this.save(body);
      else this.#wait(body);
    }, retryAfterMs);
    this.#desk.requestUpdate();
  }

  #stopWaiting(): void {
    this.#attempt++;
    clearTimeout(this.#again);
    this.#again = undefined;
  }

  async #compare(): Promise<void> {
    const rev = this.#rev();
    const answer = await this.#desk.live.ask('reply:source', { id: this.#id });
    if (!answer.ok) return;
    this.#theirs = answer.data.body;
    this.#desk.live.drafts.set(this.draft, '');
    this.#base = rev;
    this.#keep();
  }

  conflict(): unknown {
    const { words } = this.#desk.stage;
    const waits = this.#again ? 'saveWaits' : this.#isWaiting && 'moreLoading';
    if (waits) return html`<p class="soft" role="status">${words.say(waits)}</p>`;
    if (this.#theirs === null) return nothing;
    return html`<section class="theirs" part="conflict" aria-labelledby="theirs">
      <h4 id="theirs">${words.say('theirs')}</h4>
      <pre dir="auto" tabindex="0">${this.#theirs}</pre>
      ${button(words.say('keepMine'), () => this.#settle(null))}
      ${button(words.say('takeTheirs'), () => this.#settle(this.#theirs))}
    </section>`;
  }

  /** Goes on from the other revision: with this text, or with the one that stands in the box. */
  #settle(text: string | null): void {
    const desk = this.#desk;
    this.#theirs = null;
    if (text !== null) desk.body = text;
    this.#keep();
    this.#form.refuse('');
  }
}
