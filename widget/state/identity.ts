// Under which name and token this browser writes on one site of one server. Owns what is kept of it; asking the server
// is `net/guest.ts`.
import { readObject, type Keep } from './storage.js';

export interface Guest {
  /** As the reader gave it; '' while none was given. */
  name: string;
  /** Null: none yet, or it is no good any more. */
  token: string | null;
  /** The name that was told to the server with this token. */
  told: string;
}

/** Read from storage at each use, so that the tabs of a browser agree. */
export class Identity {
  readonly #keep: Keep;
  readonly #key: string;

  constructor(keep: Keep, scope: string) {
    this.#keep = keep;
    this.#key = `guest:${scope}`;
  }

  read(): Guest {
    const { name, token, told } = readObject(this.#keep, this.#key);
    return { name: textOf(name) ?? '', token: textOf(token), told: textOf(told) ?? '' };
  }

  /** Forgets this token; one that another tab has put in its place stays. */
  drop(token: string | null): void {
    if (this.read().token === token) this.change({ token: null });
  }

  change(change: Partial<Guest>): void {
    this.#keep.set(this.#key, JSON.stringify({ ...this.read(), ...change }));
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
