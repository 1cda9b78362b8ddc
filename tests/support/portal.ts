// A hotel's network: everything goes through to one port, until the guest has to sign in. Then what was open is cut, and
// whatever is asked, a WebSocket too, is sent on to a page of another origin, with no word for scripts of other sites. Where
// the line is encrypted it shows a certificate of its own, which no browser takes.
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';

import { passOn, stand, tunnel } from './passing.js';

export interface Portal {
  url: string;
  /** Requests that were sent on so far. */
  sentOn(): number;
  /** Who hung up on its certificate so far. */
  refused(): number;
  capture(): void;
  signIn(): void;
  close(): Promise<void>;
}

export interface PortalOptions {
  /** Paths of what the browser must not keep, so that it is not there when the page is loaded again. */
  forgets?: RegExp;
  /** Encrypts, with the site's certificate while it is open. */
  secure?: Record<'site' | 'portal', SecureContextOptions>;
}

/** In front of this port, open at first. */
export async function openPortal(port: number, { forgets, secure }: PortalOptions = {}): Promise<Portal> {
  let isCaptive = false;
  let sentOn = 0;
  let refused = 0;
  const login = createServer((_asked, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to the hotel</h1>');
  });
  const page = await stand(login);
  const answerFront: RequestListener = (asked, answer) => {
    if (isCaptive) {
      sentOn += 1;
      return void answer.writeHead(302, { location: `${page.url}/`, connection: 'close' }).end();
    }
    passOn(asked, port, (passed) => {
      const kept = forgets?.test(asked.url!) ? { 'cache-control': 'no-store' } : {};
      answer.writeHead(passed.statusCode!, { ...passed.headers, ...kept });
      passed.pipe(answer);
    });
  };
  const safe = secure && createSecureServer(secure.site, answerFront);
  safe?.on('tlsClientError', () => (refused += 1));
  const front = safe ?? createServer(answerFront);
  front.on('upgrade', (asked, socket: Socket, head) => {
    if (!isCaptive) return void tunnel(asked, socket, head, port).pipe(socket);
    sentOn += 1;
    socket.end(`HTTP/1.1 302 Found\r\nLocation: ${page.url}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
  const { url, cut, close } = await stand(front);
  return {
    url: secure ? url.replace('http:', 'https:') : url,
    sentOn: () => sentOn,
    refused: () => refused,
    capture: () => {
      isCaptive = true;
      if (secure) safe!.setSecureContext(secure.portal);
      cut();
    },
    signIn: () => {
      isCaptive = false;
      if (secure) safe!.setSecureContext(secure.site);
    },
    close: async () => {
      await Promise.all([close(), page.close()]);
    },
  };
}
