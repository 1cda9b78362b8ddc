// A Socket.IO client by hand (Engine.IO 4, Socket.IO protocol 5, WebSocket only), as cheap as it can be: pushes are
// handed on as bytes, and nothing is decoded that nobody asks for. Knows no event by name.
import { answerControl, Connection } from './connection.js';
import { clientFrame } from './frames.js';

const PONG = clientFrame('3');
const PATH = '/socket.io/?EIO=4&transport=websocket';

const ZERO = 0x30;
const TWO = 0x32;
const THREE = 0x33;
const FOUR = 0x34;
const NINE = 0x39;

/** Called with the JSON that stands in `bytes[from..to)`; the memory is used again after the call. */
export type OnBytes = (bytes: Buffer, from: number, to: number) => void;

export interface PeerHandlers {
  /** `["name",payload]` of an event. */
  onPush?: OnBytes;
  /** The server asked whether this peer is there; the answer is on its way. */
  onPing?: () => void;
  onLost: (error: Error) => void;
  /** The address that a proxy would name. */
  from?: string;
}

export class Peer {
  readonly #connection: Connection;
  readonly #handlers: PeerHandlers;
  readonly #waiting = new Map<number, OnBytes>();
  readonly #auth: string;
  #lastAck = 0;
  #settle: (error?: Error) => void = () => {};

  /** Dials; use `connected` before anything is sent. */
  constructor(port: number, buffer: Buffer, auth: Record<string, unknown>, handlers: PeerHandlers) {
    this.#auth = JSON.stringify(auth);
    this.#handlers = handlers;
    this.#connection = new Connection({ port, path: PATH, from: handlers.from }, buffer, {
      onFrame: (opcode, bytes, from, to) => this.#frame(opcode, bytes, from, to),
      onLost: (error) => {
        this.#settle(error);
        handlers.onLost(error);
      },
    });
  }

  /** Resolves when the default namespace has let it in; rejects with what the server said. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
    });
  }

  /** Sends a request; `onAnswer` gets `[answer]`, the JSON of its acknowledgement. */
  request(event: string, payload: unknown, onAnswer: OnBytes): void {
    this.#lastAck += 1;
    this.#waiting.set(this.#lastAck, onAnswer);
    this.#connection.sendText(`42${this.#lastAck}${JSON.stringify([event, payload])}`);
  }

  /** A request that must succeed by the contract's `{ ok, data }`; resolves with the data. */
  ask<T>(event: string, payload: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      this.request(event, payload, (bytes, from, to) => {
        const [answer] = JSON.parse(bytes.toString('utf8', from, to)) as [{ ok: boolean; data: T; error?: unknown }];
        if (answer.ok) resolve(answer.data);
        else reject(new Error(`${event} was refused: ${JSON.stringify(answer.error)}`));
      });
    });
  }

  /** An event without an answer. */
  tell(event: string, payload: unknown): void {
    this.#connection.sendText(`42${JSON.stringify([event, payload])}`);
  }

  /** Requests that have no answer yet. */
  get unanswered(): number {
    return this.#waiting.size;
  }

  /** See `Connection`. */
  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  abort(): void {
    this.#connection.abort();
  }

  end(): void {
    this.#connection.end();
  }

  #frame(opcode: number, bytes: Buffer, from: number, to: number): void {
    if (answerControl(this.#connection, opcode, bytes, from, to)) return;
    const type = bytes[from];
    if (type === FOUR) this.#packet(bytes, from + 1, to);
    else if (type === TWO) {
      this.#connection.sendFrame(PONG);
      this.#handlers.onPing?.();
    } else if (type === ZERO) this.#connection.sendText(`40${this.#auth}`);
  }

  #packet(bytes: Buffer, from: number, to: number): void {
    const type = bytes[from];
    if (type === TWO) this.#handlers.onPush?.(bytes, from + 1, to);
    else if (type === THREE) this.#answer(bytes, from + 1, to);
    else if (type === ZERO) this.#settle();
    else if (type === FOUR)
      this.#settle(new Error(`the connection was refused: ${bytes.toString('utf8', from + 1, to)}`));
  }

  #answer(bytes: Buffer, from: number, to: number): void {
    let at = from;
    let id = 0;
    for (let digit = bytes[at]!; digit >= ZERO && digit <= NINE; digit = bytes[at]!) {
      id = id * 10 + digit - ZERO;
      at += 1;
    }
    const onAnswer = this.#waiting.get(id);
    if (!onAnswer) throw new Error(`an answer to ${id}, which nobody asked`);
    this.#waiting.delete(id);
    onAnswer(bytes, at, to);
  }
}
