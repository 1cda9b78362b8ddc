// Reads what a client sends to PostgreSQL (protocol 3.0): which statements it runs. Owns the parsing only.

/** Statements by their text, white space collapsed; fed with the bytes of one connection, in order. */
export class StatementReader {
  readonly #ran: (statement: string) => void;
  readonly #prepared = new Map<string, string>();
  #rest: Buffer = Buffer.alloc(0);
  #started = false;

  constructor(ran: (statement: string) => void) {
    this.#ran = ran;
  }

  feed(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      // The first message alone has no letter in front.
      const head = this.#started ? 1 : 0;
      if (this.#rest.length < head + 4) return;
      const length = head + this.#rest.readUInt32BE(head);
      if (this.#rest.length < length) return;
      const message = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      if (this.#started) this.#read(String.fromCharCode(message[0]!), message.subarray(5));
      this.#started = true;
    }
  }

  #read(kind: string, body: Buffer): void {
    if (kind === 'Q') this.#ran(collapse(text(body, 0).value));
    if (kind === 'P') {
      const name = text(body, 0);
      this.#prepared.set(name.value, collapse(text(body, name.end).value));
    }
    if (kind === 'B') this.#ran(this.#prepared.get(text(body, text(body, 0).end).value) ?? '');
  }
}

function text(body: Buffer, start: number): { value: string; end: number } {
  const zero = body.indexOf(0, start);
  return { value: body.toString('utf8', start, zero), end: zero + 1 };
}

function collapse(statement: string): string {
  return statement.replace(/\s+/g, ' ').trim();
}
