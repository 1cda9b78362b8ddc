// What the widget does about each error code: one table for the handshake, for joins and for the outbox.
import type { ErrorBody, ErrorCode } from '../../shared/errors.js';

/**
 * `give-up`: asking again can't help. A discussion that can't be joined shows why in place of the list; a reply keeps its
 * text, is marked failed and says why.
 * `identify`: ask for a guest's token (again), once, then try the same once more; after that, give up.
 * `wait`: try the same again, under the same id, after `retryAfterMs` or a growing, jittered time.
 */
export type Reaction = 'give-up' | 'identify' | 'wait';

const REACTIONS: Record<ErrorCode, Reaction> = {
  invalid: 'give-up',
  protocol_unsupported: 'give-up',
  site_unknown: 'give-up',
  origin_refused: 'give-up',
  token_invalid: 'identify',
  sign_in_required: 'identify',
  forbidden: 'give-up',
  not_found: 'give-up',
  conflict: 'give-up',
  thread_closed: 'give-up',
  too_late: 'give-up',
  parent_gone: 'give-up',
  rate_limited: 'wait',
  overloaded: 'wait',
  internal: 'wait',
};

/** A code of a later server, that this widget doesn't know, says by its `retry` what it means. */
export function reactionTo({ code, retry }: ErrorBody): Reaction {
  return REACTIONS[code] ?? (retry === 'never' ? 'give-up' : 'wait');
}

/** Stands for an answer that never came, towards those who asked for it. */
export const NO_ANSWER: ErrorBody = {
  code: 'overloaded',
  message: 'There was no answer.',
  retry: 'later',
};
