// A reader that knows the contract and nothing else: it follows a thread by cursor and deltas through every loss of the
// line (CUR1, CUR2, CUR4), or counts what is new in it (CUR9).
import { io, type Socket } from 'socket.io-client';

import { applyDelta, applySnapshot } from '../../shared/apply.js';
import { relate } from '../../shared/cursor.js';
import { fromSnapshot, type Held } from '../../shared/held.js';
import type { Answer, Beat, JoinAnswer, Lane } from '../../shared/protocol.js';
import type { Delta } from '../../shared/views.js';

export interface FaithfulReader {
  held(): Held | null;
  /** `born` of each reply that it was only told of. */
  counted: ReadonlySet<number>;
  /** Joins that were answered with a delta, and with a snapshot. */
  joins: { delta: number; snapshot: number };
  close(): void;
}

const ANSWER_MS = 2_000;
const RETRY_MS = 50;
/** Beats come every five seconds: whoever hears nothing for longer has a line that a network forgot. */
const SILENCE_MS = 8_000;

export function startReader(url: string, key: string, lane: Lane = 'live'): FaithfulReader {
  const socket: Socket = io(url, {
    transports: ['websocket'],
    auth: { protocol: 1, site: 'demo' },
    reconnectionDelay: RETRY_MS,
    reconnectionDelayMax: 200,
    forceNew: true,
    timeout: 4_000,
  });
  const joins = { delta: 0, snapshot: 0 };
  let held: Held | null = null;
  const counted = new Set<number>();
  let parked: Delta[] = [];
  let joining = false;
  let closed = false;

  const hear = (delta: Delta): void => {
    if (!held || joining) return void parked.push(delta);
    const relation = relate(held.cursor, delta);
    if (relation === 'next') apply(held, delta);
    if (relation === 'gap') parked.push(delta);
    if (relation === 'gap' || relation === 'other-epoch') void join();
  };

  const apply = (before: Held, delta: Delta): void => {
    for (const born of Object.values(delta.left ?? {}).flat()) if (born > before.cursor.seq) counted.add(born);
    // What changes later comes whole, or had come before.
    for (const { born } of delta.replies) counted.delete(born);
    held = applyDelta(before, delta);
  };

  async function join(): Promise<void> {
    if (joining || closed || !socket.connected) return;
    joining = true;
    const request = { key, ...(lane === 'live' ? {} : { lane }), ...(held ? { cursor: held.cursor } : {}) };
    const answer = (await socket
      .timeout(ANSWER_MS)
      .emitWithAck('thread:join', request)
      .catch(() => null)) as Answer<JoinAnswer> | null;
    joining = false;
    if (!answer?.ok) return void setTimeout(() => void join(), RETRY_MS);
    const { data } = answer;
    joins[data.mode] += 1;
    if (data.mode === 'snapshot') held = held ? applySnapshot(held, data) : fromSnapshot(data);
    else apply(held!, data.delta);
    const waiting = parked;
    parked = [];
    waiting.forEach(hear);
  }

  let heardAt = performance.now();
  socket.onAny(() => (heardAt = performance.now()));
  const watch = setInterval(() => {
    if (socket.connected && performance.now() - heardAt > SILENCE_MS) socket.io.engine.close();
  }, 1_000);
  const again = (): void => void (socket.active || closed || setTimeout(() => socket.connect(), RETRY_MS));
  socket.on('connect', () => {
    joining = false;
    heardAt = performance.now();
    void join();
  });
  socket.on('connect_error', again);
  socket.on('disconnect', again);
  socket.on('thread:delta', hear);
  socket.on('thread:stale', () => void join());
  socket.on('thread:beat', (beat: Beat) => {
    if (held && beat.head > held.cursor.seq)
      setTimeout(() => held && beat.head > held.cursor.seq && void join(), 1_000);
  });
  return {
    held: () => held,
    counted,
    joins,
    close: () => {
      closed = true;
      clearInterval(watch);
      socket.disconnect();
    },
  };
}
