// A reverse proxy as an owner may have set it up, rightly or not: in front of one port, adding and passing on what it is told to.
import { createServer, request } from 'node:http';
import type { Socket } from 'node:net';

import { asIs, stand, tunnel } from './passing.js';

export interface SmallProxyOptions {
  /** Adds the client's address to what came, as nginx's `$proxy_add_x_forwarded_for`; else leaves the header as it is. */
  addsForwarded: boolean;
  passesUpgrade: boolean;
  /** Asked for each request that comes, WebSockets aside: whether it fails here. */
  fails?: (path: string) => boolean;
}

export interface SmallProxy {
  url: string;
  /** The path of each request that was passed on, WebSockets aside, in order. */
  paths: readonly string[];
  close(): Promise<void>;
}

export async function startSmallProxy(
  port: number,
  { addsForwarded, passesUpgrade, fails }: SmallProxyOptions,
): Promise<SmallProxy> {
  const paths: string[] = [];
  const server = createServer((asked, answer) => {
    if (fails?.(asked.url!)) return void answer.writeHead(502).end();
    paths.push(asked.url!);
    const { upgrade: _, connection: __, ...headers } = asked.headers;
    const came = headers['x-forwarded-for'];
    const chain = [came ?? [], asked.socket.remoteAddress!].flat().join(', ');
    const forwarded = addsForwarded ? { ...headers, 'x-forwarded-for': chain } : headers;
    const passed = request({ ...asIs(asked, port), headers: forwarded }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    passed.on('error', () => answer.writeHead(502).end());
    asked.pipe(passed);
  });
  if (passesUpgrade) {
    server.on('upgrade', (asked, socket: Socket, head) => void tunnel(asked, socket, head, port).pipe(socket));
  }
  const { url, close } = await stand(server);
  return { url, paths, close };
}
