// Recognises pushes. All readers get the same bytes, so the first of each is decoded and the others are only compared,
// byte by byte: cheap, and stricter than decoding every one.

/** Different pushes that may be under way at once. */
const KEPT = 8;

interface Known<T> {
  bytes: Buffer;
  content: T | null;
}

export class Pushes<T> {
  readonly #decode: (json: string) => T | null;
  readonly #known: Known<T>[] = [];
  #decoded = 0;
  /** Bytes of the last push that carried something. */
  bytes = 0;

  /** `decode` gives null for what carries nothing that is measured (beats and such). */
  constructor(decode: (json: string) => T | null) {
    this.#decode = decode;
  }

  /** How many were decoded: as many as there were different ones, unless readers got different bytes. */
  get decoded(): number {
    return this.#decoded;
  }

  contentOf(bytes: Buffer, from: number, to: number): T | null {
    const length = to - from;
    for (const known of this.#known) {
      if (known.bytes.length !== length) continue;
      if (bytes.compare(known.bytes, 0, length, from, to) === 0) return known.content;
    }
    return this.#learn(bytes, from, to);
  }

  #learn(bytes: Buffer, from: number, to: number): T | null {
    const content = this.#decode(bytes.toString('utf8', from, to));
    this.#decoded += 1;
    this.#known.unshift({ bytes: Buffer.from(bytes.subarray(from, to)), content });
    this.#known.length = Math.min(this.#known.length, KEPT);
    if (content !== null) this.bytes = to - from;
    return content;
  }
}
