// How fast replies arrive, and whether that is too fast to be read one by one. Owns the reckoning; knows no page.

const WINDOW_S = 4;
/** More than this in the window, lumps left out: more than five a second over some seconds. */
const HOT = 20;
/** It is over at less than two a second, so that it does not come and go. */
const COOL = 8;
/** Of one second no more than this counts: what a line brings when it is back is a lump and no flood. */
const LUMP = 10;

export class Heat {
  /** Arrivals by the second in which they came, the last of them first. */
  #seconds: number[] = [];
  #second = 0;
  #isHot = false;

  /** Counts `n` more. `now`: Unix time in milliseconds. */
  add(n: number, now: number): void {
    this.#moveTo(now);
    this.#seconds[0]! += n;
  }

  isHot(now: number): boolean {
    this.#moveTo(now);
    const sum = this.#seconds.reduce((all, n) => all + Math.min(n, LUMP), 0);
    return (this.#isHot = sum > (this.#isHot ? COOL : HOT));
  }

  #moveTo(now: number): void {
    const second = Math.floor(now / 1_000);
    const past = Math.min(WINDOW_S, Math.max(0, second - this.#second));
    this.#second = Math.max(second, this.#second);
    this.#seconds = [...Array<number>(past).fill(0), ...this.#seconds].slice(0, WINDOW_S);
  }
}
