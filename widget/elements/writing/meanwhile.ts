// What happened around a text while it was written: who answered the same reply, and whether that was changed or removed.
// Owns what is told of it; letting arrivals in is the view's.
import { html, nothing } from 'lit';
import type { Reply } from '../../../shared/views.js';
import type { Desk } from '../stage.js';
import { button } from './button.js';
import { carry } from './unfinished.js';

export class Meanwhile {
  readonly #desk: Desk;
  readonly #under: string | null;
  /** How far the discussion was, and the reply that is answered, when the text was begun. */
  readonly #since: number;
  readonly #rev: number | undefined;
  /** The revision that was told before sending. */
  #told: number | null = null;

  constructor(desk: Desk) {
    const { live, place, stage } = desk;
    this.#desk = desk;
    this.#under = 'under' in place ? place.under : null;
    const cursor = stage.view.held?.cursor;
    const draft = live.drafts.read(this.#under);
    const since = draft?.since?.epoch === cursor?.epoch ? draft?.since : cursor;
    this.#since = since?.seq ?? Infinity;
    this.#rev = draft?.answers ?? this.#parent()?.rev;
    // Its place stays, whatever becomes of it.
    const { view } = stage;
    if (this.#under !== null) view.change({ kept: new Set([...(view.kept ?? []), this.#under]) });
  }

  /** What the text answers, and since when, is kept with it. */
  typed(): void {
    const { live, stage, body } = this.#desk;
    const cursor = stage.view.held?.cursor;
    if (this.#under === null || !body || !cursor || live.drafts.read(this.#under)?.since) return;
    const since = { ...cursor, seq: this.#since };
    live.drafts.set(this.#under, body, { since, ...(this.#rev && { answers: this.#rev }) });
  }

  #parent() {
    return this.#under === null ? undefined : this.#desk.stage.view.get(this.#under);
  }

  get #isGone(): boolean {
    return this.#parent()?.state === 'removed';
  }

  /** The revision of what is answered that its answerer has read. */
  get answers(): number | undefined {
    return this.#told || this.#rev;
  }

  /**
   * True, once for each change: what is answered is not what it was; that is told, and sending waits for another word. What
   * was removed can't be answered any more: the text goes where the button says, and is sent from there.
   */
  holds(): boolean {
    const rev = this.#parent()?.rev;
    if (this.#isGone) this.#move(this.#standing()?.id ?? null);
    else if (!rev || rev === (this.#told ?? this.#rev)) return false;
    else this.#told = rev;
    this.#desk.requestUpdate();
    return true;
  }

  /** The button that would send, where nothing can be sent: to whom, or where, the text may go instead. */
  verb(): string | undefined {
    if (!this.#isGone) return undefined;
    const { words } = this.#desk.stage;
    const up = this.#standing();
    return up ? words.say('toPerson', { name: up.author.name }) : words.say('toDiscussion');
  }

  /** The nearest reply above that still stands. */
  #standing(): Reply | undefined {
    const { view } = this.#desk.stage;
    let up = this.#parent();
    while (up?.state === 'removed') up = up.parent === null ? undefined : view.get(up.parent);
    return up;
  }

  notes(): unknown {
    const { stage } = this.#desk;
    const { view, words } = stage;
    if (this.#under === null) return nothing;
    const people = new Set<string>();
    const waiting: string[] = [];
    for (const { id, parent, born, author, state } of view.held?.rows.values() ?? []) {
      if (parent !== this.#under || born <= this.#since || state === 'removed' || author.id === view.you?.me?.id)
        continue;
      people.add(author.id);
      if (view.back.has(id)) waiting.push(id);
    }
    const parent = this.#parent();
    const isGone = this.#isGone;
    const isChanged = !isGone && parent && parent.rev !== this.#rev;
    return html`${
      people.size
        ? html`<p class="soft" part="hint" role="status">
            ${words.say('answeredMeanwhile', { n: people.size })}
            ${waiting.length ? button(words.say('showThem'), () => this.#reveal(waiting), 'quiet') : nothing}
          </p>`
        : nothing
    }
    ${isChanged ? html`<p class="problem" part="problem" role="alert">${words.say('parentChanged')}</p>` : nothing}
    ${isGone && this.#standing() ? button(words.say('toDiscussion'), () => this.#move(null), 'quiet instead') : nothing}`;
  }

  /** The button goes: who writes goes on writing. */
  #reveal(ids: readonly string[]): void {
    this.#desk.stage.view.reveal(ids);
    this.#desk.box.focus({ preventScroll: true });
  }

  /** The text goes on at the list, or under another reply, behind what was begun there. */
  #move(to: string | null): void {
    const { live, stage, body } = this.#desk;
    live.drafts.set(this.#under, body);
    carry(stage, live, to, this.#under);
  }
}
