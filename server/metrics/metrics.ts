// What the parts tell of what happened on this node, so that somebody can watch it. Owns the contract and its silent form;
// nothing here or in those who call it knows how it is counted. Each call is a counter's increment: cheap enough for a
// push, and never made for each reader of one.
import type { ErrorCode } from '../../shared/errors.js';
import type { Kind } from '../socket/limits.js';

export type Outcome = 'ok' | ErrorCode;

/** What is read when somebody looks, and costs nothing before. */
export interface Gauges {
  connections(): { websocket: number; polling: number; slow: number };
  threadsLive(): number;
  /** A connection that reads two threads counts twice. */
  readers(): number;
  hintsWaiting(): number;
  /** Requests that have not begun yet, and those that have. */
  requestsWaiting(): number;
  requestsUnderWay(): number;
}

/**
 * Names are of closed sets: those of requests, routes, operations of the store, error codes. Never a site, a key, an
 * author or an address. Times are milliseconds.
 */
export interface Metrics {
  watch(gauges: Gauges): void;
  /** A request of a socket, from its arrival to its answer. `event` is a request's name, or `unknown`. */
  answered(event: string, outcome: Outcome, ms: number): void;
  httpAnswered(route: string, status: number, ms: number): void;
  /** Something was not done, and its client was told why. */
  refused(kind: Kind, code: ErrorCode): void;
  /** One push to so many readers. */
  pushed(readers: number): void;
  /** A thread's news went to its readers, so long after this node knew of the oldest of it. */
  delivered(ms: number): void;
  pumpRead(outcome: 'ok' | 'failed'): void;
  /** One statement that wrote so many replies. */
  committed(replies: number): void;
  slowReader(action: 'taken_off' | 'cut'): void;
  hints(what: 'sent' | 'heard' | 'lost', count: number): void;
  storeBegan(): void;
  storeEnded(operation: string, outcome: 'ok' | 'failed', ms: number): void;
}

const nothing = (): void => {};

/** Where nobody watches. */
export const NO_METRICS: Metrics = Object.freeze({
  watch: nothing,
  answered: nothing,
  httpAnswered: nothing,
  refused: nothing,
  pushed: nothing,
  delivered: nothing,
  pumpRead: nothing,
  committed: nothing,
  slowReader: nothing,
  hints: nothing,
  storeBegan: nothing,
  storeEnded: nothing,
});
