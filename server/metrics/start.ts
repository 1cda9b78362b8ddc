// Whether anything is counted at all: where a port was chosen to show it on. The library is loaded for that only.
import type { Config } from '../config.js';
import { showMetrics, type Listener } from './listener.js';
import { NO_METRICS, type Metrics } from './metrics.js';

export interface Watched {
  metrics: Metrics;
  /** Begins to show them; null where they are not to be shown. */
  show(): Promise<Listener | null>;
}

export async function countMetrics(
  { metricsHost: host, metricsPort: port, poolSize }: Pick<Config, 'metricsHost' | 'metricsPort' | 'poolSize'>,
  version: string,
): Promise<Watched> {
  if (port === null) return { metrics: NO_METRICS, show: () => Promise.resolve(null) };
  const { PrometheusMetrics } = await import('./prometheus.js');
  const metrics = new PrometheusMetrics({ version, poolSize });
  const { registry } = metrics;
  return {
    metrics,
    show: () => showMetrics({ host, port, contentType: registry.contentType, metrics: () => registry.metrics() }),
  };
}
