// What happened around a text while it was written: who answered the same reply, and whether that was changed or removed.
// Owns what is told of it; letting arrivals in is the view's.
import { html, nothing } from 'lit';
import type { Desk } from '../stage.js';

export class Meanwhile {
  readonly #desk: Desk;
  readonly #under: string | null;
  /** How far the discussion was, and the reply that is answered, when the text was begun. */
  readonly #since: number;
  readonly #rev: number | undefined;
  /** What was told before sending: the revision, 0 for removed. */
  #told: number | null = null;

  constructor(desk: Desk) {
    const { place, stage } = desk;
    this.#desk = desk;
    this.#under = 'under' in place ? place.under : null;
    this.#since = stage.view.held?.cursor.seq ?? Infinity;
    this.#rev = this.#parent()?.rev;
  }

  #parent() {
    return this.#under === null ? undefined : this.#desk.stage.view.get(this.#under);
  }

  /** The revision of what is answered that its answerer has read. */
  get answers(): number | undefined {
    return this.#told || this.#rev;
  }

  /** True, once for each change: what is answered is not what it was; that is told, and sending waits for another word. */
  holds(): boolean {
    const parent = this.#parent();
    if (!parent) return false;
    const now = parent.state === 'removed' ? 0 : parent.rev;
    if (now === (this.#told ?? this.#rev)) return now === 0;
    this.#told = now;
    this.#desk.requestUpdate();
    return true;
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
    const isChanged = !isRemoved && parent && parent.rev !== this.#rev;
    return html`${
      people.size
        ? html`<p class="soft" part="hint" role="status">
            ${words.say('answeredMeanwhile', { n: people.size })}
            ${
              waiting.length
                ? html`<button part="button" type="button" class="quiet" @click=${() => view.reveal(waiting)}>
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
            <button part="button" type="button" class="quiet" @click=${() => this.#move()}>
              ${words.say('toDiscussion')}
            </button>
          </p>`
        : nothing
    }`;
  }

  /** The text goes on at the list. */
  #move(): void {
    const { live, stage, body } = this.#desk;
    live.setDraft(this.#under, '');
    live.setDraft(null, [live.draft(null), body].filter(Boolean).join('\n\n'));
    stage.write({ under: null, focus: true });
  }
}
