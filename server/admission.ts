// In which order requests are taken on, how many at a time, and which are refused because the process is overloaded. Owns
// the queue; what a refusal looks like is the error's, who may ask how often is the limits'.
import { AppError } from '../shared/errors.js';
import { systemClock, type Clock } from './clock.js';
import type { Log } from './log.js';

/**
 * Begun in one turn of the event loop. What messages a turn brings is up to the network, hundreds where the process is
 * behind; beginning all of them at once would keep health checks, timers and answers waiting for seconds.
 */
const AT_ONCE = 8;
/**
 * And none after so long, or as long as everything else in the turn took, so that this gets its half. A turn accepts one
 * connection (libuv, from 1.45 on): what it takes is what each reader who comes back adds to the wait of all behind them,
 * health checks included.
 */
const TURN_MS = 5;
/** How long a request may wait for its turn where the queue was empty within this time: a burst is let through whole. */
const BURST_MS = 2_000;
/**
 * And where it was not, which is overload: those who are let in are served soon, the rest is told to come again. New
 * readers are shed first. ("Controlled delay", as K. Nichols and V. Jacobson's CoDel with the time-outs of "Fail at
 * Scale", B. Maurer, ACM Queue 13:8.)
 */
const OVERLOADED_MS: Readonly<Record<Work, number>> = { line: 150, join: 150, write: 300, read: 300 };
/**
 * Requests under way, their waiting for the database included. At 2,000 statements a second the last of them waits two
 * seconds, which is what a client is asked to wait anyway; without a bound those that wait time out and are sent again,
 * and none is ever answered in time.
 */
const UNDER_WAY_MAX = 4_000;
const RETRY_MIN_MS = 1_000;
const RETRY_SPREAD_MS = 4_000;
/** How long nothing must have been refused for the overload to be over. */
const OVER_MS = 3_000;

/** What is asked for: a line, a thread to follow, anything that renders or writes, anything that reads. */
export type Work = 'line' | 'join' | 'write' | 'read';

export interface AdmissionOptions {
  log: Pick<Log, 'warn'>;
  clock?: Pick<Clock, 'now' | 'setTimeout'>;
  /** Between 0 and 1. */
  random?: () => number;
}

interface Waiting {
  work: Work;
  since: number;
  begin(done: () => void): void;
  refuse(error: AppError): void;
}

/**
 * Requests begin in the order in which they came, a few in each turn of the event loop. Where more comes than can be done
 * the queue doesn't get empty any more; then who has waited for longer than a moment is refused with `overloaded` and a time
 * (LOAD1). Nothing has to be known of what a request costs, and nothing has to be told when the load is gone.
 */
export class Admission {
  readonly #log: Pick<Log, 'warn'>;
  readonly #clock: Pick<Clock, 'now' | 'setTimeout'>;
  readonly #random: () => number;
  /** In order. */
  readonly #queue = new Set<Waiting>();
  #begunInTurn = 0;
  #turning = false;
  /** When the next turn was asked for. */
  #askedAt = 0;
  #emptyAt: number;
  #underWay = 0;
  #refused = 0;
  #refusedAt = -Infinity;

  constructor({ log, clock = systemClock, random = Math.random }: AdmissionOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#random = random;
    this.#emptyAt = clock.now();
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Resolves when the work may begin; what it gives is to be called when it is done. Rejects with `overloaded`. */
  enter(work: Work): Promise<() => void> {
    return new Promise((begin, refuse) => {
      const waiting = { work, since: this.#clock.now(), begin, refuse };
      if (this.#queue.size === 0) this.#emptyAt = waiting.since;
      if (this.#queue.size === 0 && this.#begunInTurn < AT_ONCE) this.#begin(waiting);
      else this.#queue.add(waiting);
      this.#nextTurn();
    });
  }

  #nextTurn(): void {
    if (this.#turning) return;
    this.#turning = true;
    this.#askedAt = this.#clock.now();
    setImmediate(() => void this.#turn());
  }

  async #turn(): Promise<void> {
    this.#begunInTurn = 0;
    const now = this.#clock.now();
    const untilAt = now + Math.max(TURN_MS, now - this.#askedAt);
    for (const waiting of this.#queue) {
      const isLate = now - waiting.since > this.#patience(waiting.work, now);
      if (!isLate && (this.#begunInTurn >= AT_ONCE || this.#clock.now() > untilAt)) break;
      this.#queue.delete(waiting);
      if (isLate) this.#refuse(waiting, now);
      else {
        this.#begin(waiting);
        await worked();
      }
    }
    this.#turning = false;
    if (this.#queue.size === 0) this.#emptyAt = now;
    if (this.#queue.size > 0 || this.#begunInTurn > 0) this.#nextTurn();
  }

  #patience(work: Work, now: number): number {
    return now - this.#emptyAt < BURST_MS ? BURST_MS : OVERLOADED_MS[work];
  }

  #begin(waiting: Waiting): void {
    if (this.#underWay >= UNDER_WAY_MAX) return this.#refuse(waiting, this.#clock.now());
    this.#begunInTurn += 1;
    this.#underWay += 1;
    let isUnderWay = true;
    waiting.begin(() => {
      if (isUnderWay) this.#underWay -= 1;
      isUnderWay = false;
    });
  }

  /** Says when it is over. */
  #watch(): void {
    const clock = this.#clock;
    clock.setTimeout(() => {
      if (clock.now() - this.#refusedAt < OVER_MS) return this.#watch();
      this.#log.warn({ refused: this.#refused }, 'no longer overloaded');
      this.#refused = 0;
    }, OVER_MS);
  }

  #refuse({ refuse }: Waiting, now: number): void {
    this.#refusedAt = now;
    if (this.#refused++ === 0) {
      this.#log.warn(
        { waiting: this.#queue.size, underWay: this.#underWay },
        'overloaded: a part of what is asked is refused',
      );
      this.#watch();
    }
    const retryAfterMs = Math.round(RETRY_MIN_MS + this.#random() * RETRY_SPREAD_MS);
    refuse(new AppError('overloaded', { retryAfterMs }));
  }
}

/** When everything that was begun waits for something else: Node asks for ticks once no promise has anything to go on with. */
function worked(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
