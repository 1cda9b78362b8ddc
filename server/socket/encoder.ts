// Socket.IO's encoder, with one difference: what many readers are answered alike is turned into JSON once. Owns the bytes of
// an answer to `thread:join`; everything else is the library's.
import { Encoder, PacketType, type Packet } from 'socket.io-parser';

/** Of an answer, the parts that may be the same object for many: by far the largest ones. One of the two is there. */
interface Data {
  delta?: object;
  replies?: object;
}

export class AnswerEncoder extends Encoder {
  /** For as long as the object is kept by whoever made it. */
  readonly #json = new WeakMap<object, string>();

  override encode(packet: Packet): ReturnType<Encoder['encode']> {
    const shared = joinAnswerOf(packet);
    return shared
      ? [`${PacketType.ACK}${packet.id}[{"ok":true,"data":${this.#encode(shared)}}]`]
      : super.encode(packet);
  }

  #encode({ delta, replies, ...rest }: Data): string {
    const own = JSON.stringify(rest).slice(0, -1);
    return `${own},${delta ? `"delta":${this.#jsonOf(delta)}` : `"replies":${this.#jsonOf(replies!)}`}}`;
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
