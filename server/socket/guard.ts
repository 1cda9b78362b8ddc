// The one way in: every message of a socket is counted, parsed, charged, answered, and its errors converted here.
// Handlers get a typed payload and return data or throw.
import type { z } from 'zod';

import { invalid, type ErrorBody } from '../../shared/errors.js';
import { isId } from '../../shared/ids.js';
import type { Admission, Work } from '../admission.js';
import { inTime } from '../deadline.js';
import { toErrorBody } from '../errors.js';
import { tenths, type Log } from '../log.js';
import type { Metrics, Outcome } from '../metrics/metrics.js';
import { NO_TRACING, type Tracing } from '../tracing/tracing.js';
import type { Kind, RateLimits } from './limits.js';
import type { ClientSocket } from './session.js';

export interface Route {
  schema: z.ZodType;
  kind: Kind;
  /** `undefined` as data: the request has no answer. */
  handle(payload: never, socket: ClientSocket): unknown;
}

/** Characters of a client's own words that are told back or logged. */
const FIELD_MAX = 64;
const MESSAGE_MAX = 200;

type Acknowledge = (answer: { ok: true; data: unknown } | { ok: false; error: ErrorBody }) => void;

export interface GuardOptions {
  routes: ReadonlyMap<string, Route>;
  limits: RateLimits;
  admission: Pick<Admission, 'enter'>;
  log: Log;
  metrics: Metrics;
  tracing?: Tracing;
  /** Brings what the session knows of its site up to date. */
  refresh(socket: ClientSocket): Promise<void>;
  payer(socket: ClientSocket): { socket: string; author: string | undefined; address: string };
}

/** Makes a socket's listener for `onAny`. It never throws and never rejects. An event may be a number, too. */
export function guard(options: GuardOptions, socket: ClientSocket): (event: unknown, ...args: unknown[]) => void {
  return (event, ...args) => void answer(options, socket, event, args);
}

async function answer(options: GuardOptions, socket: ClientSocket, name: unknown, args: unknown[]): Promise<void> {
  const event = String(name).slice(0, FIELD_MAX);
  const acknowledge = typeof args.at(-1) === 'function' ? (args.pop() as Acknowledge) : () => {};
  const began = performance.now();
  const route = options.routes.get(event);
  const known = route ? event : 'unknown';
  const { tracing = NO_TRACING } = options;
  const span = tracing.begin(known, { kind: 'server', root: true, attributes: { 'afterword.connection': socket.id } });
  let outcome: Outcome = 'ok';
  try {
    options.limits.charge(route?.kind ?? 'read', options.payer(socket));
    if (!route) throw invalid('event', 'There is no such request.');
    if (args.length !== 1) throw invalid('payload', 'A request has exactly one payload.');
    // Before it queues: all who wait for the same site go on in the same moment, which nothing in the queue may do.
    await span.run(() => inTime(options.refresh(socket)));
    const done = await options.admission.enter(workOf(route.kind));
    // Until the work is over, which a client that was told `overloaded` meanwhile doesn't wait for.
    const work = span.run(() => perform(route, args[0], socket)).finally(done);
    acknowledge({ ok: true, data: await inTime(work) });
  } catch (error) {
    const body = toErrorBody(error, options.log, { event, connection: socket.id });
    outcome = body.code;
    options.metrics.refused(route?.kind ?? 'read', outcome);
    acknowledge({ ok: false, error: body });
  }
  const ms = performance.now() - began;
  options.metrics.answered(known, outcome, ms);
  const isFault = outcome === 'internal' || outcome === 'overloaded';
  span.end({ 'afterword.outcome': outcome }, isFault ? 'failed' : 'ok');
  if (options.log.isLevelEnabled('debug')) {
    const told = { connection: socket.id, event: known, outcome, ms: tenths(ms) };
    options.log.debug({ ...told, ...replyOf(event, args[0]) }, 'request');
  }
}

/** Which reply a request is about, for the log: an id alone, whatever was sent. */
function replyOf(event: string, payload: unknown): { reply?: string } {
  const { id } = (payload ?? {}) as { id?: unknown };
  return event.startsWith('reply:') && typeof id === 'string' && isId(id) ? { reply: id } : {};
}

async function perform(route: Route, payload: unknown, socket: ClientSocket): Promise<unknown> {
  return await route.handle(parse(route.schema, payload) as never, socket);
}

function workOf(kind: Kind): Work {
  return kind === 'join' || kind === 'read' ? kind : 'write';
}

/** Throws `invalid` with the first field that is wrong. What is told of it stays short, whatever was sent. */
export function parse<T>(schema: z.ZodType<T>, payload: unknown): T {
  if (!isPlainObject(payload)) throw invalid('payload', 'A payload is an object.');
  // The schema library ignores this one key, which JSON can carry as an ordinary one.
  for (const part of [payload, ...Object.values(payload)]) {
    if (isPlainObject(part) && Object.hasOwn(part, '__proto__')) throw invalid('__proto__', 'There is no such field.');
  }
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
  throw invalid(keys.join('.').slice(0, FIELD_MAX) || 'payload', issue.message.slice(0, MESSAGE_MAX));
}

/** Not null, no list, no binary data. */
function isPlainObject(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]';
}
