// What one reader chooses, by the widget's own `Mine` over a simulated line, and what must have become of it in the end.
import type { Reply } from '../../shared/views.js';
import { Backoff } from '../../widget/net/backoff.js';
import { Mine, type Value, type What } from '../../widget/state/mine.js';
import type { ThreadState } from '../../widget/state/thread.js';
import type { LiveThread } from '../../widget/state/types.js';

/** What was wished last, by reply and what is chosen, and the replies on which something was refused for good. */
export interface Wished {
  readonly last: Map<string, Value>;
  readonly refused: Set<string>;
}

export class Chooser {
  readonly mine: Mine;
  readonly #wished: Wished;
  readonly #unsubscribe: () => void;

  /** As `elements/acting` does: sends while the line is level. `wished` outlives the page. */
  constructor(state: ThreadState, live: LiveThread, wished: Wished) {
    const { keep, clock, scope } = live.desk;
    this.#wished = wished;
    this.mine = new Mine({
      state,
      keep,
      scope: `acts:${scope}`,
      clock,
      backoff: new Backoff(clock),
      send: async (id, emoji, value) => {
        const outcome = await (emoji
          ? live.ask('reply:react', { id, emoji, on: value > 0 })
          : live.ask('reply:vote', { id, value }));
        if (!outcome.ok && outcome.error.retry === 'never') wished.refused.add(id);
        return outcome;
      },
    });
    const follow = (): void => {
      if (state.status !== 'live') this.mine.hold();
      else if (!this.mine.isOpen) this.mine.open();
    };
    this.#unsubscribe = state.subscribe(follow);
    follow();
  }

  /** As its button does: chooses it, or takes it back where it is shown as chosen. */
  press(reply: Reply, what: What, to: Value): void {
    const value = this.mine.of(reply, what).value === to ? 0 : to;
    this.#wished.last.set(`${reply.id} ${what}`, value);
    this.mine.choose(reply.id, what, value);
  }

  stop(): void {
    this.#unsubscribe();
    this.mine.hold();
  }
}
