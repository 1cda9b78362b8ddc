// Colour arithmetic: contrast by WCAG 2.2, and the nearest readable colour. Pure; knows no page.

/** Red, green, blue and opacity, each from 0 to 1, in sRGB. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number];

export const WHITE: Colour = [1, 1, 1, 1];
export const BLACK: Colour = [0, 0, 0, 1];
/** WCAG 2.2, 1.4.3 for text. */
export const READABLE = 4.5;
/** 1.4.6, for those who ask for more. */
export const STRONG = 7;
/** 1.4.11 for what is not text: rings, edges, dots. */
export const VISIBLE = 3;
/** How much of the accent is in what it tints (as `--_tint` in discussion.css). */
export const TINT = 0.08;
const STEPS = 50;

/** sRGB's transfer function (IEC 61966-2-1). */
const linear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

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

/**
 * `colour` made darker or lighter until it has this contrast at `least` with each of `backs`, and with its own tint on each; the same colour
 * where it has. Its hue stays. Where no colour can (`backs` that lie far apart): black or white, whichever comes nearer.
 */
export function readableColour(colour: Colour, least: number, ...backs: Colour[]): Colour {
  const worst = (c: Colour): number =>
    Math.min(...backs.flatMap((b) => [contrast(c, b), contrast(c, over(c, b, TINT))]));
  const end = worst(BLACK) > worst(WHITE) ? BLACK : WHITE;
  for (let step = 0; step < STEPS; step++) {
    const candidate = shown(over(end, over(colour, backs[0]!), step / STEPS));
    if (worst(candidate) >= least) return candidate;
  }
  return end;
}

/** As screens show it: what is measured is what is seen. */
function shown([r, g, b]: Colour): Colour {
  const step = (v: number) => Math.round(v * 255) / 255;
  return [step(r), step(g), step(b), 1];
}

/** As CSS takes it. */
export function css([r, g, b]: Colour): string {
  return `rgb(${[r, g, b].map((v) => Math.round(v * 255)).join(' ')})`;
}
