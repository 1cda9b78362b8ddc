// The closed list of error codes, and what each means for a client and for HTTP. Owns no text that readers see:
// the widget chooses its own words from the code.
import type { Reply } from './views.js';

/**
 * `never`: the same request can't succeed. `later`: the same request may succeed after a while (`retryAfterMs` where
 * the server knows). `resync`: join the thread again, then decide.
 */
export type Retry = 'never' | 'later' | 'resync';

interface ErrorKind {
  retry: Retry;
  status: number;
  message: string;
}

export const ERRORS = {
  invalid: { retry: 'never', status: 400, message: 'The request is not valid.' },
  protocol_unsupported: {
    retry: 'never',
    status: 400,
    message: 'This protocol number is not served. Reload the page.',
  },
  site_unknown: { retry: 'never', status: 404, message: 'There is no site of this name here.' },
  origin_refused: { retry: 'never', status: 403, message: 'This site does not accept pages of this origin.' },
  token_invalid: { retry: 'never', status: 401, message: 'The token is not valid here. Sign in or give a name again.' },
  sign_in_required: { retry: 'never', status: 401, message: 'Give a name or sign in first.' },
  forbidden: { retry: 'never', status: 403, message: 'You may not do this.' },
  not_found: { retry: 'never', status: 404, message: 'There is nothing of this id here.' },
  conflict: { retry: 'never', status: 409, message: 'It was changed in the meantime.' },
  thread_closed: { retry: 'never', status: 403, message: 'This discussion is closed.' },
  too_late: { retry: 'never', status: 403, message: 'The time for this is over.' },
  parent_gone: { retry: 'never', status: 410, message: 'The reply that this answers was removed.' },
  rate_limited: { retry: 'later', status: 429, message: 'Too fast. Wait a little.' },
  overloaded: { retry: 'later', status: 503, message: 'The server can not do this right now. Try again shortly.' },
  internal: { retry: 'later', status: 500, message: 'Something failed on the server.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** What goes over the wire. `field` names what was wrong in an `invalid`, `current` the reply as it now is in a `conflict`. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  retry: Retry;
  retryAfterMs?: number;
  field?: string;
  current?: Reply;
  /** Of an `internal`: the id under which the server's log has the cause. */
  id?: string;
}

export interface ErrorDetails {
  message?: string;
  retryAfterMs?: number;
  field?: string;
  current?: Reply;
  id?: string;
}

/** Thrown by use cases, converted once at the edge. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? ERRORS[code].message);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }

  toBody(): ErrorBody {
    return { code: this.code, retry: ERRORS[this.code].retry, ...this.details, message: this.message };
  }
}

/** An `invalid` that names its field. */
export function invalid(field: string, message: string): AppError {
  return new AppError('invalid', { field, message });
}
