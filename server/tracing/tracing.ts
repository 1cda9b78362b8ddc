// Spans: what belongs to one request, and how long each part of it took. Owns the contract and its silent form; only the
// neighbouring files know OpenTelemetry.

/** Of closed sets, or ids; never a text, a name, a key or an address. */
export type Attributes = Record<string, string | number>;

export interface Span {
  /** What is begun in there, and in what that waits for, is part of this span. */
  run<T>(work: () => T): T;
  end(attributes: Attributes, outcome: 'ok' | 'failed'): void;
}

export interface SpanOptions {
  attributes?: Attributes;
  kind: 'server' | 'client' | 'producer';
  /** Headers of a request whose sender is believed: the span becomes part of its trace. */
  carrier?: Record<string, unknown> | undefined;
  /** Of no other span's, whatever it is begun in. */
  root?: boolean;
  /** Only as a part of another: what begins by itself, many times a minute, is silent. */
  inner?: boolean;
}

export interface Tracing {
  begin(name: string, options: SpanOptions): Span;
  /** Sends what was not sent yet, for two seconds at most. */
  stop(): Promise<void>;
}

export const NO_SPAN: Span = Object.freeze({ run: <T>(work: () => T): T => work(), end: () => {} });

/** Where nobody wants to know. */
export const NO_TRACING: Tracing = Object.freeze({ begin: () => NO_SPAN, stop: () => Promise.resolve() });
