// Each HTTP request as whoever runs the server sees it: its id in the answer, a line in the log, the metrics, a span. Tells
// its route, never its address, which says what was read.
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { tenths, type Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import { NO_TRACING, type Span, type Tracing } from '../tracing/tracing.js';

export interface ObserveOptions {
  log: Log;
  metrics: Metrics;
  tracing: Tracing;
  trust(address: string, hop: number): boolean;
}

export function observe(http: FastifyInstance, { log, metrics, tracing, trust }: ObserveOptions): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  http.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  if (tracing !== NO_TRACING) {
    http.addHook('onRequest', (request, _reply, done) => {
      const { method, routeOptions, headers, socket } = request;
      const route = routeOptions.url ?? 'unknown';
      const span = tracing.begin(`${method} ${route}`, {
        kind: 'server',
        attributes: { 'http.request.method': method, 'http.route': route, 'afterword.request': request.id },
        carrier: trust(socket.remoteAddress ?? '', 0) ? headers : {},
      });
      spans.set(request, span);
      span.run(done);
    });
  }
  http.addHook('onResponse', async (request, reply) => {
    const { id, method, routeOptions } = request;
    const route = routeOptions.url ?? 'unknown';
    const { statusCode: status, elapsedTime: ms } = reply;
    metrics.httpAnswered(route, status, ms);
    spans.get(request)?.end({ 'http.response.status_code': status }, status >= 500 ? 'failed' : 'ok');
    if (log.isLevelEnabled('debug')) log.debug({ request: id, method, route, status, ms: tenths(ms) }, 'answered');
  });
}
