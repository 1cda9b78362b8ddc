// The composition root: builds every part and hands each what it needs. The only place where concrete classes meet.
import type { AddressInfo } from 'node:net';

import { newId } from '../shared/ids.js';
import { Guests } from './accounts/guests.js';
import { createTokens } from './accounts/tokens.js';
import { Admission } from './admission.js';
import type { Bus } from './bus/bus.js';
import { PostgresBus } from './bus/postgres.js';
import { systemClock } from './clock.js';
import type { Config } from './config.js';
import type { Db, Sql } from './database/connect.js';
import { boundPipelines, Connections, refuseUpgrades } from './http/connections.js';
import { makeHttp } from './http/http.js';
import type { Log } from './log.js';
import { NO_METRICS, type Metrics } from './metrics/metrics.js';
import { countMetrics } from './metrics/start.js';
import { storeMetrics } from './metrics/store.js';
import { proxyTrust } from './proxy-trust.js';
import { keepSecrets, secretSource } from './secrets/keeper.js';
import { prepareFirstStart, type Sample } from './sites/first-start.js';
import { Sites } from './sites/sites.js';
import { Gateway } from './socket/gateway.js';
import { RateLimits } from './socket/limits.js';
import { SlowMode } from './socket/slow-mode.js';
import { observedStore, type Observer } from './store/observed.js';
import { PostgresStore } from './store/postgres.js';
import { Eraser } from './threads/eraser.js';
import { LiveThreads } from './threads/live.js';
import { Presence } from './threads/presence.js';
import { Service } from './threads/service.js';
import { ThreadIndex } from './threads/thread-index.js';
import { storeTracing } from './tracing/store.js';
import { NO_TRACING, type Tracing } from './tracing/tracing.js';

/** How long a line that does not read may hold up the end. */
const FAREWELL_MS = 2_000;

export type AppConfig = Pick<
  Config,
  | 'host'
  | 'port'
  | 'publicUrl'
  | 'redisUrl'
  | 'secret'
  | 'secretFile'
  | 'rateLimits'
  | 'trustProxy'
  | 'metricsHost'
  | 'metricsPort'
  | 'poolSize'
> & {
  secretFolder: string | null;
  drainSeconds: number;
};

export interface AppOptions {
  config: AppConfig;
  log: Log;
  /** A migrated database. */
  database: { sql: Sql; db: Db };
  /** Opens further connections to it, for the bus; not where there is Redis. */
  connect(max: number): Sql;
  /** The build's folder. */
  dist: string;
  /** What a first start fills the demo's thread with. */
  sample: Sample;
  /** Of this program. */
  version: string;
  tracing?: Tracing;
}

export interface App {
  /** `http://HOST:PORT` as it listens. */
  url: string;
  port: number;
  /** Where /metrics is; null where it is not shown. */
  metricsPort: number | null;
  service: Service;
  store: PostgresStore;
  /** Tells readers to come back, closes every connection and listener. The database is the caller's to close. */
  close(): Promise<void>;
}

