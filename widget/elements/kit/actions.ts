// The line under a reply as live mode knows it: how far a reply is on its way. All that can be done with replies is
// `acting/`; owns when that is loaded.
import { html, nothing } from 'lit';
import type { Reply } from '../../../shared/views.js';
import type { LiveThread, Node } from '../../state/types.js';
import type { Acting } from '../acting/acting.js';
import type { Stage } from '../stage.js';

/** Signs that somebody may press something soon. */
const NEARING = ['pointerover', 'focusin'];

export class Actions {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #say: (text: string) => void;
  #acting: Acting | null = null;
  #isLoading = false;
  #isOver = false;

  /** `say`: tells those who don't see the page. */
  constructor(stage: Stage, live: LiveThread, say: (text: string) => void) {
    this.#stage = stage;
    this.#live = live;
    this.#say = say;
    for (const sign of NEARING) stage.renderRoot.addEventListener(sign, this.#near);
    // Behind everything else, and before it is needed: what is pressed works without a line as well.
    if ('requestIdleCallback' in globalThis) requestIdleCallback(this.#near);
    else setTimeout(this.#near);
  }

  line(node: Node): unknown {
    const { pending } = node;
    if (this.#acting) return this.#acting.line(node);
    return pending ? html`<span class="way">${this.#stage.words.say(pending.state)}</span>` : nothing;
  }

  /** What marks a reply as edited. */
  edited(reply: Reply): unknown {
    return this.#acting?.edited(reply);
  }

  stop(): void {
    for (const sign of NEARING) this.#stage.renderRoot.removeEventListener(sign, this.#near);
    this.#isOver = true;
    this.#acting?.stop();
  }

  readonly #near = (): void => void this.#load();

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      const { Acting } = await import('../acting/acting.js');
      if (this.#isOver) return;
      this.#acting = new Acting(this.#stage, this.#live, this.#say);
    } catch {
      // The next sign tries again.
      this.#isLoading = false;
    }
  }
}
