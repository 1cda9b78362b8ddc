// What somebody probably meant by a word that is none of those that there are.

/** The word nearest to `given`, if one is near enough to be meant. */
export function nearest(given: string, words: readonly string[]): string | undefined {
  const near = words
    .map((word) => ({ word, away: distance(given, word) }))
    .filter(({ word, away }) => away <= Math.ceil(word.length / 4));
  return near.toSorted((a, b) => a.away - b.away)[0]?.word;
}

/** How many letters to insert, remove, replace, or swap with their neighbour. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const [before, above] = [rows[i - 2], rows[i - 1]!];
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = before && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          above[j]! + 1,
          row[j - 1]! + 1,
          above[j - 1]! + (same ? 0 : 1),
          swapped ? before[j - 2]! + 1 : Infinity,
        ),
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
