// Spans by way of OpenTelemetry's interface, for whichever SDK was registered behind it.
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Tracer,
} from '@opentelemetry/api';

import { NO_SPAN, type Span, type SpanOptions, type Tracing } from './tracing.js';

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER } as const;

export class OpenTelemetry implements Tracing {
  readonly #tracer: Tracer;
  readonly stop: () => Promise<void>;

  constructor(version: string, stop: () => Promise<void>) {
    this.#tracer = trace.getTracer('afterword', version);
    this.stop = stop;
  }

  begin(name: string, { attributes = {}, kind, carrier, root = false, inner = false }: SpanOptions): Span {
    const parent = carrier ? propagation.extract(ROOT_CONTEXT, carrier) : root ? ROOT_CONTEXT : current();
    if (inner && !trace.getSpan(parent)) return NO_SPAN;
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent);
    const within = trace.setSpan(parent, span);
    return {
      run: (work) => context.with(within, work),
      end: (more, outcome) => {
        span.setAttributes(more);
        if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }
}

/** Loops that a request has set off go on when it was answered: what they do then is no part of it. */
function current(): Context {
  const active = context.active();
  const span = trace.getSpan(active);
  const sampled = span !== undefined && (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
  return sampled && !span.isRecording() ? ROOT_CONTEXT : active;
}
