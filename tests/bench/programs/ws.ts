// Baseline W: bare `ws`. The push is framed once, as one buffer, and the same buffer is written to every reader: the
// least that a WebSocket broadcast costs in Node.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as ws from 'ws';
import type { WebSocket } from 'ws';

import { serve } from '../harness/rpc.js';
import { deltaOf, makeKeeper, type Order } from './order.js';
import type { ServerApi } from './socketio.js';

/** What makes frames and writes those that are made already; not in the types of `ws`. */
interface Framing {
  Sender: {
    frame(data: Buffer, options: Record<'fin' | 'mask' | 'rsv1' | 'readOnly', boolean> & { opcode: number }): Buffer[];
  };
}
interface Framed {
  _sender: { sendFrame(frame: Buffer[]): void };
}

const { Sender } = ws as unknown as Framing;

function frameOf(text: string): Buffer[] {
  return [
    Buffer.concat(Sender.frame(Buffer.from(text), { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: true })),
  ];
}

async function listen({ databaseUrl }: { databaseUrl: string | null }): Promise<{ port: number }> {
  const keeper = await makeKeeper(databaseUrl);
  const http = createServer();
  const server = new ws.WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false });
  const readers = new Set<WebSocket & Framed>();
  server.on('connection', (socket: WebSocket) => {
    const reader = socket as WebSocket & Framed;
    readers.add(reader);
    reader.on('close', () => readers.delete(reader));
    reader.on('message', (data: Buffer) => {
      // Only the publisher writes.
      readers.delete(reader);
      const order = JSON.parse(data.toString()) as Order;
      keeper.keep(order, () => {
        const frame = frameOf(JSON.stringify(deltaOf(order)));
        for (const { _sender } of readers) _sender.sendFrame(frame);
      });
    });
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  return { port: (http.address() as AddressInfo).port };
}

const api: ServerApi = { listen };

serve('program', api);
