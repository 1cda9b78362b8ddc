// What this reader's device remembers of how the discussions of this site are read: their order, and the branches that are
// folded. Read by the reader's half before the first paint (`Discussion`).
import type { Snapshot, Sort } from '../../../shared/views.js';
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

  /** The first page in an order, as it is now; null where it can't be had. */
  async page(sort: Sort): Promise<Snapshot | null> {
    const answer = await fetch(this.#address(sort)).catch(() => null);
    return answer?.ok ? ((await answer.json().catch(() => null)) as Snapshot | null) : null;
  }

  /** Loads the first page in another order. What is read stays until the other is there; false where it can't be had. */
  async sortBy(sort: Sort): Promise<boolean> {
    const data = await this.page(sort);
    if (!data) return false;
    this.#change(() => ({ sort }));
    const answer = { ok: true, status: 200, json: () => Promise.resolve(data) } as unknown as Response;
    this.#context.early.set(this.#address(sort), Promise.resolve(answer));
    this.#stage.setAttribute('sort', sort);
    return true;
  }

  get #context(): Context {
    return (this.#stage.constructor as unknown as { context: Context }).context;
  }

  #address(sort: Sort): string {
    const asked = this.#stage.cloneNode() as Element;
    asked.setAttribute('sort', sort);
    return this.#context.settings.address(asked);
  }
}
