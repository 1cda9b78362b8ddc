// How long ago, in words, and the other rules of one language. Owns the choice of the unit; the words come from Intl.

/** How many of a unit make the next one. After that many days a date says more: "5 weeks ago" does not. */
const UNITS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 28],
] as const;

interface Formats {
  PluralRules: Intl.PluralRules;
  NumberFormat: Intl.NumberFormat;
  RelativeTimeFormat: Intl.RelativeTimeFormat;
  DateTimeFormat: Intl.DateTimeFormat;
}

/** One language. Making Intl's formats is slow, using them is not: each is made once, and when it is first needed. */
export class Times {
  readonly #lang: string;
  readonly #made: Record<string, unknown> = {};

  constructor(lang: string) {
    this.#lang = lang;
  }

  /** The format of this kind with these options. */
  by<K extends keyof Formats>(kind: K, options?: object): Formats[K] {
    const Format = Intl[kind] as unknown as new (lang: string, options?: object) => Formats[K];
    return (this.#made[kind + JSON.stringify(options)] ??= new Format(this.#lang, options)) as Formats[K];
  }

  /**
   * `then` and `now` in Unix milliseconds. Within the first minute it is simply now, and so it is when the server's clock
   * is ahead of this one: a reply from the future only confuses.
   */
  ago(then: number, now: number): string {
    let past = Math.max(0, Math.floor((now - then) / 1000));
    for (const [unit, size] of UNITS) {
      if (past < size)
        return this.by('RelativeTimeFormat', { numeric: 'auto' }).format(unit === 'second' ? 0 : -past, unit);
      // Days change at the reader's midnight, to the hour: Monday evening is not yesterday on Wednesday morning.
      past = Math.floor((size < 60 ? past + 23 - new Date(now).getHours() : past) / size);
    }
    return this.by('DateTimeFormat', { dateStyle: 'medium' }).format(then);
  }
}
