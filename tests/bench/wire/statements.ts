// Counts what a client asks of PostgreSQL, from the bytes that it sends: statements that are executed, prepared or not.
// Owns just enough of the protocol (version 3, frontend messages) to find where each message begins.

const EXECUTE = 0x45;
const QUERY = 0x51;
const HEADER = 5;

export class StatementCounter {
  #rest = Buffer.alloc(0);
  /** The first message of a connection has no type. */
  #isStarted = false;
  /** Bytes of the message under way that are yet to come and don't matter. */
  #skip = 0;
  count = 0;

  push(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
      const header = this.#isStarted ? HEADER : HEADER - 1;
      if (bytes.length < header) break;
      const type = this.#isStarted ? bytes[0]! : 0;
      if (type === EXECUTE || type === QUERY) this.count += 1;
      // The length counts itself and not the type.
      this.#skip = bytes.readUInt32BE(header - 4) + header - 4;
      this.#isStarted = true;
    }
    this.#rest = Buffer.from(bytes);
  }
}
