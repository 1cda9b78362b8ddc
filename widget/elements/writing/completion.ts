// Completes what is being typed: people behind an `@`, emoji behind a `:`. Owns the list and which of it is chosen; the
// focus stays in the text box, which tells screen readers of the choice (aria-activedescendant).
import { html, nothing } from 'lit';
import { part } from '../../part.js';
import type { Stage } from '../stage.js';
import type * as Emoji from './emoji.js';

const MAX = 6;

interface Option {
  /** What is put into the text. */
  insert: string;
  label: string;
}

/** What is completed: the text from `from` to the caret. */
interface Open {
  from: number;
  options: readonly Option[];
  chosen: number;
  isEmoji: boolean;
}

/** Puts `insert` in place of `from` to `to`; the caret, which is at `caret`, moves with the text behind it. */
type Put = (from: number, to: number, insert: string, caret: number) => void;

/** An emoji by its name, whole. */
const NAMED = /(?<=^|\s):([a-z_]{2,20}|[+-]1):/g;

/** Where the platform has its own picker, and by which keys. */
const KEYS = /mac|iphone|ipad/i.test(navigator.platform)
  ? 'Ctrl+⌘+Space'
  : /win/i.test(navigator.platform)
    ? 'Win+.'
    : '';

export class Completion {
  readonly #stage: Stage;
  readonly #put: Put;
  readonly #changed: () => void;
  #open: Open | null = null;
  #text = '';
  #caret = 0;
  #emoji: typeof Emoji | null = null;
  #isLoading = false;

  constructor(stage: Stage, put: Put, changed: () => void) {
    this.#stage = stage;
    this.#put = put;
    this.#changed = changed;
  }

  /** The id of the chosen option, for the text box; null while there is nothing to choose from. */
  get active(): string | null {
    return this.#open ? `option-${this.#open.chosen}` : null;
  }

  /** After each change of the text, with the caret behind what was typed. */
  typed(text: string, caret: number): void {
    this.#text = text;
    this.#caret = caret;
    const before = text.slice(0, caret);
    if (before.endsWith(':') && this.#replace(before.lastIndexOf(':', caret - 2))) return;
    const [, sign, part = ''] = /(?:^|[\s(])(@|:)([\p{L}\p{N}_+.'-][^@:\n]{0,30}|)$/u.exec(before) ?? [];
    const options = sign === '@' ? this.#people(part) : sign && part ? this.#like(part) : [];
    this.#open = options.length ? { from: caret - part.length - 1, options, chosen: 0, isEmoji: sign === ':' } : null;
    this.#changed();
  }

  #people(part: string): Option[] {
    const wanted = part.toLocaleLowerCase();
    return peopleOf(this.#stage)
      .filter(({ name }) => name.toLocaleLowerCase().includes(wanted) && name !== part.trimEnd())
      .slice(0, MAX)
      .map(({ name }) => ({ insert: `@${name} `, label: name }));
  }

  /** Puts the emoji in place of their names, from there to the caret. Whether there was one. */
  #replace(from: number): boolean {
    let [text, caret, is] = [this.#text, this.#caret, false];
    const found = [...text.slice(0, caret).matchAll(NAMED)].filter(({ index }) => index >= from);
    // The last first: what stands before it keeps its place.
    for (const { index, 0: whole, 1: name } of found.reverse()) {
      const emoji = this.#emoji?.emojiOf(name!);
      if (!emoji) continue;
      this.#put(index, index + whole.length, emoji, caret);
      text = text.slice(0, index) + emoji + text.slice(index + whole.length);
      caret += emoji.length - whole.length;
      is = true;
    }
    // Each put was heard as typing.
    [this.#text, this.#caret] = [text, caret];
    return is;
  }

  /** The emoji come when the first is looked for; then what was typed meanwhile is looked at again, from there on. */
  async #load(from: number): Promise<void> {
    if (this.#emoji || this.#isLoading) return;
    this.#isLoading = true;
    this.#emoji = await part(() => import('./emoji.js')).catch(() => null);
    this.#isLoading = false;
    if (!this.#emoji) return;
    this.#replace(from);
    this.typed(this.#text, this.#caret);
  }

  #like(part: string): Option[] {
    void this.#load(this.#caret - part.length - 1);
    if (part.includes(' ') || part.length < 2) return [];
    return (this.#emoji?.emojiLike(part, MAX) ?? []).map(({ name, emoji }) => ({
      insert: `${emoji} `,
      label: `${emoji} ${name}`,
    }));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = null;
    this.#changed();
  }

  /** Whether the key was for the list. */
  key({ key }: KeyboardEvent): boolean {
    const open = this.#open;
    if (!open) return false;
    const n = open.options.length;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      open.chosen = (open.chosen + (key === 'ArrowDown' ? 1 : n - 1)) % n;
      this.#changed();
    } else if (key === 'Enter' || key === 'Tab') this.#take(open.chosen);
    else if (key === 'Escape') this.close();
    else return false;
    return true;
  }

  #take(chosen: number): void {
    const open = this.#open!;
    this.#open = null;
    this.#put(open.from, this.#caret, open.options[chosen]!.insert, this.#caret);
    this.#changed();
  }

  list(): unknown {
    const open = this.#open;
    if (!open) return nothing;
    const { words } = this.#stage;
    return html`<div class="options" part="options">
      <ul id="options" role="listbox" aria-label=${words.say(open.isEmoji ? 'emoji' : 'people')}>
        ${open.options.map(
          ({ label }, i) =>
            html`<li
              part="option"
              id="option-${i}"
              role="option"
              dir="auto"
              aria-selected=${i === open.chosen}
              @pointerdown=${(event: Event) => {
                // The focus stays in the text.
                event.preventDefault();
                this.#take(i);
              }}
            >
              ${label}
            </li>`,
        )}
      </ul>
      ${open.isEmoji && KEYS ? html`<p class="soft" part="hint">${words.say('emojiHint', { keys: KEYS })}</p>` : nothing}
    </div>`;
  }
}

/** Those who have written here, the latest first, each name once; without this reader. */
export function peopleOf({ view }: Stage): { id: string; name: string }[] {
  const people = new Map<string, { id: string; name: string }>();
  const rows = [...(view.held?.rows.values() ?? [])].sort((a, b) => b.born - a.born);
  for (const { author, state } of rows) {
    if (state === 'published' && author.id !== view.you?.me?.id && !people.has(author.name))
      people.set(author.name, author);
  }
  return [...people.values()];
}
