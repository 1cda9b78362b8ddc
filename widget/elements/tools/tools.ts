// What is loaded when a reader first uses it: everything beside plain reading, following and writing. Joins the single
// tools to one discussion. Owns no rule of its own.
import { html } from 'lit';
import type { Reply } from '../../../shared/views.js';
import { TOOLS } from '../../i18n/en-tools.js';
import { once } from '../../once.js';
import { sheet } from '../sheet.js';
import type { Sheets } from '../sheets/sheets.js';
import type { Stage } from '../stage.js';
import type { LiveThread, Node } from '../../state/types.js';
import type { Pop } from '../acting/pop.js';
import { why } from '../kit/problem.js';
import { Digest } from './digest.js';
import { Follow } from './follow.js';
import { historyTemplate } from './history.js';
import { Keys } from './keys.js';
import { Places } from './places.js';
import { Quoting } from './quoting.js';
import { Remember } from './remember.js';
import { openReport } from './report.js';
import { Visits } from './visits.js';
import styles from './tools.css?inline';

const extra = sheet(styles);

export class Tools {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  #follow: Follow | null = null;
  readonly #say: (text: string) => void;
  /** The dialogs. */
  readonly #sheets = once(
    () => import('../sheets/sheets.js'),
    ({ Sheets: Loaded }) => new Loaded(this.#stage, this.remember),
  );
  readonly digest: Digest;
  readonly places: Places;
  readonly remember: Remember;
  readonly visits: Visits;
  readonly keys: Keys;
  readonly quoting: Quoting;

  constructor(stage: Stage, live: LiveThread, say: (text: string) => void, over: AbortController) {
    this.#stage = stage;
    this.#live = live;
    this.#say = say;
    const root = stage.renderRoot as ShadowRoot;
    if (!root.adoptedStyleSheets.includes(extra)) root.adoptedStyleSheets.push(extra);
    // Later renders know them by the kits; this one at once.
    const { kits } = stage;
    if (kits) kits.words = { ...TOOLS, ...kits.words };
    stage.words = stage.words.with(TOOLS);
    this.places = new Places(stage, live, say, over);
    this.remember = new Remember(stage);
    this.digest = new Digest(stage, live, this.remember, say);
    this.visits = new Visits(stage, live, this.places);
    this.quoting = new Quoting(stage);
    this.keys = new Keys(stage, () => this.help(), this.places, this.visits);
  }

  /** Beside what can be done with a reply: the way back to its answer, to quote from it, and what is new below it. */
  line(node: Node): unknown {
    return html`${this.places.back(node)} ${this.quoting.button(node)} ${this.visits.inside(node)}`;
  }

  /** Opens the reading settings. */
  menu(): void {
    this.#open(({ menu }) => menu.open());
  }

  /** Opens the list of keys, or closes it. */
  help(): void {
    this.#open(({ help }) => help.toggle());
  }

  #open(act: (sheets: Sheets) => void): void {
    void this.#sheets().then((sheets) => (sheets ? act(sheets) : this.#say(this.#stage.words.say('moreFailed'))));
  }

  /** The earlier texts of a reply. */
  async history({ id }: Reply, pop: Pop, button: HTMLElement): Promise<void> {
    const stage = this.#stage;
    const answer = await this.#live.ask('reply:history', { id });
    const { words } = stage;
    const content = answer.ok
      ? historyTemplate(words, answer.data.revisions)
      : html`<p class="problem" part="problem">${await why(stage, answer.error)}</p>`;
    pop.open(button, words.say('history'), content);
  }

  /** Asks what is wrong with a reply. `told`: what came of it, in words. */
  report(reply: Reply, pop: Pop, button: HTMLElement, told: (text: string) => void): void {
    openReport({ stage: this.#stage, live: this.#live }, reply, pop, button, told);
  }

  /** Begins or ends to keep the newest in sight. */
  follow(isOn: boolean, arrivals: { isAtEnd(): boolean }): void {
    if (isOn === (this.#follow !== null)) return;
    if (this.#follow) {
      this.#stage.removeController(this.#follow);
      this.#follow.hostDisconnected();
      this.#follow = null;
    } else {
      this.#follow = new Follow(this.#stage, arrivals);
      this.#stage.addController(this.#follow);
    }
  }
}
