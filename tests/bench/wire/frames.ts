// WebSocket frames by hand (RFC 6455): what a client has to write and can receive. Owns bytes only; no sockets, and
// no more of the protocol than a load generator needs (no fragments, no extensions).

export const OPCODE = { text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/**
 * A whole message as a client's frame. The mask is four zero bytes: allowed, undone by the server like any other, and
 * free of cost for the generator.
 */
export function clientFrame(payload: string | Buffer, opcode: number = OPCODE.text): Buffer {
  const data = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const extended = data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(2 + extended + 4 + data.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? data.length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(data.length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(data.length), 2);
  data.copy(frame, 2 + extended + 4);
  return frame;
}

/**
 * Called for each message. `bytes[from..to)` is the payload, in memory that is used again as soon as the call returns.
 */
export type OnFrame = (opcode: number, bytes: Buffer, from: number, to: number) => void;

/**
 * Cuts one connection's stream into frames, however it arrives. A frame that comes in one piece, as nearly all do, is
 * handed on where it lies; only what is cut in two is copied. Throws where a server may not send what came.
 */
export class FrameParser {
  #rest: Buffer | null = null;

  push(chunk: Buffer, length: number, onFrame: OnFrame): void {
    let bytes = chunk;
    let end = length;
    if (this.#rest) {
      bytes = Buffer.concat([this.#rest, chunk.subarray(0, length)]);
      end = bytes.length;
      this.#rest = null;
    }
    let at = 0;
    while (at < end) {
      const size = frameSize(bytes, at, end);
      if (size === null || at + size > end) {
        this.#rest = Buffer.from(bytes.subarray(at, end));
        return;
      }
      const header = headerSize(bytes[at + 1]!);
      onFrame(bytes[at]! & 0x0f, bytes, at + header, at + size);
      at += size;
    }
  }
}

function headerSize(second: number): number {
  const short = second & 0x7f;
  return short < 126 ? 2 : short === 126 ? 4 : 10;
}

/** Header and payload of the frame that begins at `at`; null where too little of it is there to tell. */
function frameSize(bytes: Buffer, at: number, end: number): number | null {
  if (end - at < 2) return null;
  const first = bytes[at]!;
  const second = bytes[at + 1]!;
  if ((first & 0x70) !== 0) throw new Error('a frame of an extension that was not agreed on');
  if ((first & 0x80) === 0 || (first & 0x0f) === 0) throw new Error('a fragment, which these servers never send');
  if ((second & 0x80) !== 0) throw new Error('a masked frame from a server');
  const header = headerSize(second);
  if (end - at < header) return null;
  if (header === 2) return header + (second & 0x7f);
  return header + (header === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)));
}
