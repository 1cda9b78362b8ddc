// Sending what stands in the form: what it lacks, what the server refused of it, and where the reader goes on afterwards.
// Owns the words of what is wrong and beside which box they stand.
import { BODY_MAX } from '../../../shared/limits.js';
import { NAME } from '../../state/drafts.js';
import { isAboutName } from '../../state/outbox.js';
import type { OutboxEntry } from '../../state/types.js';
import { problem } from '../kit/problem.js';
import type { Desk } from '../stage.js';
import { hasVisible } from './visible.js';

type Field = 'textarea' | 'input';

/** What the form's other helps have to say about it. */
export interface Helps {
  /** Something has to be read first. */
  holds(): boolean;
  extras(): { answers?: number; mentions?: string[] };
  /** It has gone its way. */
  posted(): void;
  /** Saves a change in place of sending; null: it is a new reply. */
  save: ((body: string) => Promise<void>) | null;
}

export class Sending {
  readonly #desk: Desk;
  readonly #helps: Helps;
  #problem = '';
  #field: Field = 'textarea';
  /** The reply that failed for its name when this was last drawn. */
  #nameless: string;
  #isClosed: boolean;
  /** The reply that is sent again because another name was given. */
  #mended = '';

  constructor(desk: Desk, helps: Helps) {
    this.#desk = desk;
    this.#helps = helps;
    this.#nameless = desk.refused ?? '';
    this.#isClosed = desk.stage.view.thread?.state === 'closed';
    // It may have been typed before this was loaded.
    this.#keepName();
  }

  get #under(): string | null {
    const { place } = this.#desk;
    return 'under' in place ? place.under : null;
  }

  /** What is wrong with each box, in words. */
  wrong(): Record<Field, string> {
    const { words } = this.#desk.stage;
    const error = this.#refused()?.error;
    return {
      textarea: this.#field === 'textarea' ? this.#problem : '',
      input: (this.#field === 'input' && this.#problem) || (error ? problem(words, error) : ''),
    };
  }

  /** The latest reply that waits for another name. */
  #refused(): OutboxEntry | undefined {
    return this.#desk.stage.view.pending.filter(({ error }) => error && isAboutName(error)).at(-1);
  }

  /** Who is still at the form, or at the reply whose name was refused, goes on at the name. */
  async followUp(): Promise<void> {
    const { form, stage, updateComplete } = this.#desk;
    const isClosed = stage.view.thread?.state === 'closed';
    if (isClosed && !this.#isClosed) this.#desk.say(stage.words.say('closed'));
    this.#isClosed = isClosed;
    const id = this.#refused()?.id ?? '';
    const isNews = id !== this.#nameless;
    this.#nameless = id;
    const at = (stage.renderRoot as ShadowRoot).activeElement;
    if (!id || !isNews || !at || !(form.contains(at) || at.closest(`[id="${id}"]`))) return;
    await updateComplete;
    this.#focus('input');
  }

  typed(): void {
    this.#problem = '';
    this.#mended = '';
  }

  naming(): void {
    this.#problem = '';
    this.#keepName();
    this.#desk.requestUpdate();
  }

  /** Half a name is nobody's: it is kept as the text is, until it is given. */
  #keepName(): void {
    const { form, live } = this.#desk;
    if (!live.name) live.drafts.set(NAME, form.querySelector('input')?.value ?? '');
  }

  #give(name: string): void {
    const { live } = this.#desk;
    live.setName(name);
    live.drafts.set(NAME, '');
  }

  rename(name: string): void {
    const refused = this.#refused();
    this.#give(hasVisible(name) ? name : '');
    if (refused && !this.#refused()) this.#mended = refused.id;
    this.#desk.requestUpdate();
  }

  submit(): void {
    const desk = this.#desk;
    if (desk.isBusy) return;
    const { words } = desk.stage;
    const body = desk.body.trim();
    const name = desk.form.querySelector('input')?.value.trim();
    if (!hasVisible(body)) {
      // Sent for the sake of the name, which has gone its way already.
      if (this.#mended) return void this.goTo(this.#mended);
      return this.refuse(words.say('bodyNeeded'));
    }
    if (desk.stage.view.thread?.state === 'closed') return this.refuse(words.say('error.thread_closed'));
    if (body.length > BODY_MAX) return this.refuse(words.say('tooLong', { n: body.length - BODY_MAX }));
    if (name !== undefined && !hasVisible(name)) return this.refuse(words.say('nameNeeded'), 'input');
    if (this.#helps.holds()) return;
    if (this.#helps.save) return void this.#helps.save(body);
    if (name) this.#give(name);
    const id = desk.live.post({ parent: this.#under, body, ...this.#helps.extras() });
    // The focus goes to it, which tells whose it is and when it was written.
    if (desk.stage.view.status !== 'live') desk.say(words.say('waiting'));
    desk.body = '';
    this.#problem = '';
    this.#helps.posted();
    desk.requestUpdate();
    if (this.#under !== null) desk.stage.write({ under: null });
    void this.goTo(id);
  }

  refuse(words: string, field: Field = 'textarea'): void {
    this.#problem = words;
    this.#field = field;
    this.#desk.requestUpdate();
    this.#focus(field);
  }

  #focus(field: Field): void {
    this.#desk.form.querySelector<HTMLElement>(field)?.focus();
  }

  /** To the reply that was written or written about, moving the page only where it is out of sight. */
  async goTo(id: string): Promise<void> {
    const { stage } = this.#desk;
    await stage.updateComplete;
    const article = stage.renderRoot.querySelector<HTMLElement>(`[id="${id}"]`);
    article?.focus({ preventScroll: true });
    article?.scrollIntoView({ block: 'nearest' });
  }
}
