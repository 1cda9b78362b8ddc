// Owns finding the names of people behind an `@` in a text. Knows no ids: who has which name is asked elsewhere.

/** Whose names count, and those that were found. */
export interface Mentions {
  readonly names: ReadonlySet<string>;
  readonly found: Set<string>;
}

/**
 * Splits a text at its mentions: every second part is one, with its `@`. A name counts as it is written, the longest
 * one first, and only where no letter or digit touches it: `ana@example.org` and `@Anabel` name no Ana.
 */
export function splitMentions(text: string, { names, found }: Mentions): string[] {
  if (names.size === 0 || !text.includes('@')) return [text];
  const longestFirst = [...names]
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const parts = text.split(new RegExp(`(?<![\\p{L}\\p{N}_@])(@(?:${longestFirst.join('|')}))(?![\\p{L}\\p{N}_])`, 'u'));
  for (let i = 1; i < parts.length; i += 2) found.add(parts[i]!.slice(1));
  return parts;
}
