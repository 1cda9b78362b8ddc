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
  readableShare,
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

it('makes any accent readable on any page', () => {
  fc.assert(
    fc.property(colour, colour, (accent, back) => {
      const tint = over(accent, back, 0.08);
      expect(contrast(readableColour(accent, READABLE, back), back)).toBeGreaterThanOrEqual(READABLE);
      const both = readableColour(accent, READABLE, back, tint);
      // On a mid grey there may be no colour at all that reads on two grounds: then it is black or white.
      if (css(both) !== css(WHITE) && css(both) !== css(BLACK))
        expect(contrast(both, tint)).toBeGreaterThanOrEqual(READABLE);
    }),
  );
});

it('keeps a hue recognisable: a yellow becomes a dark yellow, not a grey', () => {
  const [r, g, b] = readableColour(hex('ffe600'), READABLE, WHITE);
  expect(r).toBeGreaterThan(b + 0.25);
  expect(g).toBeGreaterThan(b + 0.25);
});

it('thins the text only as far as it can be read', () => {
  fc.assert(
    fc.property(colour, colour, (text, back) => {
      const share = readableShare(text, back, 0.66);
      expect(share).toBeGreaterThanOrEqual(0.66);
      if (share < 1) expect(contrast(over(text, back, share), back)).toBeGreaterThanOrEqual(READABLE);
    }),
  );
  expect(readableShare(BLACK, WHITE, 0.66)).toBe(0.66);
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
