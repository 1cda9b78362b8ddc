// One HTTP/1.1 connection of the load generator that is kept, with one question at a time. Answers have a length, or none
// where they have no body; nothing else is understood.
import { connect, type Socket } from 'node:net';

const END_OF_HEADERS = '\r\n\r\n';

export interface Answer {
  status: number;
  /** As the server wrote it, in small letters. */
  headers: ReadonlyMap<string, string>;
  /** With its head. */
  bytes: number;
}

export class HttpLine {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #answered: ((answer: Answer) => void) | null = null;

  constructor(port: number, onLost: (error: Error) => void) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', onLost);
    this.#socket.on('close', () => this.#answered && onLost(new Error('the server hung up')));
  }

  get isFree(): boolean {
    return this.#answered === null;
  }

  /** `request`: all of it, made before. */
  ask(request: Buffer, answered: (answer: Answer) => void): void {
    this.#answered = answered;
    this.#socket.write(request);
  }

  end(): void {
    this.#answered = null;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#bytes = this.#bytes.length > 0 ? Buffer.concat([this.#bytes, chunk]) : chunk;
    const end = this.#bytes.indexOf(END_OF_HEADERS);
    if (end < 0) return;
    const [first = '', ...lines] = this.#bytes.toString('latin1', 0, end).split('\r\n');
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const bytes = end + END_OF_HEADERS.length + Number(headers.get('content-length') ?? 0);
    if (this.#bytes.length < bytes) return;
    const answered = this.#answered;
    this.#answered = null;
    this.#bytes = Buffer.alloc(0);
    answered?.({ status: Number(first.split(' ')[1]), headers, bytes });
  }
}
