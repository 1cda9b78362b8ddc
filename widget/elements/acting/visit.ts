// Keeps how far this reader has read (only where they gave a sign of being there), and has those who come back told what is
// new. What is told, and how one gets there, is `tools/visits.ts`.
import { readObject } from '../../state/storage.js';
import type { LiveThread } from '../../state/types.js';
import { visitKey, VISIT_MS, type Visit } from '../../state/visit.js';
import type { Stage } from '../stage.js';

export class VisitKeeper {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #hidden = (): void => void (document.hidden && this.leave());

  constructor(stage: Stage, live: LiveThread) {
    this.#stage = stage;
    this.#live = live;
    document.addEventListener('visibilitychange', this.#hidden);
    const { at = Infinity, base } = this.#kept as Partial<Visit>;
    if (base || live.desk.clock.now() - at > VISIT_MS) void stage.kit?.tools().then((tools) => tools?.visits.begin());
  }

  get #kept(): Record<string, unknown> {
    return readObject(this.#live.desk.keep, visitKey(this.#live));
  }

  /** Where this visit ends; the next one is told what came after it. */
  leave(): void {
    const { view } = this.#stage;
    const { held } = view;
    const { keep, clock } = this.#live.desk;
    if (!held) return;
    // What waits, or came without being seen, or is only counted was not read.
    const unseen = [...view.back, ...view.fresh].map((id) => (view.get(id)?.born ?? Infinity) - 1);
    const seq = Math.min(held.cursor.seq, this.#live.feed.rest?.until ?? Infinity, ...unseen);
    keep.set(visitKey(this.#live), JSON.stringify({ ...this.#kept, ...held.cursor, seq, at: clock.now() }));
  }

  stop(): void {
    this.leave();
    document.removeEventListener('visibilitychange', this.#hidden);
  }
}
