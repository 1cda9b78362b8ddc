// The texts of replies once they are drawn: long ones that are cut until somebody reads more, code that can be copied,
// one's own name in them, and the tint of what was changed by others. Touches what safe-html drew, and adds no text of it.
import type { ReactiveController } from 'lit';
import type { Reply } from '../../../shared/views.js';
import type { Stage } from '../stage.js';

const TINT_MS = 2_500;
const SAID_MS = 2_500;

export class Texts implements ReactiveController {
  /** Ids of those that are cut by the style sheet, and of those that a reader has opened. */
  readonly cut = new Set<string>();
  readonly opened = new Set<string>();
  readonly #stage: Stage;
  readonly #say: (text: string) => void;
  /** What each box showed when it was last looked at: the revision. */
  readonly #seen = new WeakMap<Element, number>();
  /** The boxes in which rows stand. */
  readonly #dressed = new WeakMap<Reply, Element>();
  readonly #measured = new WeakSet<Element>();
  readonly #sizes = new ResizeObserver((entries) => this.#measure(entries.map(({ target }) => target)));
  // The box of a cut text is scrolled by nobody but the browser: to a word that was looked for, to a link in focus.
  readonly #scrolled = ({ target }: Event): void => {
    const body = target as HTMLElement;
    if (body.matches?.('.body') && body.scrollTop) this.open(idOf(body), true);
  };

  /** As if it were new: what is known of its size may be older than the page's shape. */
  readonly #linked = (): void => {
    const body = this.#stage.renderRoot.querySelector(`[id="${named()}"] .body`);
    if (!body) return;
    this.#measured.delete(body);
    this.#measure([body]);
  };

  constructor(stage: Stage, say: (text: string) => void) {
    this.#stage = stage;
    this.#say = say;
  }

  hostConnected(): void {
    this.#stage.renderRoot.addEventListener('scroll', this.#scrolled, true);
    addEventListener('hashchange', this.#linked);
  }

  hostUpdated(): void {
    const { renderRoot, view } = this.#stage;
    for (const row of view.held?.rows.values() ?? []) {
      // Those that stand as they did are not looked for: there may be many, and updates often.
      if (this.#dressed.get(row)?.isConnected) continue;
      const { id, rev } = row;
      const body = (renderRoot as ShadowRoot).getElementById(id)?.querySelector<HTMLElement>('.body');
      if (!body) continue;
      this.#dressed.set(row, body);
      const before = this.#seen.get(body);
      if (before === rev) continue;
      this.#seen.set(body, rev);
      if (before === undefined) this.#sizes.observe(body);
      else if (row.author.id !== view.you?.me?.id) {
        body.animate({ backgroundColor: ['var(--_tint)', 'var(--_tint)', 'transparent'] }, TINT_MS);
      }
      this.#dress(body);
      body.classList.toggle('all', this.opened.has(id));
      // Its box may be as it was, and what is in it not.
      if (before !== undefined) this.#measure([body]);
    }
  }

  hostDisconnected(): void {
    this.#sizes.disconnect();
    this.#stage.renderRoot.removeEventListener('scroll', this.#scrolled, true);
    removeEventListener('hashchange', this.#linked);
  }

  /** Shows all of a long text, or cuts it again. */
  open(id: string, all: boolean): void {
    if (!id) return;
    if (all) this.opened.add(id);
    else this.opened.delete(id);
    const body = this.#stage.renderRoot.querySelector(`[id="${id}"] .body`);
    body?.classList.toggle('all', all);
    if (body && all) body.scrollTop = 0;
    if (body) this.#measure([body]);
    this.#stage.requestUpdate();
  }

  /** Reads all before it changes anything: one layout for however many there are. */
  #measure(bodies: readonly Element[]): void {
    const found = bodies.map((body) => {
      // A line may be higher than its box by itself: only what the style sheet stops is cut.
      const isMore = body.scrollHeight > body.clientHeight + 1;
      const isCut = isMore && body.clientHeight + 1 > parseFloat(getComputedStyle(body).maxHeight);
      const code = Array.from(body.querySelectorAll('pre'), (pre) => ({
        pre,
        scrolls: pre.scrollWidth > pre.clientWidth,
      }));
      return { body, id: idOf(body), isCut, code };
    });
    let isNews = false;
    for (const { body, id, isCut: isLong, code } of found) {
      // Who follows a link to it wants to read it.
      if (isLong && id === named() && !this.#measured.has(body)) {
        this.opened.add(id);
        body.classList.add('all');
        isNews = true;
      }
      this.#measured.add(body);
      const isCut = isLong && !this.opened.has(id);
      body.classList.toggle('cut', isCut);
      isNews ||= isCut !== this.cut.has(id);
      if (isCut) this.cut.add(id);
      else this.cut.delete(id);
      for (const { pre, scrolls } of code) {
        // Who scrolls by keys must be able to go there.
        if (scrolls) pre.tabIndex = 0;
        else pre.removeAttribute('tabindex');
      }
    }
    if (isNews) this.#stage.requestUpdate();
  }

  #dress(body: HTMLElement): void {
    const { view, words } = this.#stage;
    const name = view.you?.me?.name;
    for (const bdi of body.querySelectorAll('bdi')) {
      bdi.setAttribute('part', 'mention');
      bdi.classList.toggle('me', bdi.textContent === `@${name}`);
    }
    for (const pre of body.querySelectorAll('pre')) {
      if (pre.previousElementSibling?.matches('.copy')) continue;
      pre.setAttribute('role', 'group');
      pre.setAttribute('aria-label', words.say('code'));
      const button = document.createElement('button');
      button.className = 'copy';
      button.setAttribute('part', 'copy');
      button.textContent = words.say('copy');
      button.addEventListener('click', () => void this.#copy(pre.textContent, button));
      pre.before(button);
    }
  }

  async #copy(text: string, button: HTMLElement): Promise<void> {
    const { words } = this.#stage;
    const isDone = await (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('none'))).then(
      () => true,
      () => false,
    );
    const said = words.say(isDone ? 'copied' : 'notCopied');
    this.#say(said);
    button.textContent = said;
    setTimeout(() => (button.textContent = words.say('copy')), SAID_MS);
  }
}

/** The reply that the page's address names; '' for none. */
function named(): string {
  return /^#reply-([\da-f-]+)$/.exec(location.hash)?.[1] ?? '';
}

function idOf(body: Element): string {
  return body.closest('article')?.id ?? '';
}
