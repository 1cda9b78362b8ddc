// Baseline A: bare Socket.IO as its documentation would have it fast: WebSocket only, deflate off, the request
// discarded, one JSON object broadcast to a room. With a Redis it is one of several nodes, by the official adapter over
// sharded channels.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@redis/client';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Server, type Socket } from 'socket.io';

import { serve } from '../harness/rpc.js';
import { deltaOf, makeKeeper, type Order } from './order.js';

const ROOM = 'thread';

interface ListenOptions {
  databaseUrl: string | null;
  redisUrl?: string;
}

async function listen({ databaseUrl, redisUrl }: ListenOptions): Promise<{ port: number }> {
  const keeper = await makeKeeper(databaseUrl);
  const http = createServer();
  const io = new Server(http, {
    transports: ['websocket'],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    // With minutes of work before it, it hears no answer to its pings; it is to work that off and not to hang up.
    pingTimeout: 300_000,
  });
  if (redisUrl !== undefined) io.adapter(await adapterOver(redisUrl));
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

/** As its documentation has it: two clients that mend their lines by themselves. */
async function adapterOver(url: string) {
  const [publishing, hearing] = [createClient({ url }), createClient({ url })];
  // While the line is cut each attempt is an error, and what was to be said waits in memory.
  for (const client of [publishing, hearing]) client.on('error', () => {});
  await Promise.all([publishing.connect(), hearing.connect()]);
  return createShardedAdapter(publishing, hearing);
}

const api = { listen };
export type ServerApi = typeof api;

serve('program', api);
