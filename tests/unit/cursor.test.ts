import { describe, expect, it } from 'vitest';
import { relate } from '../../shared/cursor.js';

const cursor = { epoch: 'e', seq: 10 };

describe('a range of changes beside a cursor', () => {
  it.each([
    ['begins at the cursor', 10, 12, 'next'],
    ['begins before the cursor and ends behind it', 4, 11, 'next'],
    ['ends at the cursor', 8, 10, 'old'],
    ['ends before the cursor', 2, 5, 'old'],
    ['is empty and stands at the cursor', 10, 10, 'old'],
    ['begins behind the cursor', 11, 12, 'gap'],
  ])('[CUR1] %s', (_, from, to, relation) => {
    expect(relate(cursor, { epoch: 'e', from, to })).toBe(relation);
  });

  it('[CUR1] [SEQ6] of another epoch follows nothing, whatever its numbers say', () => {
    expect(relate(cursor, { epoch: 'f', from: 10, to: 11 })).toBe('other-epoch');
    expect(relate(cursor, { epoch: 'f', from: 0, to: 1 })).toBe('other-epoch');
  });
});
