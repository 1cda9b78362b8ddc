// A hotel's network: everything goes through to one port, until the guest has to sign in. Then what was open is cut, and
// whatever is asked, a WebSocket too, is sent on to a page of another origin, with no word for scripts of other sites.
import { createServer } from 'node:http';
import type { Socket } from 'node:net';

import { passOn, stand, tunnel } from './passing.js';

export interface Portal {
  url: string;
  /** Requests that were sent on so far. */
  sentOn(): number;
  capture(): void;
  signIn(): void;
  close(): Promise<void>;
}

export interface PortalOptions {
  /** Paths of what the browser must not keep, so that it is not there when the page is loaded again. */
  forgets?: RegExp;
}

/** In front of this port, open at first. */
export async function openPortal(port: number, { forgets }: PortalOptions = {}): Promise<Portal> {
  let isCaptive = false;
  let sentOn = 0;
  const login = createServer((_asked, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to the hotel</h1>');
  });
  const page = await stand(login);
  const front = createServer((asked, answer) => {
    if (isCaptive) {
      sentOn += 1;
      return void answer.writeHead(302, { location: `${page.url}/`, connection: 'close' }).end();
    }
    passOn(asked, port, (passed) => {
      const kept = forgets?.test(asked.url!) ? { 'cache-control': 'no-store' } : {};
      answer.writeHead(passed.statusCode!, { ...passed.headers, ...kept });
      passed.pipe(answer);
    });
  });
  front.on('upgrade', (asked, socket: Socket, head) => {
    if (!isCaptive) return void tunnel(asked, socket, head, port).pipe(socket);
    sentOn += 1;
    socket.end(`HTTP/1.1 302 Found\r\nLocation: ${page.url}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
  const { url, cut, close } = await stand(front);
  return {
    url,
    sentOn: () => sentOn,
    capture: () => {
      isCaptive = true;
      cut();
    },
    signIn: () => {
      isCaptive = false;
    },
    close: async () => {
      await Promise.all([close(), page.close()]);
    },
  };
}
