// Baseline A: bare Socket.IO as its documentation would have it fast: WebSocket only, deflate off, the request
// discarded, one JSON object broadcast to a room.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';

import { serve } from '../harness/rpc.js';
import { deltaOf, makeKeeper, type Order } from './order.js';

const ROOM = 'thread';

async function listen({ databaseUrl }: { databaseUrl: string | null }): Promise<{ port: number }> {
  const keeper = await makeKeeper(databaseUrl);
  const http = createServer();
  const io = new Server(http, {
    transports: ['websocket'],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
  });
  io.engine.on('connection', (raw: { request: unknown }) => {
    raw.request = null;
  });
  io.on('connection', (socket: Socket) => {
    if (socket.handshake.auth['publisher'] !== true) {
      void socket.join(ROOM);
      return;
    }
    socket.on('publish', (order: Order) => {
      keeper.keep(order, () => io.to(ROOM).emit('thread:delta', deltaOf(order)));
    });
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  return { port: (http.address() as AddressInfo).port };
}

const api = { listen };
export type ServerApi = typeof api;

serve('program', api);
