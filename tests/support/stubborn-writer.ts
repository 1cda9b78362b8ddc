// A client that never gives up: whatever happens to lines and servers, each of its replies is sent until it is
// acknowledged, always under the same id (CUR5, REQ1).
import { io, type Socket } from 'socket.io-client';

import { newId } from '../../shared/ids.js';
import type { Answer } from '../../shared/protocol.js';

export interface StubbornWriter {
  /** Ids in the order in which they were acknowledged. */
  acknowledged: string[];
  /** Every id that was ever sent. */
  sent: Set<string>;
  /** Refusals that are not about a server that is away. */
  refused: unknown[];
  /** Begins no more, and resolves when everything begun is acknowledged. */
  finish(): Promise<void>;
  close(): void;
}

export interface WriterOptions {
  url: string;
  key: string;
  name: string;
  /** Sends under way at once. */
  lanes: number;
  /** Rest between two replies of a lane, in milliseconds; none unless told. */
  restMs?: number;
  /** With the seq that the reply got. */
  onAcknowledged?(seq: number): void;
}

const ANSWER_MS = 2_000;
const PAUSE_MS = 50;
/** Unanswered in a row on an open line: a network has forgotten it. */
const SILENT_MAX = 2;

const pause = (ms = PAUSE_MS): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function startWriter(options: WriterOptions): Promise<StubbornWriter> {
  const { url, key, name, lanes, restMs = 0, onAcknowledged } = options;
  let token: string | undefined;
  const socket: Socket = io(url, {
    transports: ['websocket'],
    auth: (give: (auth: object) => void) => give({ protocol: 1, site: 'demo', ...(token ? { token } : {}) }),
    reconnectionDelay: PAUSE_MS,
    reconnectionDelayMax: 200,
    forceNew: true,
    timeout: 4_000,
  });
  // A server that is starting or draining may refuse the handshake: the library does not try again by itself then.
  let closed = false;
  const again = (): void => void (socket.active || setTimeout(() => closed || socket.connect(), PAUSE_MS));
  socket.on('connect_error', again);
  socket.on('disconnect', again);

  const writer = { acknowledged: [] as string[], sent: new Set<string>(), refused: [] as unknown[] };
  let finishing = false;
  let silent = 0;
  const hangUp = (): void => {
    silent = 0;
    socket.io.engine.close();
  };

  /** Asks until it is accepted; null where it is refused for good. */
  async function insist<T>(event: string, payload: object): Promise<T | null> {
    for (;;) {
      const answer: Answer<T> | null | undefined = socket.connected
        ? await socket
            .timeout(ANSWER_MS)
            .emitWithAck(event, payload)
            .catch(() => null)
        : undefined;
      if (answer) silent = 0;
      else if (answer === null && ++silent >= SILENT_MAX) hangUp();
      if (answer?.ok) return answer.data;
      if (answer && answer.error.code !== 'overloaded') {
        writer.refused.push(answer.error);
        return null;
      }
      await pause();
    }
  }

  const guest = await insist<{ token: string }>('me:guest', { name });
  token = guest?.token;
  const joined = await insist<{ thread: { id: string } }>('thread:join', { key });
  const thread = joined!.thread.id;

  async function lane(): Promise<void> {
    while (!finishing) {
      const id = newId();
      writer.sent.add(id);
      const done = await insist<{ reply: { seq: number } }>('reply:create', { thread, id, body: `${name} says ${id}` });
      if (done) {
        writer.acknowledged.push(id);
        onAcknowledged?.(done.reply.seq);
      }
      if (restMs > 0) await pause(restMs);
    }
  }
  const all = Promise.all(Array.from({ length: lanes }, lane));
  return {
    ...writer,
    finish: async () => {
      finishing = true;
      await all;
    },
    close: () => {
      closed = true;
      socket.disconnect();
    },
  };
}
