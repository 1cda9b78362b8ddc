// What happened around a text while it was written: who answered the same reply, and whether that was changed or removed.
// Owns what is told of it; letting arrivals in is the view's.
import { html, nothing } from 'lit';
import type { Reply } from '../../../shared/views.js';
import type { Desk } from '../stage.js';
import { join } from './unfinished.js';

export class Meanwhile {
  readonly #desk: Desk;
  readonly #under: string | null;
  /** How far the discussion was, and the reply that is answered, when the text was begun. */
  readonly #since: number;
  readonly #rev: number | undefined;
  /** What was told before sending: the revision, 0 for removed. */
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

  /** The revision of what is answered that its answerer has read. */
  get answers(): number | undefined {
    return this.#told || this.#rev;
  }

  /**
   * True, once for each change: what is answered is not what it was; that is told, and sending waits for another word. What
   * was removed can't be answered any more: who sends is led to where the text may go instead.
   */
  holds(): boolean {
    const parent = this.#parent();
    if (!parent) return false;
    const now = parent.state === 'removed' ? 0 : parent.rev;
    if (now === 0) this.#desk.form.querySelector<HTMLElement>('.instead')?.focus();
    if (now === (this.#told ?? this.#rev)) return now === 0;
    this.#told = now;
    this.#desk.requestUpdate();
    return true;
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
    const isRemoved = parent?.state === 'removed';
    const standing = isRemoved ? this.#standing() : undefined;
    const isChanged = !isRemoved && parent && parent.rev !== this.#rev;
    return html`${
      people.size
        ? html`<p class="soft" part="hint" role="status">
            ${words.say('answeredMeanwhile', { n: people.size })}
            ${
              waiting.length
                ? html`<button part="button" type="button" class="quiet" @click=${() => this.#reveal(waiting)}>
                    ${words.say('showThem')}
                  </button>`
                : nothing
            }
          </p>`
        : nothing
    }
    ${isChanged ? html`<p class="problem" part="problem" role="alert">${words.say('parentChanged')}</p>` : nothing}
    ${
      isRemoved
        ? html`<p class="problem" part="problem" role="alert">
            ${words.say('parentRemoved')}
            ${
              standing
                ? html`<button
                    part="button"
                    type="button"
                    class="quiet instead"
                    @click=${() => this.#move(standing.id)}
                  >
                    ${words.say('toPerson', { name: standing.author.name })}
                  </button>`
                : nothing
            }
            <button part="button" type="button" class="quiet instead" @click=${() => this.#move(null)}>
              ${words.say('toDiscussion')}
            </button>
          </p>`
        : nothing
    }`;
  }

  /** The button goes: who writes goes on writing. */
  #reveal(ids: readonly string[]): void {
    this.#desk.stage.view.reveal(ids);
    this.#desk.box.focus({ preventScroll: true });
  }

  /** The text goes on at the list, or under another reply, behind what was begun there. */
  #move(to: string | null): void {
    const { live, stage, body } = this.#desk;
    const { drafts } = live;
    drafts.set(to, join(drafts.get(to), body));
    drafts.set(this.#under, '');
    stage.write({ under: to, focus: true });
  }
}
