// Errors over HTTP: RFC 9457 problem details with the codes of the wire.
import type { FastifyInstance, FastifyReply } from 'fastify';

import { AppError, ERRORS, type ErrorBody } from '../../shared/errors.js';
import { toErrorBody } from '../errors.js';
import type { Log } from '../log.js';

/** Sends `{ type, title, status, detail, code, ... }`; `retryAfterMs` also as the standard header. */
export function sendProblem(reply: FastifyReply, body: ErrorBody): FastifyReply {
  const { code, message, ...details } = body;
  const { status, message: title } = ERRORS[code];
  if (details.retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(details.retryAfterMs / 1000));
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail: message, code, ...details }));
}

export function useProblems(http: FastifyInstance, log: Log): void {
  http.setNotFoundHandler((_request, reply) => sendProblem(reply, new AppError('not_found').toBody()));
  http.setErrorHandler((error, request, reply) => {
    const status = (error as { statusCode?: unknown }).statusCode;
    // The framework's own refusals (a malformed address, a body that is too large) are the client's.
    const isTheirs = typeof status === 'number' && status >= 400 && status < 500;
    const cause = isTheirs ? new AppError('invalid', { message: (error as Error).message }) : error;
    return sendProblem(reply, toErrorBody(cause, log, { route: request.routeOptions.url ?? 'unknown' }));
  });
}
