// The buttons that format a text, and the keys that stand for them. One of them is reached by Tab, the others by arrows.
// Owns no text: what a button does to it is `commands.ts`.
import { html } from 'lit';
import { icon } from '../acting/icon.js';
import type { Words } from '../../i18n/words.js';
import type { Command } from './commands.js';

const BUTTONS: readonly (readonly [name: Command, sign: unknown, keys: string])[] = [
  ['bold', 'B', 'B'],
  ['italic', 'I', 'I'],
  [
    'link',
    icon('M7 9.5a3 3 0 0 0 4.2 0l2-2a3 3 0 0 0-4.2-4.2l-.9.9M9 6.5a3 3 0 0 0-4.2 0l-2 2a3 3 0 0 0 4.2 4.2l.9-.9'),
    'K',
  ],
  ['list', icon('M6 4h8M6 8h8M6 12h8M2.5 4h.01m-.01 4h.01m-.01 4h.01'), 'Shift+8'],
  ['quote', icon('M3 3v10M6.5 5H13M6.5 8H13M6.5 11H11'), 'Shift+9'],
  ['code', icon('M5.5 4.5 2 8l3.5 3.5m5-7L14 8l-3.5 3.5'), 'E'],
];
const MAC = /mac|iphone|ipad/i.test(navigator.platform);

/** What these keys, with the one for commands, stand for. */
export function commandOf({ shiftKey, code, key }: KeyboardEvent): Command | undefined {
  const wanted = shiftKey ? `Shift+${code.replace('Digit', '')}` : key.toUpperCase();
  return BUTTONS.find(([, , keys]) => keys === wanted)?.[0];
}

/** `at`: the button that Tab reaches; `isOff`: there is no text to format now. */
export function toolbar(
  words: Words,
  at: number,
  isOff: boolean,
  run: (name: Command) => void,
  roam: (event: KeyboardEvent) => void,
): unknown {
  const button = ([name, sign, keys]: (typeof BUTTONS)[number], i: number): unknown =>
    html`<button
      part="tool"
      type="button"
      class="tool ${name}"
      tabindex=${i === at ? 0 : -1}
      aria-label=${words.say(name)}
      aria-keyshortcuts="${MAC ? 'Meta' : 'Control'}+${keys}"
      title="${words.say(name)} (${MAC ? '⌘' : 'Ctrl+'}${keys})"
      ?disabled=${isOff}
      @click=${() => run(name)}
    >
      ${sign}
    </button>`;
  return html`<div class="bar" role="toolbar" part="toolbar" aria-label=${words.say('formatting')} @keydown=${roam}>
    ${BUTTONS.map(button)}
  </div>`;
}

/** The button that has the focus after this key; it gets it. */
export function roamed(event: KeyboardEvent, at: number): number {
  const { key, currentTarget } = event;
  const forward = getComputedStyle(currentTarget as Element).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const n = BUTTONS.length;
  let next = at;
  if (key === 'Home') next = 0;
  else if (key === 'End') next = n - 1;
  else if (key === 'ArrowLeft' || key === 'ArrowRight') next = (at + (key === forward ? 1 : n - 1)) % n;
  else return at;
  event.preventDefault();
  (currentTarget as Element).querySelectorAll('button')[next]!.focus();
  return next;
}
