// The opaque cursor of a page: what it holds comes back, and what other versions made is understood.
import { describe, expect, it } from 'vitest';

import { decodeAfter, encodeAfter } from '../../server/threads/after.js';

const place = { born: 12, rank: 345 };

describe('[VIEW5] the cursor of a page', () => {
  it.each([
    { sort: 'oldest' as const, last: place, served: 20, total: 90, moved: null },
    { sort: 'best' as const, last: place, served: 20, total: 90, moved: 7_000 },
    { sort: 'best' as const, last: null, served: 0, total: 3, moved: null },
  ])('holds all of $sort', (cursor) => {
    expect(decodeAfter(encodeAfter(cursor), cursor.sort)).toEqual(cursor);
  });

  it('one that says nothing of moves is taken: a page may be older than the server', () => {
    const before = Buffer.from('b.12.345.20.90').toString('base64url');
    expect(decodeAfter(before, 'best')).toEqual({ sort: 'best', last: place, served: 20, total: 90, moved: null });
  });

  it('one of another order is refused', () => {
    const after = encodeAfter({ sort: 'best', last: place, served: 20, total: 90, moved: 7_000 });
    expect(() => decodeAfter(after, 'oldest')).toThrow(
      expect.objectContaining({ code: 'invalid', details: expect.objectContaining({ field: 'after' }) }),
    );
  });
});
