// The HTTP server: Fastify with its routes. Socket.IO shares its port.
import compress from '@fastify/compress';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';

import { tenths, type Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import { useApi, type ApiOptions } from './api.js';
import { useAssets, type AssetsOptions } from './assets.js';
import { useHealth, type HealthOptions } from './health.js';
import { refuseAddress, useProblems } from './problems.js';
import { requestIds } from './request-ids.js';

/** No route takes a body. */
const BODY_BYTES_MAX = 1_024;

export interface HttpOptions extends ApiOptions, AssetsOptions, HealthOptions {
  log: Log;
  metrics: Metrics;
  trust(address: string, hop: number): boolean;
}

export async function makeHttp(options: HttpOptions): Promise<FastifyInstance> {
  const http = Fastify({
    trustProxy: options.trust,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: refuseAddress,
    genReqId: requestIds(options.trust),
  });
  observe(http, options);
  useProblems(http, options);
  // Pages carry a policy of their own; everything else is data and scripts for other origins.
  await http.register(helmet, {
    contentSecurityPolicy: false,
    crossOriginResourcePolicy: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    strictTransportSecurity: false,
    xFrameOptions: false,
  });
  await http.register(compress, { encodings: ['br', 'gzip'], threshold: 1_024 });
  useHealth(http, options);
  useApi(http, options);
  await useAssets(http, options);
  return http;
}

/** Each request in the metrics and, where that is wanted, in the log: its route, not its address, which tells what was read. */
function observe(http: FastifyInstance, { log, metrics }: HttpOptions): void {
  http.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  http.addHook('onResponse', async ({ id, method, routeOptions: { url: route = 'unknown' } }, reply) => {
    const { statusCode: status, elapsedTime: ms } = reply;
    metrics.httpAnswered(route, status, ms);
    if (log.isLevelEnabled('debug')) log.debug({ request: id, method, route, status, ms: tenths(ms) }, 'answered');
  });
}
