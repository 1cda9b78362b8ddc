// How long what could not be had or saved waits before it is asked for again.
import type { ErrorBody } from '../../../shared/errors.js';

/** Where the server says nothing else. */
export const AGAIN_MS = 1_000;

/** Until it may be asked again after this answer. */
export function pauseAfter({ retryAfterMs = AGAIN_MS }: ErrorBody): Promise<void> {
  return new Promise((again) => setTimeout(again, retryAfterMs));
}
