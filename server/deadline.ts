// How long anything may keep a client waiting.
import { AppError } from '../shared/errors.js';

/**
 * Longer than a statement may take on a database that answers, shorter than a client waits before it asks again
 * (`REQUEST_TIMEOUT_MS`): only a line that swallows everything comes to this.
 */
export const ANSWER_WITHIN_MS = 6_000;
export const RETRY_AFTER_MS = 2_000;

/**
 * The outcome of `work`, or `overloaded` where there is none in time. The work goes on: what it writes may yet be
 * written, so a request must be safe to send again (REQ1).
 */
export function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new AppError('overloaded', { retryAfterMs: RETRY_AFTER_MS })),
      ANSWER_WITHIN_MS,
    );
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
