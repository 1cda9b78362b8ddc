// A thread into which more pours than anybody reads one by one: it is told in counts, at a calm pace, and read in lots
// (PAGE14). Owns when that is so; what waits is the view's, what is beyond that `state/rest.ts`.
import { Rest } from '../../state/rest.js';
import type { LiveThread } from '../../state/types.js';
import type { Stage } from '../stage.js';
import { Heat } from './heat.js';
import type { Remember } from './remember.js';

/** After so long a stream that has ended is known to have. */
const COOLED_MS = 5_000;
/** In a stream what is on the page is told anew this often. */
const CALM_MS = 250;
/**
 * Within so long, and so much longer for each of them, the readers of a thread join another lane: one after the other. All at
 * once they would keep the server from what is written.
 */
const SPREAD_MS = 10_000;
const SPREAD_MS_A_READER = 2;

export class Digest {
  readonly #stage: Stage;
  readonly #remember: Remember;
  readonly #say: (text: string) => void;
  readonly #live: LiveThread;
  readonly #rest: Rest;
  readonly #heat = new Heat();
  /** What is going to be drawn, by how long that was to wait. */
  readonly #timers = new Set<number>();
  #isHot = false;
  /** How fast replies are left out. */
  readonly #flow = new Heat();
  #counted = 0;
  #willCount = false;
  #change?: ReturnType<typeof setTimeout>;
  #isCounting = false;

  constructor(stage: Stage, live: LiveThread, remember: Remember, say: (text: string) => void) {
    this.#stage = stage;
    this.#remember = remember;
    this.#say = say;
    this.#live = live;
    this.#rest = live.feed.rest = new Rest(stage.view, live.feed, live);
  }

  /** Counts arrivals; whether there is a stream. */
  add(arrived: number): boolean {
    const now = Date.now();
    this.#heat.add(arrived, now);
    this.#isHot = this.#heat.isHot(now);
    // When it is over nothing else may happen that would have them looked at again.
    if (this.#isHot) this.#redraw(COOLED_MS);
    this.#count(now);
    return this.#isHot;
  }

  /** CUR9: where many are left out here, the server need not send them. */
  #count(now: number): void {
    const { counted } = this.#rest;
    this.#flow.add(counted - this.#counted, now);
    this.#counted = counted;
    const { kit, view } = this.#stage;
    const follows = (kit?.prefs.get('pace') ?? this.#stage.setting('pace')) === 'follow';
    // It is asked for once the server at the other end of this line has said that it can.
    const isAble = view.rules?.digest && (this.#willCount || view.status === 'live');
    const willCount = this.#flow.isHot(now) && !follows && !!isAble;
    if (willCount) this.#redraw(COOLED_MS);
    if (willCount === this.#willCount) return;
    this.#willCount = willCount;
    clearTimeout(this.#change);
    this.#change = setTimeout(
      () => {
        this.#isCounting = willCount;
        view.change({});
      },
      Math.random() * (this.#live.presence.readers * SPREAD_MS_A_READER + SPREAD_MS),
    );
  }

  /** Whether the server is to count what is new. Without a line all is open: the next one may lead to a server that can't. */
  get isCounting(): boolean {
    if (!this.#live.line.connected) {
      clearTimeout(this.#change);
      this.#willCount = this.#isCounting = false;
    }
    return this.#isCounting;
  }

  /** In a stream: sees to it that what changed is drawn with what else comes. */
  delays(): boolean {
    this.#count(Date.now());
    if (this.#isHot) this.#redraw(CALM_MS);
    return this.#isHot;
  }

  /** What the button stands for: `changes` of a page that is paused, else what is not held. */
  show(changes: number): Promise<void> {
    return changes ? this.#goOn() : this.#open();
  }

  /** What is no longer held: oldest first it goes on behind what is, else it stands at the top of a new first page. */
  async #open(): Promise<void> {
    const { view, kit, words, renderRoot, updateComplete } = this.#stage;
    if (view.sort === 'oldest') {
      this.#rest.open();
      return kit?.more(null);
    }
    const page = await this.#remember.page(view.sort);
    if (!page) return this.#say(words.say('orderFailed'));
    this.#rest.restart(page);
    await updateComplete;
    renderRoot.querySelector('article')?.focus();
  }

  /** Ends a pause: all that came meanwhile is shown, at the pace that held before, and the reader is taken to the first of it. */
  async #goOn(): Promise<void> {
    const stage = this.#stage;
    const { view, kit } = stage;
    const articles = (): HTMLElement[] => [...stage.renderRoot.querySelectorAll('article')];
    const known = new Set(articles().map(({ id }) => id));
    const before = view.held?.rows;
    const own = stage.setting('pace') === 'pause' ? 'auto' : null;
    kit?.prefs.set('pace', kit.prefs.get('before') ?? own);
    view.reveal();
    if (this.#rest.count) return this.#open();
    await stage.updateComplete;
    const isOther = ({ id }: HTMLElement): boolean => {
      const [was, is] = [before?.get(id), view.get(id)];
      return !known.has(id) || was?.rev !== is?.rev || was?.state !== is?.state;
    };
    const first = articles().find(isOther);
    first?.focus({ preventScroll: true });
    first?.scrollIntoView({ block: 'nearest' });
  }

  /** As `Rest.more`. */
  more(parent: string | null): ReturnType<Rest['more']> {
    return this.#rest.more(parent);
  }

  /** Once in this time, however often it is asked for. */
  #redraw(ms: number): void {
    if (this.#timers.has(ms)) return;
    this.#timers.add(ms);
    setTimeout(() => {
      this.#timers.delete(ms);
      this.#stage.view.change({});
    }, ms);
  }
}
