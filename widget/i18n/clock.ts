// When exactly, in one language. Part of the second download: who reads first wants to know how long ago.

export class Clock {
  readonly #moment: Intl.DateTimeFormat;
  readonly #time: Intl.DateTimeFormat;

  constructor(lang: string) {
    this.#moment = new Intl.DateTimeFormat(lang, { dateStyle: 'full', timeStyle: 'short' });
    this.#time = new Intl.DateTimeFormat(lang, { timeStyle: 'short' });
  }

  /** The moment in full; `time` in Unix milliseconds. */
  moment(time: number): string {
    return this.#moment.format(time);
  }

  /** The time of the day: "12:04". */
  time(time: number): string {
    return this.#time.format(time);
  }
}
