// What a line that stays does not keep: the request that opened it, some 2 kB of headers and parts a reader.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { expect, it, onTestFinished } from 'vitest';

import { noteAnswer, release } from '../../server/socket/engine.js';
import { boundWebSockets } from '../../server/socket/ws-server.js';
import type { ClientSocket } from '../../server/socket/session.js';
import { collect } from '../support/collect.js';
import { until } from '../support/until.js';

it.each([['websocket'], ['polling', 'websocket']])(
  'a line that begins by %s lets go of its WebSocket’s request',
  async (...transports) => {
    const http = createServer();
    const io = new Server(http, { perMessageDeflate: false, serveClient: false });
    io.engine.use(noteAnswer);
    boundWebSockets(io.engine.opts);
    let opening: WeakRef<IncomingMessage> | undefined;
    http.on('upgrade', (request) => (opening = new WeakRef(request)));
    await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => io.close());

    const lines: ClientSocket[] = [];
    io.on('connection', (socket) => {
      lines.push(socket as unknown as ClientSocket);
      release(lines[0]!);
    });
    const client = connect(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports, forceNew: true });
    onTestFinished(() => void client.disconnect());
    await until(() => client.connected && lines[0]!.conn.transport.name === 'websocket', 'the WebSocket');
    await until(() => {
      collect();
      return opening!.deref() === undefined;
    }, 'its request to be let go of');
    expect(client.connected).toBe(true);
  },
);
