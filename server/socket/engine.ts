// The private parts of Socket.IO's engine that are used here, and how. Nobody else looks behind its public interface; its
// version is pinned, and where a part is not as it is known the public way is taken instead.
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket as NetSocket } from 'node:net';

import { HELLO_BYTES_MAX, MESSAGE_BYTES_MAX } from '../../shared/limits.js';
import type { Push } from './push.js';
import type { ClientSocket } from './session.js';

interface Packet {
  data?: string | Buffer;
}

export interface WsLike {
  readyState: number;
  _socket?: NetSocket | null;
  /** `_state` is 0 where it neither compresses nor waits for a blob: what is written next follows what was sent. */
  _sender?: { _state?: unknown; sendFrame?: unknown };
  /** `_maxPayload` is the `maxPayload` that it was made with; the two others are what has come of a message, as it came and in whole parts. */
  _receiver?: { _maxPayload?: unknown; _bufferedBytes?: unknown; _messageLength?: unknown } | null;
  terminate?(): void;
}

interface Engine {
  request: IncomingMessage | null;
  readyState: string;
  /** What was not handed to the transport yet. */
  writeBuffer: Packet[];
  transport: {
    name: string;
    writable: boolean;
    perMessageDeflate?: unknown;
    socket?: WsLike;
    /** Of polling: of one request. */
    maxHttpBufferSize?: number;
  };
  write(data: string, options: { compress: boolean; wsPreEncodedFrame?: Buffer[] }): void;
}

export const WEBSOCKET_OPEN = 1;

const queryOf = (request: IncomingMessage) => (request as { _query?: Record<string, string> })._query;

/** A line as the engine has it, whether Socket.IO let it in or not. */
export type Line = ClientSocket['conn'];

const engineOf = ({ conn }: Pick<ClientSocket, 'conn'>): Engine => conn as unknown as Engine;

/**
 * Whether this connection's parts are as `writePush` knows them; asked once for each, as it begins. Where they are not (a
 * polling reader, another engine), it gets its pushes through the engine: slower, and just the same.
 */
export function isDirect(socket: ClientSocket): boolean {
  const { transport, writeBuffer, readyState } = engineOf(socket);
  const ws = transport.socket;
  return (
    transport.name === 'websocket' &&
    typeof readyState === 'string' &&
    Array.isArray(writeBuffer) &&
    typeof transport.writable === 'boolean' &&
    !transport.perMessageDeflate &&
    ws !== undefined &&
    ws.readyState === WEBSOCKET_OPEN &&
    ws._sender?._state === 0 &&
    typeof ws._sender.sendFrame === 'function' &&
    typeof ws._socket?.write === 'function' &&
    typeof ws._socket.writableLength === 'number'
  );
}

/**
 * Hands a push to one reader. The frame is written straight to its TCP socket where nothing waits before it, neither in the
 * engine, nor in the WebSocket, nor in the socket itself: past a packet object, seven events and two writes, and in order,
 * because whatever is sent later goes into the same socket. Else it goes through the engine, whose buffer is what
 * `backlogOf` counts: a reader that doesn't read never piles up bytes unseen.
 */
export function writePush(socket: ClientSocket, push: Push): void {
  const engine = engineOf(socket);
  const { transport } = engine;
  if (socket.data.direct && engine.writeBuffer.length === 0 && transport.writable && engine.readyState === 'open') {
    const ws = transport.socket!;
    const line = ws._socket;
    const isIdle = line != null && line.writableLength === 0 && !line.destroyed && !line.writableEnded;
    if (isIdle && ws.readyState === WEBSOCKET_OPEN && ws._sender!._state === 0) {
      line.write(push.frame);
      return;
    }
  }
  engine.write(push.packet, { compress: false, wsPreEncodedFrame: [push.frame] });
}

/**
 * A listener for a line's `packetCreate`: of what `frameOf` knows it hands the engine the frame besides, as Socket.IO's adapter
 * does for broadcasts. The engine sends it where its WebSocket takes frames, and the text everywhere else.
 */
export function frameAnswers(frameOf: (text: unknown) => Buffer[] | null): (packet: Created) => void {
  return (packet) => {
    const frame = frameOf(packet.data);
    if (frame) packet.options.wsPreEncodedFrame = frame;
  };
}

