// Answers that many get alike: their common part as the same bytes to all whose WebSocket takes frames, as text to everybody
// else, and alike either way.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { io as connect, type Socket as Client } from 'socket.io-client';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { BoundedDecoder } from '../../server/socket/decoder.js';
import { AnswerEncoder, AnswerFrames } from '../../server/socket/encoder.js';
import { frameAnswers } from '../../server/socket/engine.js';
import { until } from '../support/until.js';

const DELTA = { v: 1, from: 1, to: 2, replies: [{ id: 'a', html: '“\u2028\ud83d\ude00” '.repeat(500) }] };

let http: HttpServer;
let io: Server;
let clients: Client[];
/** The buffers of each frame that the engine was given, and of each that it wrote. */
let given: Buffer[][];
let written: Buffer[][];

beforeEach(async () => {
  http = createServer();
  clients = [];
  given = [];
  written = [];
  const frames = new AnswerFrames();
  const Encoder = class extends AnswerEncoder {
    constructor() {
      super(frames);
    }
  };
  io = new Server(http, { parser: { Encoder, Decoder: BoundedDecoder }, perMessageDeflate: false, serveClient: false });
  const framed = frameAnswers((text) => {
    const frame = frames.frameOf(text);
    if (frame) given.push(frame);
    return frame;
  });
  io.on('connection', (socket) => {
    socket.conn.on('packetCreate', framed);
    watchSender(socket);
    socket.on('thread:join', (own: number, acknowledge: (answer: unknown) => void) =>
      acknowledge({ ok: true, data: { mode: 'delta', you: { own }, delta: DELTA } }),
    );
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const client of clients) client.disconnect();
  await io.close();
});

interface Transport {
  socket?: { _sender: { sendFrame?: (list: Buffer[], done: unknown) => void } };
}

const transportOf = (socket: Socket): Transport => socket.conn.transport as unknown as Transport;

function watchSender(socket: Socket): void {
  const sender = transportOf(socket).socket?._sender;
  if (!sender) return;
  const send = sender.sendFrame!.bind(sender);
  sender.sendFrame = (list, done) => {
    written.push(list);
    send(list, done);
  };
}

async function enter(transport: 'websocket' | 'polling'): Promise<Client> {
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const client = connect(url, { transports: [transport], forceNew: true, upgrade: false });
  clients.push(client);
  await until(() => client.connected, 'the reader to be there');
  return client;
}

const join = async (client: Client, own: number): Promise<unknown> =>
  (await client.timeout(5_000).emitWithAck('thread:join', own)) as unknown;
const expected = (own: number) => ({ ok: true, data: { mode: 'delta', you: { own }, delta: DELTA } });

it('[PUMP5] an answer is the same by a WebSocket and by polling, and its common part the same bytes for all', async () => {
  const readers = [await enter('websocket'), await enter('polling'), await enter('websocket')];
  const answers = await Promise.all(readers.map((client, own) => join(client, own)));
  expect(answers).toEqual([0, 1, 2].map(expected));
  const tails = written.filter((list) => given.includes(list)).map(([, tail]) => tail);
  expect(tails).toHaveLength(2);
  expect(tails[0]).toBe(tails[1]);
});

it('[PUMP5] it goes as text where the WebSocket is not as it is known', async () => {
  const client = await enter('websocket');
  const [socket] = io.of('/').sockets.values();
  const { socket: webSocket } = transportOf(socket!);
  const sent: unknown[] = [];
  // What the library looks for before it sends a frame.
  const { _sender: sender } = webSocket!;
  Object.assign(webSocket!, {
    _sender: undefined,
    send: (text: string, done: unknown) => {
      sent.push(text);
      Object.assign(webSocket!, { _sender: sender });
      (webSocket!.constructor.prototype as { send(text: string, done: unknown): void }).send.call(
        webSocket,
        text,
        done,
      );
    },
  });
  expect(await join(client, 7)).toEqual(expected(7));
  expect(sent).toHaveLength(1);
  expect(given).toHaveLength(1);
  expect(written).not.toContain(given[0]);
});
