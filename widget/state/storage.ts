// What the widget keeps in the browser. Works where storage is forbidden, full or missing: then for as long as the page.

const NAMESPACE = 'afterword:';

/** Text by key. Nothing here throws; what can't be stored is kept in memory. */
export interface Keep {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** Keys that begin with this, in no order. */
  keys(prefix: string): string[];
}

/** The part of the browser's `Storage` that is used. */
export type Backing = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class SafeStorage implements Keep {
  readonly #backing: Backing | null;
  /** What the backing did not take; newer than whatever stands there under the same key. */
  readonly #memory = new Map<string, string>();

  /** `open` may throw: reading `localStorage` does where the reader or the browser forbids it. */
  constructor(open: () => Backing | null = () => localStorage) {
    this.#backing = attempt(open) ?? null;
  }

  get(key: string): string | null {
    return this.#memory.get(key) ?? attempt(() => this.#backing?.getItem(NAMESPACE + key)) ?? null;
  }

  set(key: string, value: string): void {
    const isStored = attempt(() => {
      this.#backing?.setItem(NAMESPACE + key, value);
      return this.#backing !== null;
    });
    if (isStored) this.#memory.delete(key);
    else this.#memory.set(key, value);
  }

  remove(key: string): void {
    this.#memory.delete(key);
    attempt(() => this.#backing?.removeItem(NAMESPACE + key));
  }

  keys(prefix: string): string[] {
    const found = new Set([...this.#memory.keys()].filter((key) => key.startsWith(prefix)));
    attempt(() => {
      for (let i = 0; i < (this.#backing?.length ?? 0); i++) {
        const key = this.#backing!.key(i) ?? '';
        if (key.startsWith(NAMESPACE + prefix)) found.add(key.slice(NAMESPACE.length));
      }
    });
    return [...found];
  }
}

/** A key part made of several, which no other parts can be mistaken for. */
export function scopeOf(...parts: string[]): string {
  return parts.map(encodeURIComponent).join('|') + '|';
}

/** The object under this key; an empty one for nothing, or for what somebody else put there. */
export function readObject(keep: Keep, key: string): Record<string, unknown> {
  const value: unknown = attempt(() => JSON.parse(keep.get(key) ?? 'null') as unknown);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
