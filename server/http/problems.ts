// Errors over HTTP: RFC 9457 problem details with the codes of the wire.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { AppError, ERRORS, type ErrorBody } from '../../shared/errors.js';
import { toErrorBody } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';

/** Addresses are told back, as far as this. */
const MESSAGE_MAX = 200;

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

export function useProblems(http: FastifyInstance, { log, metrics }: { log: Log; metrics: Metrics }): void {
  http.setNotFoundHandler((_request, reply) => sendProblem(reply, new AppError('not_found').toBody()));
  http.setErrorHandler((error, request, reply) => {
    const cause = theirs(error) ?? error;
    const body = toErrorBody(cause, log, { request: request.id, route: request.routeOptions.url ?? 'unknown' });
    metrics.refused('http', body.code);
    return sendProblem(reply, body);
  });
}

/** For Fastify's `frameworkErrors`: addresses that no route could be looked for. */
export function refuseAddress(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  void sendProblem(reply, (theirs(error) ?? new AppError('invalid')).toBody());
}

/** The framework's own refusals (a malformed address, a body that is too large) are the client's fault. */
function theirs(error: unknown): AppError | null {
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  const isTheirs = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isTheirs ? new AppError('invalid', { message: String(message).slice(0, MESSAGE_MAX) }) : null;
}
