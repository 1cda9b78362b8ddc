// How long ago, in words. Owns the choice of the unit; the words come from Intl.

/** How many of a unit make the next one. After that many days a date says more: "5 weeks ago" does not. */
const UNITS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 28],
] as const;

/** The time of the day: "12:04". */
export function clock(time: number, lang: string): string {
  return new Date(time).toLocaleTimeString(lang, { timeStyle: 'short' });
}

/**
 * `then` and `now` in Unix milliseconds. Within the first minute it is simply now, and so it is when the server's clock
 * is ahead of this one: a reply from the future only confuses.
 */
export function relativeTime(then: number, now: number, lang: string): string {
  let past = Math.max(0, Math.floor((now - then) / 1000));
  for (const [unit, size] of UNITS) {
    if (past < size) {
      return new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }).format(unit === 'second' ? 0 : -past, unit);
    }
    past = Math.floor(past / size);
  }
  return new Date(then).toLocaleDateString(lang, { dateStyle: 'medium' });
}
