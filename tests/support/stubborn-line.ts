// A guest's line that never gives up: whatever happens to lines and servers, each request is sent again, unchanged, until
// the server has decided on it (CUR5).
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';

import type { Answer, DataOf, RequestName, RequestOf } from '../../shared/protocol.js';

export interface StubbornLine {
  /** The thread of the key that it was opened with. */
  thread: string;
  /** Asks until the answer is not about a server that is away. */
  insist<N extends RequestName>(name: N, payload: RequestOf<N>): Promise<Answer<DataOf<N>>>;
  close(): void;
}

const ANSWER_MS = 2_000;
const PAUSE_MS = 50;
/** Unanswered in a row on an open line: a network has forgotten it. */
const SILENT_MAX = 2;

/** Resolves when the guest has its name and has joined; rejects where either is refused. */
export async function openLine(
  url: string,
  key: string,
  name: string,
  transport: 'websocket' | 'polling' = 'websocket',
): Promise<StubbornLine> {
  let token: string | undefined;
  const socket: Socket = io(url, {
    transports: [transport],
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

  let silent = 0;
  const hangUp = (): void => {
    silent = 0;
    socket.io.engine.close();
  };
  async function insist<N extends RequestName>(event: N, payload: RequestOf<N>): Promise<Answer<DataOf<N>>> {
    for (;;) {
      const answer: Answer<DataOf<N>> | null | undefined = socket.connected
        ? await socket
            .timeout(ANSWER_MS)
            .emitWithAck(event, payload)
            .catch(() => null)
        : undefined;
      if (answer) silent = 0;
      else if (answer === null && ++silent >= SILENT_MAX) hangUp();
      if (answer?.ok || (answer && answer.error.code !== 'overloaded')) return answer;
      await pause(PAUSE_MS);
    }
  }
  const must = async <N extends RequestName>(event: N, payload: RequestOf<N>): Promise<DataOf<N>> => {
    const answer = await insist(event, payload);
    if (answer.ok) return answer.data;
    throw new Error(`${event} was refused: ${JSON.stringify(answer.error)}`);
  };
  const close = (): void => {
    closed = true;
    socket.disconnect();
  };
  try {
    token = (await must('me:guest', { name })).token;
    const joined = await must('thread:join', { key });
    if (joined.mode !== 'snapshot') throw new Error('a join without a cursor was answered with a delta');
    return { thread: joined.thread.id, insist, close };
  } catch (error) {
    close();
    throw error;
  }
}
