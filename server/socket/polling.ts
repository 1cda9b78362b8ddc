// What the engine's own requests over HTTP are answered with besides its packets: leave for the pages of other origins, and a word for
// methods that are not its.
import { ServerResponse, type IncomingMessage } from 'node:http';

/**
 * Any origin may ask: which ones a site accepts is decided in the handshake, where the site is known. Nobody asks this of a WebSocket,
 * and where a thousand readers come back at once a thousand such headers are time that they wait.
 */
export function crossOrigin(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (!(response instanceof ServerResponse)) return next();
  const { origin, 'access-control-request-headers': wanted } = request.headers;
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers');
  if (origin) response.setHeader('access-control-allow-origin', origin);
  if (request.method !== 'OPTIONS') return next();
  if (wanted !== undefined) response.setHeader('access-control-allow-headers', wanted);
  response.writeHead(204, { 'access-control-allow-methods': 'GET, POST', 'content-length': 0 }).end();
}

/** The library answers any other method with 500, as if the fault were here. */
export function onlyPolls({ method }: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (['GET', 'POST', 'OPTIONS'].includes(method!)) return next();
  response.writeHead(405, { allow: 'GET, POST, OPTIONS' }).end();
}
