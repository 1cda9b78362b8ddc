import { describe, expect, it } from 'vitest';
import { SAMPLE, SAMPLE_KEY, SAMPLE_TITLE } from '../../demo/sample.js';
import { isId } from '../../shared/ids.js';
import { BODY_MAX, DEPTH_MAX, KEY_MAX, NAME_MAX, TITLE_MAX } from '../../shared/limits.js';

describe('the sample thread', () => {
  it('has seven replies with ids of their own, in the form of UUIDv7', () => {
    expect(SAMPLE).toHaveLength(7);
    expect(new Set(SAMPLE.map(({ id }) => id)).size).toBe(7);
    for (const { id, author } of SAMPLE) {
      for (const one of [id, author.id]) {
        expect(isId(one), one).toBe(true);
        expect(one[14], one).toBe('7');
      }
    }
  });

  it('has every parent stand before its children and never younger than they', () => {
    const seen = new Map<string, number>();
    for (const { id, parent, minutesAgo } of SAMPLE) {
      if (parent !== null) expect(seen.get(parent)).toBeGreaterThan(minutesAgo);
      seen.set(id, minutesAgo);
    }
  });

  it('is written in the order of time, so that order on screen and times agree [SEQ5]', () => {
    const times = SAMPLE.map(({ minutesAgo }) => minutesAgo);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times.at(-1)).toBeGreaterThan(0);
  });

  it('nests to the third level, and no deeper than may be answered', () => {
    const depths = new Map<string | null, number>([[null, -1]]);
    for (const { id, parent } of SAMPLE) depths.set(id, depths.get(parent)! + 1);
    expect(Math.max(...depths.values())).toBe(2);
    expect(2).toBeLessThan(DEPTH_MAX);
  });

  it('has one list, one long reply and one by the article’s author', () => {
    expect(SAMPLE.filter(({ body }) => /^(?:\d+\.|[-*]) /m.test(body))).toHaveLength(1);
    expect(SAMPLE.filter(({ body }) => body.split('\n\n').length >= 4 && body.length > 800)).toHaveLength(1);
    expect(SAMPLE.filter(({ author }) => author.badge === 'owner')).toHaveLength(1);
  });

  it('gives one person one name and one badge', () => {
    const people = new Map<string, string>();
    for (const { author } of SAMPLE) {
      const shown = `${author.name} (${author.badge})`;
      expect(people.get(author.id) ?? shown).toBe(shown);
      people.set(author.id, shown);
    }
    expect(people.size).toBeGreaterThanOrEqual(5);
  });

  it('keeps within the limits of the protocol', () => {
    expect(SAMPLE_KEY.length).toBeLessThanOrEqual(KEY_MAX);
    expect(SAMPLE_TITLE.length).toBeLessThanOrEqual(TITLE_MAX);
    for (const { body, author } of SAMPLE) {
      expect(body.trim()).toBe(body);
      expect(body.length).toBeLessThanOrEqual(BODY_MAX);
      expect(author.name.length).toBeLessThanOrEqual(NAME_MAX);
    }
  });
});
