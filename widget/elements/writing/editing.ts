// Changing an own reply: fetches its text, keeps what is written over it, and shows both texts where it was changed
// elsewhere meanwhile. Owns which revision the change is made from.
import { html, nothing } from 'lit';
import { problem } from '../kit/problem.js';
import type { Desk } from '../stage.js';

interface EditedForm {
  mentions(): string[] | undefined;
  /** Says what is wrong; '': nothing is any more. */
  refuse(words: string): void;
}

export class Editing {
  readonly #desk: Desk;
  readonly #id: string;
  readonly #form: EditedForm;
  #base: number;
  /** The text as it is elsewhere, where that is not what the change was made from. */
  #theirs: string | null = null;
  isReady = false;

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
  get #draft(): string {
    return `edit:${this.#id}:${this.#base}`;
  }

  typed(): void {
    this.#desk.live.setDraft(this.#draft, this.#desk.body);
  }

  async #fetch(): Promise<void> {
    const desk = this.#desk;
    desk.body = desk.live.draft(this.#draft);
    if (!desk.body) {
      desk.isBusy = true;
      const answer = await desk.live.source(this.#id);
      desk.isBusy = false;
      if (answer.ok) desk.body = answer.data.body;
      else this.#form.refuse(problem(desk.stage.words, answer.error));
    }
    this.isReady = true;
    desk.requestUpdate();
    await desk.updateComplete;
    desk.box.focus();
  }

  async save(body: string): Promise<void> {
    const desk = this.#desk;
    const { words } = desk.stage;
    desk.isBusy = true;
    desk.requestUpdate();
    const answer = await desk.live.edit(this.#id, body, this.#base, this.#form.mentions());
    desk.isBusy = false;
    if (answer.ok) {
      desk.live.setDraft(this.#draft, '');
      desk.say(words.say('saved'));
      return desk.done(this.#id);
    }
    if (answer.error.code === 'conflict') await this.#compare();
    this.#form.refuse(problem(words, answer.error));
  }

  async #compare(): Promise<void> {
    const rev = this.#rev();
    const answer = await this.#desk.live.source(this.#id);
    if (!answer.ok) return;
    this.#theirs = answer.data.body;
    this.#desk.live.setDraft(this.#draft, '');
    this.#base = rev;
    this.typed();
  }

  conflict(): unknown {
    const { words } = this.#desk.stage;
    if (this.#theirs === null) return nothing;
    return html`<section class="theirs" part="conflict" aria-labelledby="theirs">
      <h4 id="theirs">${words.say('theirs')}</h4>
      <pre dir="auto" tabindex="0">${this.#theirs}</pre>
      <button part="button" type="button" @click=${() => this.#settle(null)}>${words.say('keepMine')}</button>
      <button part="button" type="button" @click=${() => this.#settle(this.#theirs)}>${words.say('takeTheirs')}</button>
    </section>`;
  }

  /** Goes on from the other revision: with this text, or with the one that stands in the box. */
  #settle(text: string | null): void {
    const desk = this.#desk;
    this.#theirs = null;
    if (text !== null) desk.body = text;
    this.typed();
    this.#form.refuse('');
  }
}
