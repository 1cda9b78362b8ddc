// Converts whatever was thrown into what a client is told, once, at the edge. Nothing of the cause leaves but an id.
import { AppError, type ErrorBody } from '../shared/errors.js';
import { newId } from '../shared/ids.js';
import type { Log } from './log.js';

/** How long a client should wait for a database that is away or too busy. */
const DATABASE_RETRY_MS = 2_000;

/** Node's and the driver's codes for a line to the database that is down, and SQLSTATEs that pass by themselves. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  '25P03', // a transaction that waited for us for too long
  '25P04', // a transaction that took too long
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock timeout
  '57014', // statement timeout
  '57P01', // shut down by an administrator
  '57P02', // crash of another backend
  '57P03', // starting up or shutting down
]);

/** Whether the database is away or over its limits: the same request may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = String((error as { code?: string | number }).code ?? '');
  // Classes 08 (connection) and 53 (resources); Drizzle wraps what the driver throws.
  return AWAY.has(code) || /^(08|53)\w{3}$/.test(code) || isDatabaseAway(error.cause);
}

/** What the client is told; unexpected errors are logged with the id that it can quote. */
export function toErrorBody(error: unknown, log: Log, context: Record<string, unknown>): ErrorBody {
  if (error instanceof AppError) return error.toBody();
  if (isDatabaseAway(error)) {
    log.warn({ ...context, error }, 'the database is away or busy');
    return new AppError('overloaded', { retryAfterMs: DATABASE_RETRY_MS }).toBody();
  }
  const id = newId();
  log.error({ ...context, error, errorId: id }, 'unexpected error');
  return new AppError('internal', { id }).toBody();
}
