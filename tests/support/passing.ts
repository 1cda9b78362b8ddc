// What proxies of the tests have in common: to stand at a port of their own, and to pass on what they don't care about.
import { request, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** Listens on a free port, and gives the address and what ends it with everything that is open. */
export async function stand(server: Server): Promise<{ url: string; cut(): void; close(): Promise<void> }> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const cut = (): void => open.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

/** The same request for this port. */
export function asIs(asked: IncomingMessage, port: number): RequestOptions {
  return { port, host: '127.0.0.1', path: asked.url, method: asked.method, headers: asked.headers };
}

/** Sends the same request to this port; the answer is the caller's to pass on. */
export function passOn(asked: IncomingMessage, port: number, answered: (answer: IncomingMessage) => void): void {
  const passed = request(asIs(asked, port), answered);
  passed.on('error', () => asked.destroy());
  asked.once('close', () => asked.complete || passed.destroy());
  asked.pipe(passed);
}

/** The other end of a line that is asked to become a WebSocket: what comes from there is the caller's to pass on. */
export function tunnel(asked: IncomingMessage, socket: Socket, head: Buffer, port: number): Socket {
  const onward = connect(port, '127.0.0.1');
  const lines: string[] = [];
  for (let n = 0; n < asked.rawHeaders.length; n += 2) lines.push(`${asked.rawHeaders[n]}: ${asked.rawHeaders[n + 1]}`);
  onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  onward.write(head);
  socket.pipe(onward);
  onward.on('error', () => socket.destroy()).once('close', () => socket.destroy());
  socket.once('close', () => onward.destroy());
  return onward;
}
