// Whole numbers as people write them, in settings and addresses.

/** In decimal digits alone, nine at most; undefined for anything else, and outside these bounds. */
export function whole(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}
