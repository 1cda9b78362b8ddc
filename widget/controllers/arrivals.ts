// Decides for each arrival whether it can be put in place now (the reader's pace), and when it was seen. Owns no state of the
// thread: what is held and what is fresh is the view's.
import type { ReactiveController } from 'lit';
import type { Stage } from '../elements/stage.js';
import type { Pace } from '../state/prefs.js';
import { scrollerOf, sightOf } from './layout.js';

/** An arrival is tinted until it was in sight for this long. */
const TINT_MS = 2_000;
/** Arrivals that wait are told at what they answer as long as there are no more than these. */
const FEW = 50;
/** Arrivals that one press brings. */
const BATCH = 50;

export class Arrivals implements ReactiveController {
  readonly #stage: Stage;
  readonly #seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) this.#fade(target);
  });
  /** Arrivals that were looked at and found to be in the way: those wait for the reader. */
  #waiting: ReadonlySet<string> = new Set();
  /** Those that are told at what they answer. */
  #told = '';
  /** The newest is in sight; who follows and is not there has arrivals wait. */
  isAtEnd = (): boolean => true;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** What this reader chose, else what the owner set. */
  get pace(): Pace {
    return this.#stage.kit?.prefs.get('pace') ?? (this.#stage.setting('pace') as Pace);
  }

  hostDisconnected(): void {
    this.#seen.disconnect();
  }

  /** Before it is drawn, so that it is drawn once; what is measured is what stood there until now. */
  hostUpdate(): void {
    const { view } = this.#stage;
    const { pace } = this;
    const { held } = view.tree();
    const news = held.filter((id) => !this.#waiting.has(id));
    // A stream waits, and comes together.
    const isHot = this.#stage.kit?.isStream(news.length);
    const isFree = pace === 'follow' ? this.isAtEnd() : pace === 'anchor' && !isHot && held.length <= BATCH;
    const isFixed = pace && pace !== 'auto';
    const waits = (id: string) => isFixed || isHot || this.#waiting.has(id) || this.#isInTheWay(id);
    const waiting = isFree ? [] : held.filter(waits);
    this.#waiting = new Set(waiting);
    const free = held.filter((id) => !this.#waiting.has(id));
    if (free.length) view.reveal(free);
    const told = String(waiting.length > FEW ? '' : waiting.filter((id) => view.get(id)?.parent));
    if (told !== this.#told) this.#stage.kit?.renew();
    this.#told = told;
  }

  hostUpdated(): void {
    const { view, renderRoot } = this.#stage;
    for (const id of view.fresh) {
      const article = (renderRoot as ShadowRoot).getElementById(id);
      if (article) this.#seen.observe(article);
    }
  }

  /** Reveals those that wait, so many at once, and takes the reader to the first. */
  async show(): Promise<void> {
    const stage = this.#stage;
    const batch = stage.view.tree().held.slice(0, BATCH);
    stage.view.reveal(batch);
    await stage.updateComplete;
    const article = (stage.renderRoot as ShadowRoot).getElementById(batch[0]!);
    if (!article) return;
    article.focus({ preventScroll: true });
    article.scrollIntoView({ block: 'nearest' });
  }

  /** Whether the place where it would stand is in sight. A branch that is folded or not shown has no place. */
  #isInTheWay(id: string): boolean {
    const { renderRoot, view, folded } = this.#stage;
    const scroller = scrollerOf(this.#stage);
    const { top, bottom } = sightOf(scroller);
    const { held } = view.tree();
    let parent = view.get(id)?.parent;
    while (parent && held.includes(parent)) parent = view.get(parent)?.parent;
    const article = parent ? (renderRoot as ShadowRoot).getElementById(parent) : null;
    if (parent && (!article || folded.has(parent))) return false;
    const list = renderRoot.querySelector('.list');
    // In an empty thread nothing is read; only what is being written below would move.
    if (!list?.querySelector('.node')) {
      const { activeElement } = renderRoot as ShadowRoot;
      return view.sort === 'oldest' && !!activeElement?.closest('afterword-composer');
    }
    const before = view.sort === 'newest' ? article : article?.parentElement;
    const box = (before ?? list).getBoundingClientRect();
    const edge = !before && view.sort === 'newest' ? box.top : box.bottom;
    return edge > top && edge < bottom;
  }

  #fade(article: Element): void {
    this.#seen.unobserve(article);
    const { view } = this.#stage;
    setTimeout(() => view.change({ fresh: new Set([...view.fresh].filter((id) => id !== article.id)) }), TINT_MS);
  }
}
