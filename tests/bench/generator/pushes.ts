// Recognises pushes. All readers get the same bytes, so the first of each is decoded and the others are only compared,
// byte by byte: cheap, and stricter than decoding every one.

/** Events that a push carries, or null where it carries none (beats and such). */
export type Decode = (json: string) => readonly number[];

const NONE: readonly number[] = [];
/** Different pushes that may be under way at once. */
const KEPT = 8;

interface Known {
  bytes: Buffer;
  events: readonly number[];
}

export class Pushes {
  readonly #decode: Decode;
  readonly #known: Known[] = [];
  #decoded = 0;
  /** Bytes of the last push that carried an event. */
  bytes = 0;

  constructor(decode: Decode) {
    this.#decode = decode;
  }

  /** How many were decoded: as many as there were different ones, unless readers got different bytes. */
  get decoded(): number {
    return this.#decoded;
  }

  eventsOf(bytes: Buffer, from: number, to: number): readonly number[] {
    const length = to - from;
    for (const known of this.#known) {
      if (known.bytes.length !== length) continue;
      if (bytes.compare(known.bytes, 0, length, from, to) === 0) return known.events;
    }
    return this.#learn(bytes, from, to);
  }

  #learn(bytes: Buffer, from: number, to: number): readonly number[] {
    const events = this.#decode(bytes.toString('utf8', from, to));
    this.#decoded += 1;
    this.#known.unshift({ bytes: Buffer.from(bytes.subarray(from, to)), events });
    this.#known.length = Math.min(this.#known.length, KEPT);
    if (events.length > 0) this.bytes = to - from;
    return events.length > 0 ? events : NONE;
  }
}
