// What this reader's device remembers of how the discussions of this site are read: their order, and the branches that are
// folded. Read by the reader's half before the first paint (`Discussion`).
import type { Sort } from '../../../shared/views.js';
import type { Context, Remembered } from '../discussion/discussion.element.js';
import type { Stage } from '../stage.js';

const KEY = 'afterword:reading';
/** Folded branches of all discussions; the oldest go. */
const FOLDED_MAX = 200;

export class Remember {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  #change(change: (before: Remembered) => Remembered): void {
    try {
      const before = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Remembered;
      localStorage.setItem(KEY, JSON.stringify({ ...before, ...change(before) }));
    } catch {
      // No storage, or no room in it: it holds for this page only.
    }
  }

  folded(): void {
    const { folded, view } = this.#stage;
    this.#change(({ folded: before = [] }) => ({
      folded: [...new Set([...before.filter((id) => folded.has(id) || !view.get(id)), ...folded])].slice(-FOLDED_MAX),
    }));
  }

  /** Loads the first page in another order. What is read stays until the other is there; false where it can't be had. */
  async sortBy(sort: Sort): Promise<boolean> {
    const stage = this.#stage;
    const { settings, early } = (stage.constructor as unknown as { context: Context }).context;
    const asked = stage.cloneNode() as Element;
    asked.setAttribute('sort', sort);
    const address = settings.address(asked);
    const answer = await fetch(address).catch(() => null);
    const data: unknown = await answer?.json().catch(() => null);
    if (!answer?.ok || !data) return false;
    this.#change(() => ({ sort }));
    early.set(address, Promise.resolve({ ok: true, status: 200, json: () => Promise.resolve(data) } as Response));
    stage.setAttribute('sort', sort);
    return true;
  }
}
