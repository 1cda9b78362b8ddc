// Whether the process is alive, and whether it can serve.
import type { FastifyInstance } from 'fastify';

import { SingleFlight } from '../threads/single-flight.js';

export interface HealthOptions {
  /** Resolves where the database answers; rejects where it does not. */
  ping(): Promise<unknown>;
  draining(): boolean;
}

/** A balancer's question must not hang as long as a database that is away. */
const PING_TIMEOUT_MS = 2_000;

export function useHealth(http: FastifyInstance, { ping, draining }: HealthOptions): void {
  // However many ask, the database is asked once: nothing limits this question, so that it is answered under any load.
  const asking = new SingleFlight<unknown>();
  http.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  http.get('/readyz', async (_request, reply) => {
    const database = await Promise.race([
      asking.run('ping', ping).then(
        () => 'ok',
        () => 'away',
      ),
      new Promise<string>((resolve) => setTimeout(resolve, PING_TIMEOUT_MS, 'slow').unref()),
    ]);
    const ready = database === 'ok' && !draining();
    void reply.header('cache-control', 'no-store').code(ready ? 200 : 503);
    return { status: ready ? 'ok' : draining() ? 'draining' : 'unready', database };
  });
}
