// Socket.IO's encoder, with one difference: what many readers are answered alike is turned into JSON, and into bytes, once. Owns
// the text of an answer to `thread:join` and its frame; everything else is the library's.
import { Encoder, PacketType, type Packet } from 'socket.io-parser';
import { frameHead } from './push.js';

/** Of an answer, the parts that may be the same object for many: by far the largest ones. One of the two is there. */
interface Data {
  delta?: object;
  replies?: object;
}

/** What stands at the end of an answer that is the same for many. */
interface Shared {
  text: string;
  bytes: Buffer;
}

/** Behind the shared part, which ends the data. */
const END = '}}]';

/**
 * The frame of the answer that was encoded last. The library asks for the text of a packet and makes the packet of it in the
 * same step, without a word of where the text comes from: it is known again because it is the same.
 */
export class AnswerFrames {
  #last: { text: string; own: string; shared: Buffer } | null = null;

  /** `text` is `own` with what is shared behind it. */
  encoded(text: string, own: string, shared: Buffer): void {
    this.#last = { text, own, shared };
  }

  /** Two buffers, the second the same one for many; null where this is no such answer. Once. */
  frameOf(text: unknown): [Buffer, Buffer] | null {
    const last = this.#last;
    if (last === null || text !== last.text) return null;
    this.#last = null;
    // In Engine.IO protocol 4's message.
    return [frameHead(`4${last.own}`, last.shared.length), last.shared];
  }
}

export class AnswerEncoder extends Encoder {
  /** For as long as the object is kept by whoever made it. */
  readonly #shared = new WeakMap<object, Shared>();
  readonly #frames: AnswerFrames;

  constructor(frames: AnswerFrames) {
    super();
    this.#frames = frames;
  }

  override encode(packet: Packet): ReturnType<Encoder['encode']> {
    const data = joinAnswerOf(packet);
    if (!data) return super.encode(packet);
    const { delta, replies, ...rest } = data;
    const key = delta ? 'delta' : 'replies';
    const { text, bytes } = this.#sharedOf(delta ?? replies!);
    const own = `${PacketType.ACK}${packet.id}[{"ok":true,"data":${JSON.stringify(rest).slice(0, -1)},"${key}":`;
    const whole = own + text;
    this.#frames.encoded(whole, own, bytes);
    return [whole];
  }

  #sharedOf(value: object): Shared {
    const known = this.#shared.get(value);
    if (known) return known;
    const text = JSON.stringify(value) + END;
    const shared = { text, bytes: Buffer.from(text) };
    this.#shared.set(value, shared);
    return shared;
  }
}

function joinAnswerOf({ type, nsp, data }: Packet): Data | null {
  if (type !== PacketType.ACK || nsp !== '/') return null;
  const [answer] = data as [{ data?: { mode?: unknown } }?];
  const mode = answer?.data?.mode;
  return mode === 'delta' || mode === 'snapshot' ? (answer!.data as Data) : null;
}
