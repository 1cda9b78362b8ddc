// How long ago, in words. Owns the choice of the unit; the words come from Intl.

/** How many of a unit make the next one. After that many days a date says more: "5 weeks ago" does not. */
const UNITS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 28],
] as const;

/** Times in one language. Making Intl's formats is slow, using them is not: they are made once. */
export class Times {
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #date: Intl.DateTimeFormat;

  constructor(lang: string) {
    this.#relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
    this.#date = new Intl.DateTimeFormat(lang, { dateStyle: 'medium' });
  }

  /**
   * `then` and `now` in Unix milliseconds. Within the first minute it is simply now, and so it is when the server's clock
   * is ahead of this one: a reply from the future only confuses.
   */
  ago(then: number, now: number): string {
    let past = Math.max(0, Math.floor((now - then) / 1000));
    for (const [unit, size] of UNITS) {
      if (past < size) return this.#relative.format(unit === 'second' ? 0 : -past, unit);
      // Days change at the reader's midnight, to the hour: Monday evening is not yesterday on Wednesday morning.
      past = Math.floor((size < 60 ? past + 23 - new Date(now).getHours() : past) / size);
    }
    return this.#date.format(then);
  }
}
