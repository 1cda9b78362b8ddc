// The WebSocket server that the engine makes for itself when the HTTP server begins to listen, with what its options don't
// bound: how a message comes in, and how many pings are answered.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { HELLO_BYTES_MAX } from '../../shared/limits.js';
import { boundReceiver, isSpoken, releaseAnswer, WEBSOCKET_OPEN, type WsLike } from './engine.js';

/** As far as it is used here: of ws's public interface, these options among it. */
interface WsServer {
  options: {
    autoPong: boolean;
    maxFragments: number;
    maxBufferedChunks: number;
    WebSocket: new (...args: never[]) => Pinged;
  };
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, opened: Opened): void;
}

type Opened = (ws: WsLike, request: IncomingMessage) => void;

interface Pinged {
  readyState: number;
  on(event: 'ping', listener: (data: Buffer) => void): void;
  pong(data: Buffer, mask: boolean, sent: (error?: Error) => void): void;
}

/** Browsers cut a message at 64 kB or more. */
const FRAGMENTS_MAX = 64;
/** Reads of the system's; at fifteen bytes each the largest legal message is through. */
const CHUNKS_MAX = 4_096;

/**
 * Each WebSocket begins with the bound of who has not said anything yet, also one that a polling line asks for. A message
 * comes in few parts: each of a byte took hundreds of bytes here, so that 100 kB on the wire held 1.6 MB. And of pings that come
 * faster than pongs go out, the last is answered (RFC 6455, 5.5.3), and one pong at most waits on a line: ws answers each,
 * a pong costs many times its ping, and a few megabytes of pings held the process for seconds.
 */
export function boundWebSockets(options: object): void {
  const known = options as { wsEngine: new (...args: never[]) => WsServer };
  known.wsEngine = class extends known.wsEngine {
    constructor(...args: never[]) {
      super(...args);
      this.options.maxFragments = FRAGMENTS_MAX;
      this.options.maxBufferedChunks = CHUNKS_MAX;
      this.options.autoPong = false;
      this.options.WebSocket = class extends this.options.WebSocket {
        constructor(...of: never[]) {
          super(...of);
          this.on('ping', lastPingOf(this));
        }
      };
    }

    override handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, opened: Opened): void {
      // The answer and the engine's hello, which comes in the same turn, leave together. A refusal ends the line in that turn.
      if (isSpoken(request)) {
        socket.cork();
        process.nextTick(() => socket.uncork());
      }
      // Before anything is read from it.
      super.handleUpgrade(request, socket, head, (ws, of) => {
        boundReceiver(ws, HELLO_BYTES_MAX);
        releaseAnswer(of);
        opened(ws, of);
      });
    }
  };
}

function lastPingOf(ws: Pinged): (data: Buffer) => void {
  let last: Buffer | null = null;
  let isAnswering = false;
  const answer = (): void => {
    const data = last;
    last = null;
    isAnswering = data !== null && ws.readyState === WEBSOCKET_OPEN;
    // The next one when this one has left, and all that was read with it has been looked at.
    if (isAnswering) ws.pong(data!, false, () => setImmediate(answer));
  };
  return (data) => {
    last = data;
    if (isAnswering) return;
    isAnswering = true;
    setImmediate(answer);
  };
}
