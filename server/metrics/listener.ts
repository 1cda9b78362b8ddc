// Shows /metrics, on a port of its own: what passes readers on to the public port can not pass strangers on to this one
// (docs/decisions/0011-metrics-on-their-own-port.md).
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ConfigError } from '../config.js';

export interface ListenerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  contentType: string;
  /** Everything, as text. */
  metrics(): Promise<string>;
}

export interface Listener {
  port: number;
  close(): Promise<void>;
}

/** Listens when it resolves. Rejects with a ConfigError where that is not possible. */
export async function showMetrics({ host, port, contentType, metrics }: ListenerOptions): Promise<Listener> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path !== '/metrics') return void response.writeHead(404).end();
    if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
    metrics().then(
      (text) => response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([`AFTERWORD_METRICS_PORT is ${port}, but nothing can listen there on ${host} (${code}).`]);
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
