// Colour arithmetic: contrast by WCAG 2.2, and the nearest readable colour by OKLCH. Pure; knows no page.

/** Red, green, blue and opacity, each from 0 to 1, in sRGB. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number];

export const WHITE: Colour = [1, 1, 1, 1];
export const BLACK: Colour = [0, 0, 0, 1];
/** WCAG 2.2, 1.4.3 for text. */
export const READABLE = 4.5;
/** 1.4.6, for those who ask for more. */
export const STRONG = 7;

/** sRGB's transfer function and its inverse (IEC 61966-2-1). */
const linear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const encoded = (v: number) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);

/** Relative luminance, 0 to 1. */
export function luminance([r, g, b]: Colour): number {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** 1 to 21. */
export function contrast(a: Colour, b: Colour): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return x > y ? x / y : y / x;
}

/** What is seen of `front`, thinned to `share` of its opacity, in front of an opaque `back`. */
export function over(front: Colour, back: Colour, share = 1): Colour {
  const alpha = front[3] * share;
  const mix = (i: 0 | 1 | 2) => front[i] * alpha + back[i] * (1 - alpha);
  return [mix(0), mix(1), mix(2), 1];
}

/** The smallest opacity from `wish` upwards at which `text` is readable on `back`; 1 where it never is. */
export function readableShare(text: Colour, back: Colour, wish: number, least = READABLE): number {
  for (let share = wish; share < 1; share += 0.02) if (contrast(over(text, back, share), back) >= least) return share;
  return 1;
}

/**
 * `colour` made darker or lighter, to this contrast at `least`, hue and chroma kept as far as sRGB can show them, until it is readable on each of
 * `backs`; the same colour where it is readable already. OKLab's matrices are Björn Ottosson's.
 */
export function readableColour(colour: Colour, least: number, ...backs: Colour[]): Colour {
  const reads = (c: Colour) => backs.every((back) => contrast(c, back) >= least);
  if (reads(colour)) return colour;
  const [lightness, a, b] = toOklab(colour);
  // Away from the page: on a light one down to black, on a dark one up to white.
  const end = contrast(BLACK, backs[0]!) > contrast(WHITE, backs[0]!) ? 0 : 1;
  for (let step = 1; step < 50; step++) {
    const l = lightness + ((end - lightness) * step) / 50;
    // Near black and white there is little room for chroma: it goes with the distance that is left.
    const room = Math.min(1, Math.abs(end - l) / 0.25);
    const candidate = fromOklab([l, a * room, b * room]);
    if (reads(candidate)) return candidate;
  }
  return end ? WHITE : BLACK;
}

type Oklab = [lightness: number, a: number, b: number];

function toOklab([red, green, blue]: Colour): Oklab {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: Oklab): Colour {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const shown = (v: number) => encoded(Math.min(1, Math.max(0, v)));
  return [
    shown(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    shown(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    shown(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
    1,
  ];
}

/** As CSS takes it. */
export function css([r, g, b]: Colour): string {
  return `rgb(${[r, g, b].map((v) => Math.round(v * 255)).join(' ')})`;
}
