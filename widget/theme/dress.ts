// The first dress, before anything is measured: what the owner asked for, and light or dark by the colour of the text
// that the page gives. `theme.ts` (second download) corrects it where it could not be read.
import type { Stage } from '../elements/stage.js';

export interface Dress {
  /** The owner wants another scheme than the page has: the discussion paints its own ground. */
  own: boolean;
  /** Declarations for the root. */
  css: string;
}

/** Words for what nobody has by heart; anything else is CSS. */
const FONTS: Record<string, string> = {
  sans: 'system-ui, sans-serif',
  mono: 'ui-monospace, monospace',
  // Alone it is drawn smaller than any other.
  monospace: 'ui-monospace, monospace',
  page: 'inherit',
};

export function dress(stage: Stage): Dress {
  const colour = getComputedStyle(stage).color;
  const [first = 0, second = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  // Light text means a dark page: the green of `rgb()`, or the lightness of `oklch()` and its kin.
  const page = (colour.startsWith('rgb') ? second > 140 : first > 0.6) ? 'dark' : 'light';
  const wish = stage.setting('theme');
  const scheme = wish === 'light' || wish === 'dark' ? wish : page;
  const font = stage.setting('font');
  // The browser's own parser takes each value or leaves it. What follows one that is left open must not hold a semicolon:
  // so none can bring a declaration along.
  const { style } = document.createElement('i');
  style.colorScheme = scheme;
  style.fontFamily = FONTS[font] ?? font;
  style.color = stage.setting('accent').split(';')[0]!;
  style.setProperty('--afterword-accent', style.color);
  style.color = '';
  return { own: scheme !== page, css: style.cssText };
}
