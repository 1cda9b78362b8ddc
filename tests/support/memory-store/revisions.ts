// Earlier texts of replies in memory: those that edits replaced, and those of removed replies until they are erased.
import type { Revision } from '../../../shared/protocol.js';
import type { Kept } from './rows.js';

interface KeptRevision extends Revision {
  /** Unix milliseconds; null: it stays. */
  eraseAt: number | null;
}

type Text = Pick<Kept, 'id' | 'rev' | 'body'>;

export class MemoryRevisions {
  readonly #kept = new Map<string, KeptRevision[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The newest first. */
  of(id: string, max: number): Revision[] {
    const kept = this.#kept.get(id) ?? [];
    return kept
      .map(({ eraseAt: _, ...revision }) => revision)
      .reverse()
      .slice(0, max);
  }

  /** Before an edit. */
  replaced(text: Text): void {
    this.#keep(text, null);
  }

  /** Before a removal: all texts of the reply go when the time is over. */
  removed(text: Text, undoSeconds: number): void {
    const eraseAt = this.#now() + undoSeconds * 1_000;
    for (const kept of this.#keep(text, eraseAt)) kept.eraseAt = eraseAt;
  }

  #keep({ id, rev, body }: Text, eraseAt: number | null): KeptRevision[] {
    const kept = this.#kept.get(id) ?? [];
    this.#kept.set(id, kept);
    kept.push({ rev, body, until: new Date(this.#now()).toISOString(), eraseAt });
    return kept;
  }

  /** The text that a removed reply would come back with; null where it is erased or its time is over. */
  comingBack({ id, rev }: Pick<Text, 'id' | 'rev'>): string | null {
    const now = this.#now();
    const found = this.#kept.get(id)?.find((kept) => kept.rev === rev && kept.eraseAt !== null && kept.eraseAt > now);
    return found?.body ?? null;
  }

  /** It has come back: its text is the present one again, and the earlier ones stay. */
  restored({ id, rev }: Pick<Text, 'id' | 'rev'>): void {
    const left = this.#kept.get(id)!.filter((kept) => kept.rev !== rev);
    this.#kept.set(
      id,
      left.map((kept) => ({ ...kept, eraseAt: null })),
    );
  }

  /** Erases what is due, `limit` at most; returns how many. */
  erase(limit: number): number {
    let left = limit;
    for (const [id, kept] of this.#kept) {
      const due = kept.filter(({ eraseAt }) => eraseAt !== null && eraseAt <= this.#now()).slice(0, left);
      left -= due.length;
      this.#kept.set(
        id,
        kept.filter((revision) => !due.includes(revision)),
      );
    }
    return limit - left;
  }
}