interface Created extends Packet {
  options: { wsPreEncodedFrame?: Buffer[] };
}

export interface Backlog {
  packets: number;
  bytes: number;
}

/** What the engine has not handed to the system yet; it has no bound of its own. */
export function backlogOf(socket: ClientSocket): Backlog {
  const { writeBuffer } = engineOf(socket);
  return { packets: writeBuffer.length, bytes: writeBuffer.reduce((sum, { data }) => sum + (data?.length ?? 0), 0) };
}

/** Ends the line at once: an orderly end waits for a reader that doesn't read. */
export function cutOff({ conn }: Pick<ClientSocket, 'conn'>): void {
  const { transport } = engineOf({ conn });
  if (transport.socket?.terminate) transport.socket.terminate();
  else conn.close(true);
}

/** Whether a request opens a line, or a WebSocket for one; not where it belongs to one that polls. */
export function opensLine(request: IncomingMessage, isUpgrade: boolean): boolean {
  return isUpgrade || !queryOf(request)?.['sid'];
}

/** Whether it is in the protocol that is spoken here; the engine refuses any other once the WebSocket is open. */
export function isSpoken(request: IncomingMessage): boolean {
  return queryOf(request)?.['EIO'] === '4';
}

/** Whether a line was let in decides how large its messages may be from now on. */
export function boundMessages(conn: Line, isIn: boolean): void {
  const { transport } = engineOf({ conn });
  const bytes = isIn ? MESSAGE_BYTES_MAX : HELLO_BYTES_MAX;
  if (transport.name === 'polling') transport.maxHttpBufferSize = bytes;
  else if (transport.socket) boundReceiver(transport.socket, bytes);
}

/** What has come of a message that is not complete, where that is known: of polling it is not. */
export function unfinishedOf(socket: ClientSocket): number {
  const receiver = engineOf(socket).transport.socket?._receiver;
  return Number(receiver?._bufferedBytes) + Number(receiver?._messageLength) || 0;
}

/** Where the bound is not where it is known to be, the line has the one that all have. */
export function boundReceiver({ _receiver: receiver }: WsLike, bytes: number): void {
  const known: unknown[] = [HELLO_BYTES_MAX, MESSAGE_BYTES_MAX];
  if (receiver && known.includes(receiver._maxPayload)) receiver._maxPayload = bytes;
}

/**
 * Lets go of the HTTP request that opened the line, about 2 kB a reader: its headers, socket and parser. The handshake holds
 * its headers and query besides. Polling still reads the request.
 */
export function release(socket: ClientSocket): void {
  (socket as { handshake: unknown }).handshake = RELEASED;
  if (socket.conn.transport.name === 'websocket') engineOf(socket).request = null;
}

/** Middleware of the engine: notes the answer to a request that asks for a WebSocket, which the engine makes for this. */
export function noteAnswer(request: IncomingMessage, response: object, next: () => void): void {
  if (!(response instanceof ServerResponse)) (request as Asking)[ANSWER] = response;
  next();
}

/** Until the line ends it listens for that; nobody asks it for its request when the headers are written. */
export function releaseAnswer(request: Asking): void {
  const answer = request[ANSWER];
  if (answer && 'req' in answer) answer.req = null;
}

const ANSWER = Symbol('answer');

type Asking = IncomingMessage & { [ANSWER]?: object };

/**
 * Gives each connection an interval of its own for its pings, which it keeps. After a restart all readers come back within a
 * few seconds, and would be pinged in the same few of every 25 for as long as they stay. What a client is told and what it
 * then gets are drawn one after the other: it waits for its ping 20 s (`pingTimeout`) longer than it was told.
 */
export function jitterPings(options: object): void {
  const get = (): number => Math.round(PING_INTERVAL_MS * (1 + PING_JITTER * (2 * Math.random() - 1)));
  Object.defineProperty(options, 'pingInterval', { get, enumerable: true, configurable: true });
}

const PING_INTERVAL_MS = 25_000;
/** To either side. */
const PING_JITTER = 0.2;

const RELEASED = Object.freeze({});
