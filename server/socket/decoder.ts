// Socket.IO's decoder, one for each line, with bounds: what one message may have with all its binary parts, what may come
// before a line has said who it is, and how fast. What is beyond throws, which closes the line.
import { Decoder } from 'socket.io-parser';

import { MESSAGE_BYTES_MAX } from '../../shared/limits.js';

/** `0`: CONNECT. Anything else before it would close the line, too, but binary parts would be kept until they are complete. */
const CONNECT = '0';

export class BoundedDecoder extends Decoder {
  #hasSpoken = false;
  /** Of the message under way. */
  #bytes = 0;

  override add(part: string | Buffer): void {
    const isText = typeof part === 'string';
    this.#hasSpoken ||= isText && part.startsWith(CONNECT);
    if (!this.#hasSpoken) throw new Error('CONNECT comes first');
    this.#bytes = isText ? part.length : this.#bytes + part.length;
    if (this.#bytes > MESSAGE_BYTES_MAX) throw new Error('the message and its binary parts are too large');
    super.add(part as string);
  }
}

/**
 * What a line may send at once, and a second in the long run, before it is closed: far more than is served (REQ10), because
 * whoever waits for the refusals never gets there. Each refusal costs some 30 us: half a million messages in one polling
 * request of 4 MB took the process 17 s.
 */
export const FLOOD = { burst: 5_000, perSecond: 200 };

export class FloodDecoder extends BoundedDecoder {
  #sent = 0;
  #at = performance.now();

  override add(part: string | Buffer): void {
    const now = performance.now();
    this.#sent = Math.max(0, this.#sent - ((now - this.#at) / 1_000) * FLOOD.perSecond) + 1;
    this.#at = now;
    if (this.#sent > FLOOD.burst) throw new Error('a flood');
    super.add(part);
  }
}
