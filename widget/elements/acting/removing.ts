// Taking back one's own reply: at once, with a way back for as long as the site gives; where it gives none, after a
// question. Owns until when, which is kept for this browser.
import { html, nothing } from 'lit';
import type { Reply } from '../../../shared/views.js';
import type { LiveThread } from '../../state/types.js';
import { why } from '../kit/problem.js';
import type { Stage } from '../stage.js';

export class Removing {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #say: (text: string) => void;
  readonly #prefix: string;
  /** Until when each can be brought back, Unix time in milliseconds. */
  readonly #until = new Map<string, number>();
  readonly #problems = new Map<string, string>();
  /** The reply whose removal waits for a second word. */
  #asked = '';

  constructor(stage: Stage, live: LiveThread, say: (text: string) => void) {
    this.#stage = stage;
    this.#live = live;
    this.#say = say;
    const { keep, scope } = live.desk;
    this.#prefix = `acts:${scope}undo:`;
    for (const key of keep.keys(this.#prefix)) {
      const until = Number(keep.get(key));
      if (until > Date.now()) this.#until.set(key.slice(this.#prefix.length), until);
      else keep.remove(key);
    }
    this.#keep();
  }

  async press({ id }: Reply): Promise<void> {
    if (this.#undoMs > 0) return this.#remove(id);
    return this.#ask(id, id);
  }

  /** The question, or what went wrong. */
  line({ id }: Reply): unknown {
    const { words } = this.#stage;
    const failed = this.#problems.get(id);
    if (this.#asked !== id)
      return failed ? html`<span class="problem" part="problem" role="alert">${failed}</span>` : nothing;
    const button = (key: 'removeYes' | 'removeNo', press: () => void) =>
      html`<button part="button" class=${key} aria-describedby="by-${id}" @click=${press}>${words.say(key)}</button>`;
    return html`<span class="sure">${words.say('removeSure')}</span
      >${button('removeYes', () => void this.#remove(id))}${button('removeNo', () => void this.#ask(id, ''))}`;
  }

  undo({ id }: Reply): unknown {
    const { words } = this.#stage;
    if (!((this.#until.get(id) ?? 0) > Date.now())) return nothing;
    const failed = this.#problems.get(this.#prefix + id);
    return html` <button part="button" class="undo quiet" @click=${() => void this.#restore(id)}>
        ${words.say('undo')}
      </button>
      ${failed ? html`<span class="problem" part="problem" role="alert">${failed}</span>` : nothing}`;
  }

  get #undoMs(): number {
    return (this.#stage.view.rules?.undoSeconds ?? 0) * 1_000;
  }

  async #remove(id: string): Promise<void> {
    this.#asked = '';
    const { words } = this.#stage;
    const until = Date.now() + this.#undoMs;
    // Before the answer, which may be lost: the way back shows only where the reply has gone.
    if (this.#undoMs > 0) {
      this.#until.set(id, until);
      this.#live.desk.keep.set(this.#prefix + id, String(until));
      this.#keep();
    }
    const answer = await this.#live.change('reply:remove', { id });
    if (answer.ok) this.#say(words.say('removedDone'));
    else if (answer.error.retry === 'never') this.#forget(id);
    await this.#done(id, answer.ok ? '' : await why(this.#stage, answer.error));
  }

  async #restore(id: string): Promise<void> {
    const { words } = this.#stage;
    const answer = await this.#live.change('reply:restore', { id });
    if (answer.ok) {
      this.#forget(id);
      this.#say(words.say('restored'));
    }
    await this.#done(id, answer.ok ? '' : await why(this.#stage, answer.error), '.undo', this.#prefix + id);
  }

  #forget(id: string): void {
    this.#until.delete(id);
    this.#live.desk.keep.remove(this.#prefix + id);
  }

  /** For as long as the page: what goes by itself would move what is read. */
  #keep(): void {
    const { view } = this.#stage;
    view.change({ kept: new Set([...(view.kept ?? []), ...this.#until.keys()]) });
  }

  /** Asks, or takes the question back; the focus stays in the line. */
  async #ask(id: string, asked: string): Promise<void> {
    this.#asked = asked;
    await this.#done(id, '', asked ? '.removeNo' : '.remove');
  }

  /** The button that was pressed is gone: its reader goes on at the next best thing of the same reply. */
  async #done(id: string, failed: string, next = '.undo', place = id): Promise<void> {
    this.#problems.set(place, failed);
    this.#stage.requestUpdate();
    await this.#stage.updateComplete;
    const article = this.#stage.renderRoot.querySelector<HTMLElement>(`[id="${id}"]`);
    (article?.querySelector<HTMLElement>(next) ?? article)?.focus({ preventScroll: true });
  }
}
