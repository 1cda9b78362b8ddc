// The line under a reply: what its author may do with it, how far it is on its way, and what went wrong where it did.
import { html, nothing } from 'lit';
import type { Announcer } from '../../controllers/announcer.js';
import type { LiveThread, Node, OutboxEntry } from '../../state/types.js';
import type { Stage } from '../stage.js';
import { problem } from './problem.js';

export class Actions {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #announcer: Announcer;
  /** The reply whose removal waits for a second word. */
  #removing = '';
  /** What could not be done, in words, by reply. */
  readonly #problems = new Map<string, string>();

  constructor(stage: Stage, live: LiveThread, announcer: Announcer) {
    this.#stage = stage;
    this.#live = live;
    this.#announcer = announcer;
  }

  line({ reply, pending }: Node): unknown {
    if (pending) return this.#onItsWay(pending);
    if (reply.author.id !== this.#stage.view.you?.me?.id) return nothing;
    const { words } = this.#stage;
    const button = (key: 'edit' | 'remove' | 'removeYes' | 'removeNo', press: () => void) =>
      html`<button class=${key} aria-describedby="by-${reply.id}" @click=${press}>${words.say(key)}</button>`;
    if (this.#removing === reply.id) {
      return html`<span class="sure">${words.say('removeSure')}</span>
        ${button('removeYes', () => void this.#remove(reply.id))}
        ${button('removeNo', () => void this.#ask(reply.id, ''))}`;
    }
    const failed = this.#problems.get(reply.id);
    return html`${button('edit', () => this.#stage.write({ edit: reply.id }))}
    ${button('remove', () => void this.#ask(reply.id, reply.id))}
    ${failed ? html`<span class="problem" role="alert">${failed}</span>` : nothing}`;
  }

  #onItsWay({ id, state, error }: OutboxEntry): unknown {
    const { words } = this.#stage;
    const button = (key: 'sendAgain' | 'takeBack', press: () => void) =>
      html`<button aria-describedby="by-${id}" @click=${press}>${words.say(key)}</button>`;
    const takeBack = () => button('takeBack', () => this.#takeBack(id));
    if (state !== 'failed') {
      return html`<span class="way">${words.say(state)}</span> ${state === 'waiting' ? takeBack() : nothing}`;
    }
    return html`<span class="problem">${words.say('failed')}${error ? ` · ${problem(words, error)}` : ''}</span>
      ${button('sendAgain', () => this.#sendAgain(id))} ${takeBack()}`;
  }

  /** The button goes: the focus stays at its reply. */
  #sendAgain(id: string): void {
    this.#live.retry(id);
    this.#stage.renderRoot.querySelector<HTMLElement>(`[id="${id}"]`)?.focus({ preventScroll: true });
  }

  /** The text goes back to where it can be written on. */
  #takeBack(id: string): void {
    const entry = this.#stage.view.pending.find((one) => one.id === id);
    const parent = entry?.parent && this.#stage.view.get(entry.parent) ? entry.parent : null;
    const body = this.#live.discard(id);
    if (!body) return;
    this.#live.setDraft(parent, [this.#live.draft(parent), body].filter(Boolean).join('\n\n'));
    this.#stage.write({ under: parent });
  }

  /** Asks, or takes the question back; the focus stays in the line. */
  async #ask(id: string, removing: string): Promise<void> {
    this.#removing = removing;
    this.#problems.delete(id);
    this.#stage.requestUpdate();
    await this.#stage.updateComplete;
    const next = removing ? '.removeNo' : '.remove';
    this.#stage.renderRoot.querySelector<HTMLElement>(`[id="${id}"] ${next}`)?.focus();
  }

  async #remove(id: string): Promise<void> {
    this.#removing = '';
    const { words, renderRoot } = this.#stage;
    const answer = await this.#live.remove(id);
    if (answer.ok) this.#announcer.say(words.say('removedDone'));
    else this.#problems.set(id, problem(words, answer.error));
    this.#stage.requestUpdate();
    await this.#stage.updateComplete;
    renderRoot.querySelector<HTMLElement>(`[id="${id}"]`)?.focus({ preventScroll: true });
  }
}
