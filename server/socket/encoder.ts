// Socket.IO's encoder, with one difference: what many readers are answered alike is turned into JSON once. Owns the bytes of
// an answer to `thread:join`; everything else is the library's.
import { Decoder, Encoder, PacketType, type Packet } from 'socket.io-parser';

/** The parts of an answer that may be the same object for many, by far the largest ones. */
const SHARED = ['delta', 'replies'] as const;

type Data = Partial<Record<(typeof SHARED)[number], object>>;

export class AnswerEncoder extends Encoder {
  /** For as long as the object is kept by whoever made it. */
  readonly #json = new WeakMap<object, string>();

  override encode(packet: Packet): ReturnType<Encoder['encode']> {
    const shared = joinAnswerOf(packet);
    return shared
      ? [`${PacketType.ACK}${packet.id}[{"ok":true,"data":${this.#encode(shared)}}]`]
      : super.encode(packet);
  }

  #encode(data: Data): string {
    const { delta, replies, ...rest } = data;
    const own = JSON.stringify(rest).slice(0, -1);
    const parts = Object.entries({ delta, replies }).flatMap(([name, value]) =>
      value === undefined ? [] : [`"${name}":${this.#jsonOf(value)}`],
    );
    return `${own},${parts.join(',')}}`;
  }

  #jsonOf(value: object): string {
    const known = this.#json.get(value);
    if (known !== undefined) return known;
    const json = JSON.stringify(value);
    this.#json.set(value, json);
    return json;
  }
}

function joinAnswerOf({ type, nsp, data }: Packet): Data | null {
  if (type !== PacketType.ACK || nsp !== '/') return null;
  const [answer] = data as [{ data?: { mode?: unknown } }?];
  const mode = answer?.data?.mode;
  return mode === 'delta' || mode === 'snapshot' ? (answer!.data as Data) : null;
}

/** For Socket.IO's option `parser`. */
export const PARSER = { Encoder: AnswerEncoder, Decoder };
