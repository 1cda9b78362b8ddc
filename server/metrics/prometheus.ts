// Counts what happened, in Prometheus' terms. Owns the names, labels and bounds of everything that /metrics shows; loaded
// only where somebody asked for it.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { ErrorCode } from '../../shared/errors.js';
import { type Kind, KINDS } from '../socket/limits.js';
import type { Gauges, Metrics, Outcome } from './metrics.js';

/** From what nobody notices to what makes a client ask again (8 s). */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const REPLIES = [1, 2, 5, 10, 20, 50, 100];

export interface PrometheusOptions {
  /** Of this program. */
  version: string;
  /** Connections to the database at most. */
  poolSize: number;
}

interface Observer {
  observe(value: number): void;
}

export class PrometheusMetrics implements Metrics {
  readonly registry = new Registry();
  readonly #children = new Map<string, Observer>();
  #gauges: Gauges | null = null;

  readonly #requests = this.#histogram('afterword_request_seconds', {
    help: 'Requests of sockets, from arrival to answer, by request and outcome (ok, or the error code).',
    labelNames: ['event', 'outcome'],
  });
  readonly #http = this.#histogram('afterword_http_request_seconds', {
    help: 'HTTP requests, by route and status. Polling readers are sockets and not in here.',
    labelNames: ['route', 'status'],
  });
  readonly #delivery = this.#histogram('afterword_delivery_seconds', {
    help: 'From when this node knew of a commit to the push that tells its readers, for the oldest change of each push.',
  });
  readonly #commits = this.#histogram('afterword_commit_replies', {
    help: 'Replies that one insert carried (group commit). Its count is that of the inserts.',
    buckets: REPLIES,
  });
  readonly #store = this.#histogram('afterword_store_seconds', {
    help: 'Operations of the store, by operation and outcome (ok, failed), the wait for a connection included.',
    labelNames: ['operation', 'outcome'],
  });
  readonly #refusals = this.#counter('afterword_refusals_total', {
    help: 'What was not done, by kind of request and the error code that its client was told.',
    labelNames: ['kind', 'code'],
  });
  readonly #pushes = this.#counter('afterword_pushes_total', { help: 'Pushes, each to all readers of a thread.' });
  readonly #pushed = this.#counter('afterword_push_readers_total', { help: 'Readers that pushes went to, summed.' });
  readonly #pumpReads = this.#counter('afterword_pump_reads_total', {
    help: 'Reads of the changes of a thread before a push, by outcome (ok, failed). Own writes need none.',
    labelNames: ['outcome'],
  });
  readonly #slow = this.#counter('afterword_slow_readers_total', {
    help: 'Readers whose line did not drain, by what was done: taken_off (told to catch up later), cut.',
    labelNames: ['action'],
  });
  readonly #hints = this.#counter('afterword_hints_total', {
    help: 'Hints between nodes, by what became of them: sent, heard, lost (or in doubt; the poll finds what they told).',
    labelNames: ['what'],
  });
  readonly #inFlight = this.#gauge('afterword_store_in_flight', {
    help: 'Operations of the store under way. Above afterword_pool_connections_max, some wait for a connection.',
  });

  constructor({ version, poolSize }: PrometheusOptions) {
    const { registry } = this;
    collectDefaultMetrics({ register: registry });
    this.#gauge('afterword_build_info', { help: '1; what runs is in the labels.', labelNames: ['version', 'node'] })
      .labels(version, process.versions.node)
      .set(1);
    this.#gauge('afterword_pool_connections_max', { help: 'Connections to the database at most.' }).set(poolSize);
    this.#watched(
      'afterword_threads_live',
      'Threads that this node follows: read here now or a moment ago.',
      (gauges) => gauges.threadsLive(),
    );
    this.#watched('afterword_readers', 'Readers of threads on this node; who reads two counts twice.', (gauges) =>
      gauges.readers(),
    );
    this.#watched(
      'afterword_hints_waiting',
      'Hints to other nodes that Redis, or PostgreSQL, has not taken yet.',
      (gauges) => gauges.hintsWaiting(),
    );
    this.#watched(
      'afterword_readers_behind',
      'Readers taken off the live lane until their line has drained.',
      (gauges) => gauges.connections().slow,
    );
    this.#watched('afterword_requests_waiting', 'Requests that wait for their turn.', (gauges) =>
      gauges.requestsWaiting(),
    );
    this.#watched('afterword_requests_under_way', 'Requests that were begun and not answered yet.', (gauges) =>
      gauges.requestsUnderWay(),
    );
    const connections = (): ReturnType<Gauges['connections']> | undefined => this.#gauges?.connections();
    new Gauge({
      name: 'afterword_connections',
      help: 'Connections of sockets, by transport (websocket, polling).',
      labelNames: ['transport'],
      registers: [registry],
      collect() {
        const { websocket = 0, polling = 0 } = connections() ?? {};
        this.set({ transport: 'websocket' }, websocket);
        this.set({ transport: 'polling' }, polling);
      },
    });
    // Of a series that begins with its first event an alert on the increase sees none.
    for (const kind of KINDS) for (const code of ['internal', 'overloaded']) this.#refusals.labels(kind, code).inc(0);
    for (const outcome of ['ok', 'failed']) this.#pumpReads.labels(outcome).inc(0);
    for (const action of ['taken_off', 'cut']) this.#slow.labels(action).inc(0);
    for (const what of ['sent', 'heard', 'lost']) this.#hints.labels(what).inc(0);
  }

  watch(gauges: Gauges): void {
    this.#gauges = gauges;
  }

  answered(event: string, outcome: Outcome, ms: number): void {
    this.#child(this.#requests, event, outcome).observe(ms / 1000);
  }

  httpAnswered(route: string, status: number, ms: number): void {
    this.#child(this.#http, route, String(status)).observe(ms / 1000);
  }

  refused(kind: Kind, code: ErrorCode): void {
    this.#refusals.labels(kind, code).inc();
  }

  pushed(readers: number): void {
    this.#pushes.inc();
    this.#pushed.inc(readers);
  }

  delivered(ms: number): void {
    this.#delivery.observe(ms / 1000);
  }

  pumpRead(outcome: 'ok' | 'failed'): void {
    this.#pumpReads.labels(outcome).inc();
  }

  committed(replies: number): void {
    this.#commits.observe(replies);
  }

  slowReader(action: 'taken_off' | 'cut'): void {
    this.#slow.labels(action).inc();
  }

  hints(what: 'sent' | 'heard' | 'lost', count: number): void {
    this.#hints.labels(what).inc(count);
  }

  storeBegan(): void {
    this.#inFlight.inc();
  }

  storeEnded(operation: string, outcome: 'ok' | 'failed', ms: number): void {
    this.#inFlight.dec();
    this.#child(this.#store, operation, outcome).observe(ms / 1000);
  }

  /** The library finds a child by making an object and a string; that is done once for each. */
  #child(of: Histogram, first: string, second: string): Observer {
    const key = `${first} ${second}`;
    const known = this.#children.get(key) ?? of.labels(first, second);
    this.#children.set(key, known);
    return known;
  }

  #histogram(name: string, options: { help: string; labelNames?: string[]; buckets?: number[] }): Histogram {
    return new Histogram({ name, buckets: SECONDS, ...options, registers: [this.registry] });
  }

  #counter(name: string, options: { help: string; labelNames?: string[] }): Counter {
    return new Counter({ name, ...options, registers: [this.registry] });
  }

  #gauge(name: string, options: { help: string; labelNames?: string[] }): Gauge {
    return new Gauge({ name, ...options, registers: [this.registry] });
  }

  #watched(name: string, help: string, read: (gauges: Gauges) => number): void {
    const value = (): number => (this.#gauges ? read(this.#gauges) : 0);
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }
}

/** What a registry knows of each; its own type does not tell everything. */
interface Described {
  name: string;
  help: string;
  constructor: { name: string };
  labelNames?: string[];
}

/** The table of docs/operations.md: our own, without those of every Node process. */
export function metricsTable({ registry }: PrometheusMetrics): string {
  const rows = (registry.getMetricsAsArray() as unknown as Described[])
    .filter(({ name }) => name.startsWith('afterword_'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, help, labelNames = [], constructor }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${constructor.name.toLowerCase()} | ${labels} | ${help} |`;
    });
  return ['| Metric | Kind | Labels | What it is |', '|---|---|---|---|', ...rows].join('\n');
}
