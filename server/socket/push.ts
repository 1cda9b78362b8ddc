// A push that many readers get alike: encoded once for all of them. Owns the bytes of Socket.IO's packet and of the
// WebSocket frame around it.
import type { ServerToClient } from '../../shared/protocol.js';

export interface Push {
  /** What Engine.IO is given where it sends by itself: a Socket.IO event of the default namespace. */
  packet: string;
  /** The same as one whole WebSocket frame, in one buffer: one write for each reader. */
  frame: Buffer;
}

export type PushEvent = keyof ServerToClient;

/** Socket.IO protocol 5: `2` is an event, in Engine.IO protocol 4's message, `4`. */
export function encodePush<E extends PushEvent>(event: E, payload: Parameters<ServerToClient[E]>[0]): Push {
  const packet = `2${JSON.stringify([event, payload])}`;
  return { packet, frame: frameHead(`4${packet}`, 0) };
}

/** RFC 6455, 5.2: one final text frame, unmasked as a server's are, without the last `left` bytes of its text. */
export function frameHead(text: string, left: number): Buffer {
  const bytes = Buffer.byteLength(text);
  const length = bytes + left;
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + bytes);
  frame[0] = 0x81;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
}
