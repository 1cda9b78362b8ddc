// A face from nothing but the author's id and name: no request, nothing that tracks.

/** The same hue for the same author everywhere, in degrees; neighbouring ids lie far apart. */
export function hue(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return hash % 360;
}

/** One or two letters: of the first and of the last word, by whole characters (a name may begin with any script). */
export function initials(name: string): string {
  const firsts = name.match(/(?<!\S)\S/gu) ?? [''];
  return (firsts[0] + (firsts.length > 1 ? firsts.at(-1)! : '')).toUpperCase();
}
