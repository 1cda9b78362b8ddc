// Errors over HTTP: RFC 9457 problem details with the codes of the wire.
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { AppError, ERRORS, type ErrorBody } from '../../shared/errors.js';
import { toErrorBody } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';

/** Addresses are told back, as far as this. */
const MESSAGE_MAX = 200;

interface Problem {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** `{ type, title, status, detail, code, ... }`; `retryAfterMs` also as the standard header. */
function problemOf({ code, message, ...details }: ErrorBody): Problem {
  const { status, message: title } = ERRORS[code];
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  };
  if (details.retryAfterMs !== undefined) headers['retry-after'] = `${Math.ceil(details.retryAfterMs / 1000)}`;
  return {
    status,
    headers,
    text: JSON.stringify({ type: 'about:blank', title, status, detail: message, code, ...details }),
  };
}

export function sendProblem(reply: FastifyReply, body: ErrorBody): FastifyReply {
  const { status, headers, text } = problemOf(body);
  return reply.code(status).headers(headers).send(text);
}

/** The same past the framework. */
export function writeProblem(response: ServerResponse, body: ErrorBody): void {
  const { status, headers, text } = problemOf(body);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

/** The same on a bare connection, which ends with it. */
export function refuseUpgrade(socket: Duplex, body: ErrorBody): void {
  const { status, headers, text } = problemOf(body);
  const all = { ...headers, connection: 'close', 'content-length': `${Buffer.byteLength(text)}` };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  // Who asked for it may be gone; nobody else listens any more.
  socket.on('error', () => {});
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'), () => socket.destroy());
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
