import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hue, initials } from '../../widget/elements/reply/avatar.js';
import {
  BLACK,
  contrast,
  css,
  luminance,
  over,
  READABLE,
  readableColour,
  STRONG,
  TINT,
  VISIBLE,
  WHITE,
  type Colour,
} from '../../widget/theme/contrast.js';

const hex = (text: string): Colour => {
  const [r, g, b] = text.match(/\w\w/g)!.map((pair) => Number.parseInt(pair, 16) / 255);
  return [r!, g!, b!, 1];
};
const channel = fc.double({ min: 0, max: 1, noNaN: true });
const colour = fc.tuple(channel, channel, channel).map(([r, g, b]): Colour => [r, g, b, 1]);

it('measures contrast as WCAG does', () => {
  expect(contrast(BLACK, WHITE)).toBe(21);
  expect(contrast(WHITE, WHITE)).toBe(1);
  expect(contrast(hex('777777'), WHITE)).toBeCloseTo(4.48, 2);
  expect(contrast(hex('767676'), WHITE)).toBeCloseTo(4.54, 2);
  expect(luminance(hex('ff0000'))).toBeCloseTo(0.2126, 4);
});

it('sees through what is thin', () => {
  expect(over([0, 0, 0, 0.5], WHITE)).toEqual([0.5, 0.5, 0.5, 1]);
  expect(over(BLACK, WHITE, 0.25)).toEqual([0.75, 0.75, 0.75, 1]);
});

it('leaves a readable accent as the owner wants it', () => {
  expect(readableColour(hex('0a62c4'), READABLE, WHITE)).toEqual(hex('0a62c4'));
});

it('makes any accent readable on any page, on its menus and on its own tint, in every strength', () => {
  fc.assert(
    fc.property(colour, colour, fc.constantFrom(READABLE, STRONG, VISIBLE), (accent, page, least) => {
      // As theme.ts asks for it: menus are white on a light page, nearly black on a dark one.
      const menu = luminance(page) < 0.18 ? hex('1b1c1e') : WHITE;
      const mended = readableColour(accent, least, page, menu);
      const grounds = [page, menu].flatMap((ground) => [ground, over(mended, ground, TINT)]);
      const worst = Math.min(...grounds.map((ground) => contrast(mended, ground)));
      // Between the two greys that neither black nor white is read on there may be no such colour: then the better of both.
      if (worst < least) expect([css(BLACK), css(WHITE)]).toContain(css(mended));
      const whole = (c: Colour) => grounds.map((ground) => contrast(c, ground));
      const extreme = Math.max(Math.min(...whole(BLACK)), Math.min(...whole(WHITE)));
      expect(worst).toBeGreaterThanOrEqual(Math.min(least, extreme - 0.2));
    }),
    { numRuns: 2_000 },
  );
});

it('never fails on a white, a pale, a dark or a black page', () => {
  const page = fc.constantFrom(...['ffffff', 'f6f1e7', 'eeeeee', '171819', '222831', '000000'].map(hex));
  fc.assert(
    fc.property(colour, page, fc.constantFrom(READABLE, STRONG), (accent, back, least) => {
      const menu = luminance(back) < 0.18 ? hex('1b1c1e') : WHITE;
      const mended = readableColour(accent, least, back, menu);
      for (const ground of [back, menu]) {
        expect(contrast(mended, ground)).toBeGreaterThanOrEqual(least);
        expect(contrast(mended, over(mended, ground, TINT))).toBeGreaterThanOrEqual(least);
      }
      // What stands on it, as on a button.
      expect(Math.max(contrast(WHITE, mended), contrast(BLACK, mended))).toBeGreaterThanOrEqual(READABLE);
    }),
    { numRuns: 2_000 },
  );
});

it('is measured as it is shown: rounded to what a screen can tell apart', () => {
  fc.assert(
    fc.property(colour, (accent) => {
      const [r, g, b] = readableColour(accent, READABLE, WHITE);
      const back = css([r, g, b, 1])
        .match(/\d+/g)!
        .map((v) => Number(v) / 255) as [number, number, number];
      expect(contrast([...back, 1], WHITE)).toBeGreaterThanOrEqual(READABLE);
    }),
  );
});

it('keeps a hue recognisable: a yellow becomes a dark yellow, not a grey', () => {
  const [r, g, b] = readableColour(hex('ffe600'), READABLE, WHITE);
  expect(r).toBeGreaterThan(b + 0.25);
  expect(g).toBeGreaterThan(b + 0.25);
});

it('an author has the same face everywhere', () => {
  expect(hue('a')).toBe(hue('a'));
  expect(hue('019c0de0-5a00-7bef-8bca-ca11c1c41a40')).toBeGreaterThanOrEqual(0);
  const hues = Array.from({ length: 200 }, (_, i) => hue(`019c0de0-5a00-7bef-8bca-${String(i).padStart(12, '0')}`));
  expect(new Set(hues.map((h) => Math.floor(h / 30))).size).toBe(12);
});

it('initials are whole characters of the first and the last word', () => {
  expect(initials('Tomás Ferreira')).toBe('TF');
  expect(initials('  noor ')).toBe('N');
  expect(initials('Ana María de la Cruz')).toBe('AC');
  expect(initials('ئاسۆ')).toBe('ئ');
  expect(initials('😀 smile')).toBe('😀S');
  expect(initials('')).toBe('');
});
