// What this reader chose on this device, for all discussions of the page's origin. Owns what is kept of it and who is told
// of a change; what a choice means is up to those who ask, and what holds where nothing was chosen is the owner's.
import { readObject, type Keep } from './storage.js';

const KEY = 'prefs';

/** Every choice there is, with its values. What is kept under another name or has another value counts as not chosen. */
const CHOICES = {
  /** What becomes of arrivals. */
  pace: ['auto', 'hold', 'anchor', 'follow', 'pause'],
  /** The pace that was chosen before a pause. */
  before: ['auto', 'hold', 'anchor', 'follow'],
  /** Whether news is said to those who listen. */
  announce: [true, false],
  /** Whether it is shown how many read. */
  presence: [true, false],
  /** Whether others may see that this reader is writing. */
  typing: [true, false],
  /** Whether data is saved; `auto` asks the browser. */
  saver: ['auto', 'on', 'off'],
} as const;

export type Choices = { [K in keyof typeof CHOICES]: (typeof CHOICES)[K][number] };
export type Pace = Choices['pace'];

/** Read from storage at each use, so that the tabs of a browser agree. */
export class Prefs {
  readonly #keep: Keep;
  readonly #listeners = new Set<() => void>();

  /** `tabs`: where other tabs are heard, a page's window. There is one for the page, for as long as it is there. */
  constructor(keep: Keep, tabs: Pick<EventTarget, 'addEventListener'>) {
    this.#keep = keep;
    tabs.addEventListener('storage', (event) => {
      // No key: everything was cleared.
      if ((event as StorageEvent).key?.endsWith(KEY) ?? true) this.#tell();
    });
  }

  /** Null: not chosen here; what the owner set holds, else the default. */
  get<K extends keyof Choices>(name: K): Choices[K] | null {
    const value = readObject(this.#keep, KEY)[name];
    return (CHOICES[name] as readonly unknown[]).includes(value) ? (value as Choices[K]) : null;
  }

  /** Null takes the choice back. */
  set<K extends keyof Choices>(name: K, value: Choices[K] | null): void {
    this.#keep.set(KEY, JSON.stringify({ ...readObject(this.#keep, KEY), [name]: value }));
    this.#tell();
  }

  /** Tells of every change, also by another tab. The function that it gives ends that. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
