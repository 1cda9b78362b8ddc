// Texts that are being written, one for each place in a discussion. Kept across reloads, let go after 30 days.
import { readObject, type Keep } from './storage.js';

const KEPT_MS = 30 * 24 * 60 * 60 * 1_000;
const PREFIX = 'draft:';

export class Drafts {
  readonly #keep: Keep;
  readonly #now: () => number;
  readonly #prefix: string;

  /** `scope` names the discussion. Lets go of everything that is too old, of other discussions too. */
  constructor(keep: Keep, scope: string, now: () => number) {
    this.#keep = keep;
    this.#now = now;
    this.#prefix = PREFIX + scope;
    for (const key of keep.keys(PREFIX)) if (!this.#read(key)) keep.remove(key);
  }

  /** The text under this parent (null: a new root), '' for none. */
  get(parent: string | null): string {
    return this.#read(this.#keyOf(parent)) ?? '';
  }

  set(parent: string | null, body: string): void {
    const key = this.#keyOf(parent);
    if (body) this.#keep.set(key, JSON.stringify({ body, at: this.#now() }));
    else this.#keep.remove(key);
  }

  #keyOf(parent: string | null): string {
    return this.#prefix + (parent ?? '');
  }

  #read(key: string): string | null {
    const { body, at } = readObject(this.#keep, key) ?? {};
    return typeof body === 'string' && typeof at === 'number' && this.#now() - at < KEPT_MS ? body : null;
  }
}
