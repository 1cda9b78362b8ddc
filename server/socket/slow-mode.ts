// Slows the writers of a thread down, each by the same, where more is written than anybody can read (LIM2). Owns how lively
// each thread is, and who wrote there when; nothing is stored.
import { AppError } from '../../shared/errors.js';
import type { Clock } from '../clock.js';
import { Fading } from '../fading.js';
import { networkOf, placeOf } from './addresses.js';

/** Over how long a thread's liveliness is averaged. */
const WINDOW_MS = 10_000;
/** Replies a second beyond which nobody reads along. */
const HOT_PER_SECOND = 5;
/**
 * What one place may add to that: a school writes more, but so does one script with many names, which must not make others
 * wait. What it writes beyond that slows down its own network alone.
 */
const PLACE_PER_SECOND = 1;
/**
 * What all that was written on other nodes may add, where nobody here knows how many wrote it: with one place that writes here
 * besides, it is not enough.
 */
const ELSEWHERE_PER_SECOND = 3;
/** How long each waits between two replies where a thread just is hot; longer in proportion, up to the second figure. */
const GAP_MS = 10_000;
const GAP_MAX_MS = 60_000;
const THREADS_KEPT = 10_000;
const WRITERS_KEPT = 50_000;
/** From the moment in which a reply may be written until it is pushed. */
const UNDER_WAY_MS = 60_000;

interface Writing {
  thread: string;
  reply: string;
  author: string;
  address: string;
}

export class SlowMode {
  readonly #isOn: boolean;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #threads = new Rates(THREADS_KEPT);
  /** Of each place in a thread, what of its replies counts for the thread. */
  readonly #shares = new Rates(WRITERS_KEPT);
  /** Of each network in a thread, all of its replies. */
  readonly #networks = new Rates(WRITERS_KEPT);
  readonly #wroteAt = new Fading<number>({ keptMs: GAP_MAX_MS, max: WRITERS_KEPT });
  /** By reply: which network it comes from. */
  readonly #underWay = new Fading<string | null>({ keptMs: UNDER_WAY_MS, max: WRITERS_KEPT });

  constructor({ isOn, clock }: { isOn: boolean; clock: Pick<Clock, 'now'> }) {
    this.#isOn = isOn;
    this.#clock = clock;
  }

  /** These replies are new in a thread, wherever they were written. */
  wrote(threadId: string, replies: readonly string[]): void {
    if (!this.#isOn) return;
    const now = this.#clock.now();
    for (const reply of replies) {
      const network = this.#underWay.get(reply, now) ?? null;
      const place = network === null ? '' : placeOf(network);
      const share = `${threadId} ${place}`;
      const most = network === null ? ELSEWHERE_PER_SECOND : PLACE_PER_SECOND;
      const counts = Math.min(ONE, most - this.#shares.at(share, now));
      if (counts > 0) {
        this.#shares.add(share, counts, now);
        this.#threads.add(threadId, counts, now);
      }
      if (network !== null) this.#networks.add(`${threadId} ${network}`, ONE, now);
    }
  }

  /**
   * Throws `rate_limited` with the time after which this author may write there. What it gives is to be called where nothing
   * came of the reply: then it does not count.
   */
  mustWait({ thread, reply, author, address }: Writing): () => void {
    if (!this.#isOn) return () => {};
    const now = this.#clock.now();
    const network = networkOf(address);
    const rate = Math.max(this.#threads.at(thread, now), this.#networks.at(`${thread} ${network}`, now));
    const gapMs = rate < HOT_PER_SECOND ? 0 : Math.min((GAP_MS * rate) / HOT_PER_SECOND, GAP_MAX_MS);
    const key = `${thread} ${author}`;
    const before = this.#wroteAt.get(key, now) ?? -Infinity;
    const waitMs = before + gapMs - now;
    if (waitMs > 0) throw new AppError('rate_limited', { retryAfterMs: Math.ceil(waitMs) });
    // Before it stands: several at once are no way around it.
    this.#wroteAt.set(key, now, now);
    this.#underWay.set(reply, network, now);
    return () => {
      this.#wroteAt.set(key, before, this.#clock.now());
      this.#underWay.set(reply, null, this.#clock.now());
    };
  }
}

/** One reply, as a rate over the window. */
const ONE = 1_000 / WINDOW_MS;

/** How much a second, on average over the window: falls by the factor e within one in which nothing comes. */
class Rates {
  readonly #known: Fading<{ perSecond: number; at: number }>;

  constructor(max: number) {
    // After ten windows nothing is left.
    this.#known = new Fading({ keptMs: 10 * WINDOW_MS, max });
  }

  at(key: string, now: number): number {
    const known = this.#known.get(key, now);
    return known ? known.perSecond * Math.exp((known.at - now) / WINDOW_MS) : 0;
  }

  add(key: string, perSecond: number, now: number): void {
    this.#known.set(key, { perSecond: this.at(key, now) + perSecond, at: now }, now);
  }
}
