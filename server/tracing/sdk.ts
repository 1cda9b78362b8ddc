// OpenTelemetry's SDK, set up by its standard variables, which it reads by itself: where to send, headers, sampling, batches,
// the service's name. Loaded only where traces are wanted.
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

import type { Log } from '../log.js';

/** Registers it. Returns how to end it. */
export function startSdk(version: string, log: Log): () => Promise<void> {
  const tell = tellOnce(log);
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'afterword', 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  // What could only be sent at the end fails here instead of in the interface's logger.
  return () => provider.shutdown().catch(tell);
}

/** A receiver that is away must not fill the log. */
function tellOnce(log: Log): (reason: unknown) => void {
  let told = false;
  const silent = (): void => {};
  const tell = (reason: unknown): void => {
    if (!told)
      log.warn(
        { reason: String(reason).slice(0, 300) },
        'OpenTelemetry says that something is wrong with the traces; this is said once',
      );
    told = true;
  };
  diag.setLogger({ error: tell, warn: silent, info: silent, debug: silent, verbose: silent }, DiagLogLevel.ERROR);
  return tell;
}
