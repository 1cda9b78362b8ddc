// Whether there are traces: OpenTelemetry's own variables ask for them, or the owner has registered an SDK before
// (`node --import`). Nothing of it is loaded where neither is so.
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.js';
import { NO_TRACING, type Tracing } from './tracing.js';

const PROTOCOL = 'http/protobuf';
const STOP_MS = 2_000;
/** Where every copy of OpenTelemetry's interface finds what was registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

type Environment = Readonly<Record<string, string | undefined>>;

export async function startTracing(env: Environment, version: string, log: Log): Promise<Tracing> {
  const theirs = (globalThis as { [REGISTERED]?: { trace?: unknown } })[REGISTERED]?.trace !== undefined;
  if (!theirs && !isWanted(env, log)) return NO_TRACING;
  const { OpenTelemetry } = await import('./otel.js');
  if (theirs) return new OpenTelemetry(version, () => Promise.resolve());
  const { startSdk } = await import('./sdk.js');
  const stop = startSdk(version, log);
  // Who receives them may be away.
  return new OpenTelemetry(version, () => Promise.race([stop(), pause(STOP_MS, undefined, { ref: false })]));
}

function isWanted(env: Environment, log: Log): boolean {
  const isSet = (name: string): boolean => (env[name]?.trim() ?? '') !== '';
  const exporter = env['OTEL_TRACES_EXPORTER']?.trim().toLowerCase();
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true' || exporter === 'none') return false;
  const endpoint = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'].some(isSet);
  if (!endpoint && exporter !== 'otlp') return false;
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? PROTOCOL;
  if (protocol.trim() === PROTOCOL && (exporter ?? 'otlp') === 'otlp') return true;
  log.warn({ protocol, exporter }, `traces are sent by OTLP as ${PROTOCOL} only: none are; see docs/operations.md`);
  return false;
}
