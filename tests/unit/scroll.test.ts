import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstInSight } from '../../widget/controllers/layout.js';

/** Boxes one below the other, as the replies of a list stand. */
function stack(heights: readonly number[], from: number): Element[] {
  let top = from;
  return heights.map((height) => {
    const box = { top, bottom: (top += height) };
    return { getBoundingClientRect: () => box } as unknown as Element;
  });
}

it('the first reply in sight is the one that a search from the top would find', () => {
  const heights = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 60 });
  fc.assert(
    fc.property(heights, fc.integer({ min: -20_000, max: 2_000 }), (list, from) => {
      const boxes = stack(list, from);
      const sight = { top: 0, bottom: 800 };
      const expected = boxes.find((box) => {
        const { top, bottom } = box.getBoundingClientRect();
        return bottom > sight.top && top < sight.bottom;
      });
      expect(firstInSight(boxes, sight)).toBe(expected ?? null);
    }),
  );
});

it('nothing is in sight above and below the list', () => {
  const boxes = stack([100, 100], 0);
  expect(firstInSight(boxes, { top: 200, bottom: 900 })).toBeNull();
  expect(firstInSight(boxes, { top: -900, bottom: 0 })).toBeNull();
  expect(firstInSight([], { top: 0, bottom: 800 })).toBeNull();
});
