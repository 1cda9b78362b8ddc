// One place that is written in from two tabs: neither text goes lost. Owns what is kept of the other one, and the reader's
// choice between them; the form's own text is kept by the form.
import { html, nothing } from 'lit';
import { newId } from '../../../shared/ids.js';
import type { Desk } from '../stage.js';
import { button } from './button.js';

/**
 * All tabs keep their text under the same name, so that a single one is found again after a reload; the last one that was
 * typed in stands there. A tab that sees its own text replaced by one that does not hold it keeps it under a name of its
 * own from then on: `NAME~TAB`. Such a text is offered wherever the same place is opened, and goes once another holds it.
 */
export class Beside {
  readonly #desk: Desk;
  readonly #name: () => string;
  readonly #tab = `~${newId()}`;
  /** Somebody has written here, and not only opened it. */
  #isOwn = false;
  #isApart = false;
  #isShown = false;
  readonly #heard = ({ key }: StorageEvent): void => {
    const { form } = this.#desk;
    if (!form.isConnected) removeEventListener('storage', this.#heard);
    else if (key?.endsWith(`draft:${this.#desk.live.desk.scope}${this.#name()}`)) this.#compare();
    else this.#desk.requestUpdate();
  };

  constructor(desk: Desk, name: () => string) {
    this.#desk = desk;
    this.#name = name;
    addEventListener('storage', this.#heard);
  }

  typed(): void {
    this.#isOwn = true;
    if (this.#isApart) this.#desk.live.drafts.set(this.#name() + this.#tab, this.#desk.body);
  }

  /** The form's text has gone its way. */
  done(): void {
    this.#desk.live.drafts.set(this.#name() + this.#tab, '');
    this.#isOwn = this.#isApart = false;
  }

  #compare(): void {
    const desk = this.#desk;
    const { drafts } = desk.live;
    const theirs = drafts.get(this.#name());
    const mine = desk.body;
    if (theirs === mine) return;
    if (!this.#isOwn || theirs.includes(mine)) {
      this.#isOwn = false;
      desk.body = theirs;
    } else if (theirs) {
      this.#isApart = true;
      drafts.set(this.#name() + this.#tab, mine);
    } else drafts.set(this.#name(), mine);
    desk.requestUpdate();
  }

  /** The name of another text for this place; undefined where there is none. */
  #other(): string | undefined {
    const { drafts } = this.#desk.live;
    const { body } = this.#desk;
    const name = this.#name();
    let other: string | undefined;
    for (const one of drafts.places(`${name}~`)) {
      if (one === name + this.#tab) continue;
      // What this one holds needs no place of its own any more.
      if (body.includes(drafts.get(one))) drafts.set(one, '');
      else other ??= one;
    }
    const last = drafts.get(name);
    return other ?? (this.#isApart && last && !body.includes(last) ? name : undefined);
  }

  note(): unknown {
    const { words } = this.#desk.stage;
    const other = this.#other();
    if (other === undefined) return nothing;
    const text = this.#desk.live.drafts.get(other);
    return html`<section class="theirs other" part="conflict" aria-label=${words.say('otherText')}>
      <p role="status">${words.say('otherText')}</p>
      ${this.#isShown ? html`<pre dir="auto" tabindex="0">${text}</pre>` : nothing}
      <button part="button" type="button" aria-expanded=${this.#isShown} @click=${() => this.#show(!this.#isShown)}>
        ${words.say('showThem')}
      </button>
      ${button(words.say('takeTheirs'), () => this.#take(other, text))}
      ${button(words.say('discard'), () => this.#drop(other))}
    </section>`;
  }

  #show(isShown: boolean): void {
    this.#isShown = isShown;
    this.#desk.requestUpdate();
  }

  /** They change places: the one that stood in the form is offered from now on. */
  #take(other: string, text: string): void {
    const desk = this.#desk;
    const { drafts } = desk.live;
    const name = this.#name();
    drafts.set(other === name ? `${name}~${newId()}` : other, desk.body);
    drafts.set(name + this.#tab, '');
    drafts.set(name, text);
    desk.body = text;
    this.#isOwn = true;
    this.#isApart = false;
    desk.requestUpdate();
    desk.box.focus();
  }

  #drop(other: string): void {
    const { drafts } = this.#desk.live;
    // Where the other one stands under the common name, this one takes it over.
    if (other === this.#name()) drafts.set(other, this.#desk.body);
    else drafts.set(other, '');
    this.#desk.requestUpdate();
    this.#desk.box.focus();
  }
}
