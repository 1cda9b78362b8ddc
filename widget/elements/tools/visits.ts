// What is new since the last visit: asked for once, marked on each reply, reached with next and previous. Owns the list; where
// a reply is, and how one gets there, is in `places.ts`.
import { html, nothing } from 'lit';
import type { News } from '../../../shared/protocol.js';
import type { Cursor, Reply } from '../../../shared/views.js';
import type { LiveThread, Node } from '../../state/types.js';
import type { Stage } from '../stage.js';
import { readObject } from '../../state/storage.js';
import { visitKey, VISIT_MS, type Visit } from '../../state/visit.js';
import type { Places } from './places.js';

export class Visits {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #places: Places;
  /** As they stand on the page, then those that are not loaded, in the order of time; how many there are in all. */
  #news: readonly News[] = [];
  #count = 0;
  #at = -1;

  constructor(stage: Stage, live: LiveThread, places: Places) {
    this.#stage = stage;
    this.#live = live;
    this.#places = places;
  }

  /** Asks what came after the visit before this one; a visit goes on over half an hour away. */
  async begin(): Promise<void> {
    const { keep, clock } = this.#live.desk;
    const key = visitKey(this.#live);
    const kept = readObject(keep, key) as Partial<Visit>;
    const isOver = clock.now() - (kept.at ?? 0) > VISIT_MS;
    const since = (isOver ? kept : kept.base) as Cursor | undefined;
    if (!since?.epoch) return;
    const { epoch, seq } = since;
    keep.set(key, JSON.stringify({ ...kept, base: { epoch, seq } }));
    const answer = await this.#live.read('thread:news', { since: { epoch, seq } });
    if (!answer.ok) return;
    this.#news = this.#asTheyStand(answer.data.news);
    this.#count = answer.data.count;
    this.#stage.requestUpdate();
  }

  /** Beside the time of a reply that is new. */
  mark({ id }: Reply): unknown {
    return this.#news.some((one) => one.id === id)
      ? html`<span class="news" part="new">${this.#stage.words.say('news')}</span>`
      : nothing;
  }

  /** At the first reply of a branch: how many in it are new, and the way to the first of them. */
  inside({ reply: { id, parent } }: Node): unknown {
    const news = parent ? [] : this.#news.filter((one) => one.root === id && one.id !== id);
    const [first] = news;
    return first
      ? html`<button
          part="button"
          class="quiet"
          aria-describedby="by-${id}"
          @click=${() => void this.#go(this.#news.indexOf(first))}
        >
          ${this.#stage.words.say('arrived', { n: news.length })}
        </button>`
      : nothing;
  }

  /** Goes to the next one, or to the one before; round and round. */
  async step(by: 1 | -1): Promise<void> {
    const n = this.#news.length;
    if (!n) return;
    await this.#go(this.#at === -1 && by === -1 ? n - 1 : (this.#at + by + n) % n);
  }

  async #go(at: number): Promise<void> {
    this.#at = at;
    await this.#places.goTo(this.#news[at]!.id);
    this.#stage.requestUpdate();
  }

  bar(): unknown {
    const { words } = this.#stage;
    const n = this.#news.length;
    if (!n) return nothing;
    return html`<div class="visit-bar">
      <div part="visit-bar">
        <span>${words.say('sinceVisit', { n: this.#count })}</span>
        <button part="button" class="quiet" @click=${() => void this.step(-1)}>${words.say('previousNew')}</button>
        <button part="button" class="quiet" @click=${() => void this.step(1)}>${words.say('nextNew')}</button>
        ${this.#at >= 0 ? html`<span class="soft" part="hint">${this.#at + 1}/${n}</span>` : nothing}
        <button part="button" class="visit-close" aria-label=${words.say('closeNews')} @click=${() => this.#close()}>
          ×
        </button>
      </div>
    </div>`;
  }

  #asTheyStand(news: readonly News[]): News[] {
    const articles = [...this.#stage.renderRoot.querySelectorAll('article')];
    const places = new Map(articles.map(({ id }, place) => [id, place]));
    const placeOf = ({ id }: News): number => places.get(id) ?? articles.length;
    return [...news].sort((a, b) => placeOf(a) - placeOf(b));
  }

  /** For the rest of this visit, also after a reload. Who pressed goes on where they were led last, else at the first reply. */
  #close(): void {
    const stage = this.#stage;
    const { keep } = this.#live.desk;
    const key = visitKey(this.#live);
    this.#news = [];
    keep.set(key, JSON.stringify({ ...readObject(keep, key), base: stage.view.held?.cursor }));
    stage.requestUpdate();
    const { renderRoot } = stage;
    const next = renderRoot.querySelector<HTMLElement>('[aria-current]') ?? renderRoot.querySelector('article');
    next?.focus({ preventScroll: true });
  }
}
