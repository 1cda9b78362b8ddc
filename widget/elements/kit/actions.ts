// The line under a reply as live mode knows it: how far a reply is on its way. All that can be done with replies is
// `acting/`; owns when that is loaded.
import { html, nothing } from 'lit';
import type { Reply } from '../../../shared/views.js';
import type { LiveThread, Node } from '../../state/types.js';
import type { Acting } from '../acting/acting.js';
import { once } from '../../once.js';
import type { Stage } from '../stage.js';

/** Signs that somebody is there; or they have looked for this long. */
const SIGNS = ['pointermove', 'scroll', 'keydown'];
const LOOKED_MS = 10_000;

export class Actions {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  #isOver = false;
  #acting: Acting | undefined;
  readonly #load = once(
    () => import('../acting/acting.js'),
    ({ Acting: Loaded }) => {
      if (!this.#isOver) this.#acting = new Loaded(this.#stage, this.#live);
    },
  );

  /** `signal`: the discussion is left. */
  constructor(stage: Stage, live: LiveThread, { signal }: AbortController) {
    this.#stage = stage;
    this.#live = live;
    for (const sign of SIGNS) addEventListener(sign, this.#near, { capture: true, signal });
    setTimeout(this.#near, LOOKED_MS);
    // What was chosen, or changed, on an earlier visit still has to be sent.
    if (live.desk.keep.keys('acts:').length || live.drafts.places('edit:').length) this.#near();
  }

  line(node: Node): unknown {
    const { pending } = node;
    if (this.#acting) return this.#acting.line(node);
    return pending ? html`<span class="way">${this.#stage.words.say(pending.state)}</span>` : nothing;
  }

  /** When the line is tried again. */
  next(): unknown {
    return this.#acting?.next();
  }

  /** Who is writing now, or what waits to be sent. */
  writers(): unknown {
    // With each render: who has a name here takes part.
    if (this.#stage.view.you?.me) this.#near();
    return this.#acting?.writers();
  }

  /** Tells those who don't see the page. */
  readonly say = (text: string): void => void this.#load().then(() => this.#acting?.say(text));

  /** What marks a reply as edited. */
  edited(reply: Reply): unknown {
    return this.#acting?.edited(reply);
  }

  stop(): void {
    this.#isOver = true;
    this.#acting?.stop();
  }

  readonly #near = (): void => void this.#load();
}
