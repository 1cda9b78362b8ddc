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
  if (!theirs) {
    const asked = tracesAskedFor(env);
    if (asked && 'whyNot' in asked) log.warn(`no traces are sent: ${asked.whyNot}; see docs/operations.md`);
    if (!asked || 'whyNot' in asked) return NO_TRACING;
  }
  const { OpenTelemetry } = await import('./otel.js');
  if (theirs) return new OpenTelemetry(version, () => Promise.resolve());
  const { startSdk } = await import('./sdk.js');
  const stop = startSdk(version, log);
  // Who receives them may be away.
  return new OpenTelemetry(version, () => Promise.race([stop(), pause(STOP_MS, undefined, { ref: false })]));
}

/**
 * What OpenTelemetry's variables ask for: nothing (null), traces sent to an address, or something that can't be had.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function tracesAskedFor(env: Environment): { url: string } | { whyNot: string } | null {
  const of = (...names: string[]): string | undefined => names.map((name) => env[name]?.trim()).find(Boolean);
  const exporter = of('OTEL_TRACES_EXPORTER')?.toLowerCase();
  if (of('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || exporter === 'none') return null;
  const own = of('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const shared = of('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (!own && !shared && exporter !== 'otlp') return null;
  const protocol = of('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL') ?? PROTOCOL;
  if (protocol !== PROTOCOL || (exporter ?? 'otlp') !== 'otlp')
    return { whyNot: `traces are sent by OTLP as ${PROTOCOL} only, not as ${exporter ?? 'otlp'} by ${protocol}` };
  const url = own ?? `${(shared ?? 'http://localhost:4318').replace(/\/$/, '')}/v1/traces`;
  return /^https?:/.test(url) && URL.canParse(url)
    ? { url }
    : { whyNot: `OTEL_EXPORTER_OTLP_${own ? 'TRACES_' : ''}ENDPOINT is no http or https address` };
}
