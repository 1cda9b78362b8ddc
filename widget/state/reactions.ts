// What the widget does about an error: the same for the handshake, for joins and for the outbox.
import type { ErrorBody } from '../../shared/errors.js';

/**
 * `give-up`: asking again can't help. A discussion that can't be joined shows why in place of the list; a reply keeps its
 * text, is marked failed and says why.
 * `identify`: ask for a guest's token (again), once, then try the same once more; after that, give up.
 * `wait`: try the same again, under the same id, after `retryAfterMs` or a growing, jittered time.
 */
export type Reaction = 'give-up' | 'identify' | 'wait';

/** By the code where this browser can do something about it; else by what the server says of trying again, in any version. */
export function reactionTo({ code, retry }: ErrorBody): Reaction {
  if (code === 'token_invalid' || code === 'sign_in_required') return 'identify';
  return retry === 'never' ? 'give-up' : 'wait';
}

/** Stands for an answer that never came, towards those who asked for it. */
export const NO_ANSWER: ErrorBody = {
  code: 'overloaded',
  message: '',
  retry: 'later',
};
