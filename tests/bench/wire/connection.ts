// One WebSocket connection of the load generator, on a bare socket. Owns the upgrade and the cutting into frames; what
// the messages mean is the caller's. Many thousands live in one process, so each read goes into one shared buffer.
import { connect, type Socket } from 'node:net';
import { clientFrame, FrameParser, OPCODE, type OnFrame } from './frames.js';

const READ_BYTES = 256 * 1024;
const END_OF_HEADERS = Buffer.from('\r\n\r\n');

export interface Target {
  port: number;
  /** With its query. */
  path: string;
  /** The reader's address, as a proxy before the server would name it; absent: there is no proxy. */
  from?: string | undefined;
}

export interface Handlers {
  onFrame: OnFrame;
  /** The line is gone, for whatever reason; not called after `end`. */
  onLost: (error: Error) => void;
}

/** What all connections of one process read into: a read is handled before the next one begins. */
export function makeReadBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(READ_BYTES);
}

export class Connection {
  readonly #socket: Socket;
  readonly #parser = new FrameParser();
  readonly #handlers: Handlers;
  #head: Buffer | null = Buffer.alloc(0);
  #settle: (error?: Error) => void = () => {};
  #ended = false;

  /** Dials; `opened` tells when the upgrade is done. */
  constructor({ port, path, from }: Target, buffer: Buffer, handlers: Handlers) {
    this.#handlers = handlers;
    const onread = {
      buffer,
      callback: (length: number, bytes: Uint8Array): boolean => {
        this.#read(bytes as Buffer, length);
        return true;
      },
    };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('error', (error) => this.#lost(error));
    this.#socket.on('close', () => this.#lost(new Error('the server hung up')));
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        (from === undefined ? '' : `X-Forwarded-For: ${from}\r\n`) +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YWZ0ZXJ3b3JkLWJlbmNoIQ==\r\n\r\n',
    );
  }

  /** Resolves when frames can be sent; rejects where the server refused. */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
    });
  }

  sendText(text: string): void {
    this.#socket.write(clientFrame(text));
  }

  /** A frame that was made before, such as one that is sent often. */
  sendFrame(frame: Buffer): void {
    this.#socket.write(frame);
  }

  /** Stops reading, as a reader does whose line is stuck: nothing is answered any more, pings neither. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  /** Ends without a goodbye: a reset instead of an end. */
  abort(): void {
    this.#ended = true;
    this.#socket.resetAndDestroy();
  }

  #read(bytes: Buffer, length: number): void {
    try {
      if (this.#head === null) this.#parser.push(bytes, length, this.#handlers.onFrame);
      else this.#readHead(bytes, length);
    } catch (error) {
      this.#lost(error as Error);
      this.#socket.destroy();
    }
  }

  #readHead(bytes: Buffer, length: number): void {
    const head = Buffer.concat([this.#head!, bytes.subarray(0, length)]);
    const end = head.indexOf(END_OF_HEADERS);
    this.#head = head;
    if (end < 0) return;
    const [status = ''] = head.toString('latin1', 0, end).split('\r\n');
    if (!status.startsWith('HTTP/1.1 101')) throw new Error(`the upgrade was refused: ${status}`);
    this.#head = null;
    this.#settle();
    const rest = head.subarray(end + END_OF_HEADERS.length);
    if (rest.length > 0) this.#parser.push(rest, rest.length, this.#handlers.onFrame);
  }

  #lost(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#settle(error);
    this.#handlers.onLost(error);
  }
}

/** Answers what the WebSocket layer itself asks; true where the frame was such a one. */
export function answerControl(
  connection: Connection,
  opcode: number,
  bytes: Buffer,
  from: number,
  to: number,
): boolean {
  if (opcode === OPCODE.ping) connection.sendFrame(clientFrame(bytes.subarray(from, to), OPCODE.pong));
  return opcode >= OPCODE.close;
}
