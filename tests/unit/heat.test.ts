import { describe, expect, it } from 'vitest';
import { Heat } from '../../widget/elements/tools/heat.js';

/** `perSecond` arrivals for so many seconds, in four lots each; the time behind the last. */
function stream(heat: Heat, from: number, perSecond: number, seconds: number): number {
  for (let lot = 0; lot < seconds * 4; lot++) heat.add(perSecond / 4, from + lot * 250);
  return from + seconds * 1_000;
}

describe('[PAGE14] a stream', () => {
  it('is more than five a second over some seconds', () => {
    const calm = new Heat();
    expect(calm.isHot(stream(calm, 1_000_000, 4, 10))).toBe(false);
    const hot = new Heat();
    expect(hot.isHot(stream(hot, 1_000_000, 20, 4) - 1)).toBe(true);
  });

  it('is not what a line brings at once when it is back', () => {
    const heat = new Heat();
    heat.add(500, 1_000_000);
    expect(heat.isHot(1_000_000)).toBe(false);
  });

  it('is over when hardly anything comes any more, and not at the first lull', () => {
    const heat = new Heat();
    const end = stream(heat, 1_000_000, 20, 5);
    expect(heat.isHot(end - 1)).toBe(true);
    const lull = stream(heat, end, 4, 4);
    expect(heat.isHot(lull - 1)).toBe(true);
    expect(heat.isHot(lull + 4_000)).toBe(false);
  });
});
