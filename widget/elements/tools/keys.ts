// Reading with the keyboard: one key a step. Works while the focus is in the discussion and nothing is being written.
import type { Stage } from '../stage.js';
import type { Places } from './places.js';
import { partOf } from './quoting.js';
import type { Visits } from './visits.js';

export class Keys {
  readonly #stage: Stage;
  readonly #help: () => void;
  readonly #places: Places;
  readonly #visits: Visits;

  constructor(stage: Stage, help: () => void, places: Places, visits: Visits) {
    this.#stage = stage;
    this.#help = help;
    this.#places = places;
    this.#visits = visits;
  }

  press(key: string): void {
    const { view } = this.#stage;
    const at = this.#at();
    const reply = at && view.get(at.id);
    const mayAnswer = reply?.state === 'published' && view.thread?.state === 'open';
    if (key === '?') this.#help();
    else if (key === 'j' || key === 'k') this.#step(key === 'j' ? 1 : -1);
    else if (key === 'n' || key === 'p') void this.#visits.step(key === 'n' ? 1 : -1);
    else if (key === 'r' && mayAnswer) this.#stage.write({ under: reply.id });
    else if (key === 'q') this.#quote(mayAnswer && at);
    else if (key === 'c') void this.#compose();
    else if (key === 'u' && reply?.parent) void this.#places.goTo(reply.parent, reply.id);
    else if (key === 'f') at?.parentElement?.querySelector<HTMLElement>(':scope > .branch > [part=fold]')?.click();
    else if (key === 's') this.#stage.renderRoot.querySelector<HTMLElement>('.arrivals button')?.click();
  }

  /** Also where the place to write stands at the list already. */
  async #compose(): Promise<void> {
    const stage = this.#stage;
    stage.write({ under: null, focus: true });
    await stage.updateComplete;
    stage.renderRoot.querySelector<HTMLElement>('.place textarea')?.focus();
  }

  /** What is selected anywhere; else all of this reply, but for what is only a button. */
  #quote(at: Element | null | false): void {
    const selected = this.#stage.renderRoot.querySelector<HTMLElement>('.quoting');
    if (selected) return selected.click();
    const body = at && at.querySelector('.body');
    if (!at || !body) return;
    const all = document.createRange();
    all.selectNodeContents(body);
    this.#stage.write({ under: at.id, quote: partOf(body, all) });
  }

  /** The reply that has the focus, or holds it. */
  #at(): Element | null {
    return (this.#stage.renderRoot as ShadowRoot).activeElement?.closest('article') ?? null;
  }

  #step(by: number): void {
    const all = Array.from(this.#stage.renderRoot.querySelectorAll<HTMLElement>('article'));
    const at = all.indexOf(this.#at() as HTMLElement);
    const next = all[at === -1 ? 0 : at + by];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }
}
