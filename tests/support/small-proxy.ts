// A reverse proxy as an owner may have set it up, rightly or not: in front of one port, adding and passing on what it is told to.
import { createServer, request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

export interface SmallProxyOptions {
  /** Adds the client's address to what came, as nginx's `$proxy_add_x_forwarded_for`; else leaves the header as it is. */
  addsForwarded: boolean;
  passesUpgrade: boolean;
}

export interface SmallProxy {
  url: string;
  close(): Promise<void>;
}

export async function startSmallProxy(
  port: number,
  { addsForwarded, passesUpgrade }: SmallProxyOptions,
): Promise<SmallProxy> {
  const server = createServer((asked, answer) => {
    const { upgrade: _, connection: __, ...headers } = asked.headers;
    const came = headers['x-forwarded-for'];
    const chain = [came ?? [], asked.socket.remoteAddress!].flat().join(', ');
    const passed = request(
      {
        port,
        host: '127.0.0.1',
        path: asked.url,
        method: asked.method,
        headers: addsForwarded ? { ...headers, 'x-forwarded-for': chain } : headers,
      },
      (response) => {
        answer.writeHead(response.statusCode!, response.headers);
        response.pipe(answer);
      },
    );
    passed.on('error', () => answer.writeHead(502).end());
    asked.pipe(passed);
  });
  if (passesUpgrade) {
    server.on('upgrade', (asked, socket, head) => {
      const onward = connect(port, '127.0.0.1', () => {
        const lines = Object.entries(asked.headers).map(([name, value]) => `${name}: ${String(value)}`);
        onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
