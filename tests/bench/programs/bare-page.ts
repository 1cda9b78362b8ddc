// The baseline of `front`: Node's own server that hands out a page as it lies in memory, with an entity tag, and makes a new one
// whenever it is told.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { serve } from '../harness/rpc.js';

/** `bytes`: of a page; `everyMs`: there is a new one. */
async function listen({ bytes, everyMs }: { bytes: number; everyMs: number }): Promise<{ port: number }> {
  let [page, version] = [Buffer.alloc(0), 0];
  const change = (): void => {
    version += 1;
    page = Buffer.alloc(bytes, `page ${version} `);
  };
  change();
  setInterval(change, everyMs).unref();
  const http = createServer(({ headers }, response) => {
    const tag = `"${version}"`;
    response.setHeader('etag', tag);
    if (headers['if-none-match'] === tag) return response.writeHead(304).end();
    return response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.length }).end(page);
  });
  http.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  return { port: (http.address() as AddressInfo).port };
}

const api = { listen };
export type BarePageApi = typeof api;

serve('program', api);
