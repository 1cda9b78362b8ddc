// The HTTP server: Fastify with its routes. Socket.IO shares its port.
import compress from '@fastify/compress';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';

import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Tracing } from '../tracing/tracing.js';
import { useApi, type ApiOptions } from './api.js';
import { useAssets, type AssetsOptions } from './assets.js';
import { useHealth, type HealthOptions } from './health.js';
import { observe } from './observe.js';
import { refuseAddress, useProblems } from './problems.js';
import { requestIds } from './request-ids.js';

/** No route takes a body. */
const BODY_BYTES_MAX = 1_024;
/**
 * For a request to arrive, to its end: a poll's body is what one says, some kilobytes. It bounds no answer, so no poll that
 * waits for news. Fastify has none by itself, and then a body that drips holds its connection for good.
 */
const REQUEST_MS = 30_000;
/** For its head, and for a connection to say anything at all. */
const HEADERS_MS = 20_000;
const LOOK_EVERY_MS = 5_000;

export interface HttpOptions extends ApiOptions, AssetsOptions, HealthOptions {
  log: Log;
  metrics: Metrics;
  tracing: Tracing;
  trust(address: string, hop: number): boolean;
}

export async function makeHttp(options: HttpOptions): Promise<FastifyInstance> {
  const http = Fastify({
    trustProxy: options.trust,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    requestTimeout: REQUEST_MS,
    http: { requestTimeout: REQUEST_MS, headersTimeout: HEADERS_MS, connectionsCheckingInterval: LOOK_EVERY_MS },
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
  await useApi(http, options);
  await useAssets(http, options);
  return http;
}
