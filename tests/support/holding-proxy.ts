// A proxy that looks through what passes before it lets go of it: a request once it is whole, of an answer so much at a time,
// or what there is after a while, its end included. A WebSocket is passed on, and what comes back over it held until there is much.
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { asIs, stand, tunnel } from './passing.js';

export interface HoldingProxyOptions {
  /** Of an answer, or of what comes over a WebSocket. */
  bytes: number;
  /** After which what there is of an answer goes; over a WebSocket nothing does. */
  ms: number;
}

export interface HoldingProxy {
  url: string;
  /** Answers that were held for the whole time, and bytes that came over WebSockets, so far. */
  held: { answers: number; overWebSockets: number };
  close(): Promise<void>;
}

export async function startHoldingProxy(port: number, { bytes, ms }: HoldingProxyOptions): Promise<HoldingProxy> {
  const held = { answers: 0, overWebSockets: 0 };
  const pass = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const body = Buffer.concat((await asked.toArray()) as Buffer[]);
    const { 'transfer-encoding': _, ...headers } = asked.headers;
    const length = body.length > 0 ? { 'content-length': body.length } : {};
    const passed = request({ ...asIs(asked, port), headers: { ...headers, ...length } }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      const hold = new Hold(answer, bytes, ms, () => (held.answers += 1));
      response.on('data', (chunk: Buffer) => hold.add(chunk)).once('end', () => hold.end());
      response.once('error', () => answer.destroy());
    });
    passed.on('error', () => answer.destroy()).end(body);
    answer.once('close', () => passed.destroy());
  };
  // Who goes away in the middle of a request is not answered.
  const server = createServer((asked, answer) => void pass(asked, answer).catch(() => answer.destroy()));
  server.on('upgrade', (asked, socket: Socket, head) => {
    let isOpen = false;
    let kept = Buffer.alloc(0);
    tunnel(asked, socket, head, port).on('data', (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk]);
      if (!isOpen) {
        const end = kept.indexOf('\r\n\r\n') + 4;
        isOpen = true;
        socket.write(kept.subarray(0, end));
        kept = kept.subarray(end);
      }
      held.overWebSockets += chunk.length;
      if (kept.length < bytes) return;
      socket.write(kept);
      kept = Buffer.alloc(0);
    });
  });
  const { url, close } = await stand(server);
  return { url, held, close };
}

class Hold {
  readonly #to: ServerResponse;
  readonly #bytes: number;
  readonly #ms: number;
  readonly #late: () => void;
  #kept: Buffer[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isEnded = false;

  constructor(to: ServerResponse, bytes: number, ms: number, late: () => void) {
    this.#to = to;
    this.#bytes = bytes;
    this.#ms = ms;
    this.#late = late;
    to.once('close', () => this.#timer && clearTimeout(this.#timer));
  }

  add(chunk: Buffer): void {
    this.#kept.push(chunk);
    if (this.#kept.reduce((sum, { length }) => sum + length, 0) >= this.#bytes) this.#let();
    else this.#wait();
  }

  end(): void {
    this.#isEnded = true;
    if (this.#kept.length > 0) this.#wait();
    else this.#let();
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => {
      this.#late();
      this.#let();
    }, this.#ms);
  }

  #let(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const chunk of this.#kept.splice(0)) this.#to.write(chunk);
    if (this.#isEnded) this.#to.end();
  }
}
