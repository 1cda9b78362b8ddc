// Texts that are being written, one for each place in a discussion. Kept across reloads, let go after 30 days.
import type { Cursor } from '../../shared/views.js';
import { readObject, type Keep } from './storage.js';

const KEPT_MS = 30 * 24 * 60 * 60 * 1_000;
const PREFIX = 'draft:';
/** The place of a guest's name that is being typed, and was not given yet. No reply is called so. */
export const NAME = ':name';

/** One text with what has to be known to go on with it. */
export interface Draft {
  body: string;
  /** When it was last written in, Unix time in milliseconds. */
  at: number;
  /** The revision of what it answers, and how far the discussion was, when it was begun. */
  answers?: number;
  since?: Cursor;
  /** A change that was saved while there was no line, with the people that were chosen in it: it goes when there is one. */
  saves?: { mentions?: string[] };
}

export class Drafts {
  readonly #keep: Keep;
  readonly #now: () => number;
  readonly #prefix: string;

  /** `scope` names the discussion. Lets go of everything that is too old, of other discussions too. */
  constructor(keep: Keep, scope: string, now: () => number) {
    this.#keep = keep;
    this.#now = now;
    this.#prefix = PREFIX + scope;
    for (const key of keep.keys(PREFIX)) if (!this.#at(key)) keep.remove(key);
  }

  /** The text under this parent (null: a new root), '' for none. */
  get(parent: string | null): string {
    return this.read(parent)?.body ?? '';
  }

  /** Everything that is kept with it. */
  read(parent: string | null): Draft | null {
    return this.#at(this.#keyOf(parent));
  }

  /** What else is known of it stays, unless it is said anew; that it is to be saved has to be said each time. */
  set(parent: string | null, body: string, more?: Partial<Draft>): void {
    const key = this.#keyOf(parent);
    if (body)
      this.#keep.set(key, JSON.stringify({ ...this.#at(key), saves: undefined, ...more, body, at: this.#now() }));
    else this.#keep.remove(key);
  }

  /** Names of places where a text is kept, those that begin with this. */
  places(begin = ''): string[] {
    return this.#keep.keys(this.#prefix + begin).map((key) => key.slice(this.#prefix.length));
  }

  #keyOf(parent: string | null): string {
    return this.#prefix + (parent ?? '');
  }

  #at(key: string): Draft | null {
    const draft = readObject(this.#keep, key);
    const { body, at } = draft;
    return typeof body === 'string' && typeof at === 'number' && this.#now() - at < KEPT_MS
      ? (draft as unknown as Draft)
      : null;
  }
}