/** Listens when it resolves. Rejects where the port is taken or the database does not answer. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, log, database, connect, dist, sample, version, tracing = NO_TRACING } = options;
  const clock = systemClock;
  const { metrics, show } = await countMetrics(config, version);
  const bare = new PostgresStore(database);
  const store = observersOf(metrics, tracing).reduce((inner, observer) => observedStore(inner, observer), bare);
  const secrets = await keepSecrets(secretSource(config, database.sql), clock, log);
  if (await prepareFirstStart(database.db, store, sample)) log.info('made the site "demo" with its sample thread');
  const guests = new Guests(store, createTokens(secrets.current));
  const sites = new Sites(store);
  const limits = new RateLimits(config.rateLimits);
  const admission = new Admission({ log });
  const trust = proxyTrust(config.trustProxy);
  const bus = await makeBus(config.redisUrl, { connect, log, metrics });
  const gateway = new Gateway(metrics, log, config.rateLimits);
  const slowMode = new SlowMode({ isOn: config.rateLimits, clock });
  const live = new LiveThreads({
    store,
    clock,
    log,
    metrics,
    publish: (delta) => {
      const born = delta.replies.filter((reply) => reply.born > delta.from);
      slowMode.wrote(
        delta.thread,
        born.map(({ id }) => id),
      );
      const { thread, from, to } = delta;
      const attributes = { 'afterword.thread': thread, 'afterword.from': from, 'afterword.to': to };
      const span = tracing.begin('publish', { kind: 'producer', root: true, attributes });
      gateway.publish(delta);
      span.end({}, 'ok');
    },
    busyMs: (thread) => gateway.busyMs(thread),
    resync: (thread) => gateway.resync(thread),
  });
  const presence = new Presence({
    node: newId(),
    clock,
    bus,
    position: (thread) => live.told(thread),
    beat: (beat) => gateway.beat(beat),
  });
  const service = new Service({ store, live, bus, index: new ThreadIndex(store), metrics });
  const eraser = new Eraser({ store, clock, log });
  let draining = false;
  const http = await makeHttp({
    threads: service.threads,
    sites,
    limits,
    admission,
    trust,
    log,
    metrics,
    tracing,
    dist,
    version,
    publicUrl: config.publicUrl,
    ping: () => database.sql`select 1`,
    draining: () => draining,
  });

  metrics.watch({
    connections: () => gateway.census(),
    threadsLive: () => live.ids().length,
    readers: () => presence.readers,
    hintsWaiting: () => bus.waiting,
    requestsWaiting: () => admission.waiting,
    requestsUnderWay: () => admission.underWay,
  });
  await bus.start((hint) => {
    if (hint.kind === 'head') service.heard(hint.thread, hint.head);
    else if (hint.kind === 'presence') presence.heard(hint);
    else void live.pollNow();
  });
  const connections = new Connections(http.server);
  let shown: Awaited<ReturnType<typeof show>> = null;
  const close = async (): Promise<void> => {
    draining = true;
    const cut = setTimeout(() => connections.destroyAll(), FAREWELL_MS);
    await gateway.drain(config.drainSeconds * 1000);
    secrets.stop();
    eraser.stop();
    presence.stop();
    live.stop();
    await http.close();
    clearTimeout(cut);
    await bus.stop();
    await shown?.close();
  };
  try {
    await http.ready();
    gateway.start(http.server, {
      service,
      guests,
      live,
      presence,
      slowMode,
      sites,
      limits,
      admission,
      clock,
      log,
      metrics,
      tracing,
      trust,
    });
    refuseUpgrades(http.server, '/socket.io/');
    boundPipelines(http.server);
    shown = await show();
    await http.listen({ port: config.port, host: config.host });
  } catch (error) {
    await close();
    throw error;
  }
  live.start();
  presence.start();
  eraser.start();
  secrets.start();
  const { port } = http.server.address() as AddressInfo;
  return {
    url: `http://${hostInUrl(config.host)}:${port}`,
    port,
    metricsPort: shown?.port ?? null,
    service,
    store: bare,
    close,
  };
}

function observersOf(metrics: Metrics, tracing: Tracing): Observer[] {
  return [
    ...(metrics === NO_METRICS ? [] : [storeMetrics(metrics)]),
    ...(tracing === NO_TRACING ? [] : [storeTracing(tracing)]),
  ];
}

/** Redis' client is loaded where it is used: it takes longer than the rest of the start. */
async function makeBus(
  redisUrl: string | null,
  options: Pick<AppOptions, 'connect' | 'log'> & { metrics: Metrics },
): Promise<Bus> {
  if (redisUrl === null) return new PostgresBus(options);
  const { RedisBus } = await import('./bus/redis.js');
  return new RedisBus({ url: redisUrl, ...options });
}

/** IPv6 addresses stand in brackets. */
function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
