// Reads the page's colours where the discussion stands. Owns the reading, not what is made of it.
import { parentOf } from '../controllers/layout.js';
import { BLACK, contrast, luminance, over, WHITE, type Colour } from './contrast.js';

/** The grey that browsers paint behind a page in dark mode that sets no background. */
const DARK_CANVAS: Colour = [0.07, 0.07, 0.07, 1];

/** Any colour CSS knows, with `var()`, as it would be in this element; null for a notation that nobody uses. */
export function resolve(probe: HTMLElement, colour: string): Colour | null {
  // Mixing with nothing makes every notation come back in one form.
  probe.style.color = `color-mix(in srgb, ${colour} 100%, #000 0%)`;
  const found = parse(getComputedStyle(probe).color);
  probe.style.color = '';
  return found;
}

/** What is painted behind the text of this element, and the colour of that text. */
export function pageColours(of: HTMLElement): { back: Colour; text: Colour } {
  const text = parse(getComputedStyle(of).color) ?? BLACK;
  let back = canvas();
  const layers: Colour[] = [];
  for (let node: Element | null | undefined = of; node; node = parentOf(node)) {
    const layer = parse(getComputedStyle(node).backgroundColor);
    if (layer?.[3]) layers.push(layer);
    if (layer?.[3] === 1) break;
  }
  for (const layer of layers.reverse()) back = over(layer, back);
  // A picture behind the text can't be read; that the text is meant to be read tells enough.
  if (contrast(text, back) < 2) back = luminance(text) > 0.4 ? BLACK : WHITE;
  return { back, text };
}

function canvas(): Colour {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  const dark = scheme.includes('dark') && (!scheme.includes('light') || prefersDark().matches);
  return dark ? DARK_CANVAS : WHITE;
}

/** Whether more than the usual contrast is asked for, by the owner or by the reader's system. */
export function isStrong(theme: string): boolean {
  return theme === 'contrast' || matchMedia('(prefers-contrast: more)').matches;
}

export function prefersDark(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)');
}

/** Reads what `getComputedStyle` gives: `rgb(0, 0, 0)`, `rgba(...)` or `color(srgb 0 0 0 / 1)`. */
function parse(colour: string): Colour | null {
  const [r, g, b, alpha = 1] = (colour.match(/[\d.]+(e-\d+)?/g) ?? []).map(Number);
  if (r === undefined || g === undefined || b === undefined) return null;
  const scale = colour.startsWith('rgb') ? 255 : 1;
  return [r / scale, g / scale, b / scale, alpha];
}
