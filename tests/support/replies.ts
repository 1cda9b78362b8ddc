// Rows, deltas and snapshots for tests that need no server.
import type { ThreadRow } from '../../server/store/store.js';
import type { Delta, Reply, Snapshot, Thread } from '../../shared/views.js';

export const EPOCH = '01900000-0000-7000-8000-00000000e0c4';
export const THREAD = '01900000-0000-7000-8000-000000000001';

export function makeThread(more: Partial<Thread> = {}): Thread {
  return { id: THREAD, key: 'article', url: null, title: null, count: 0, state: 'open', ...more };
}

/** A published root, unless told otherwise; `seq` is `born` where it is not given. */
export function makeReply(id: string, more: Partial<Reply> = {}): Reply {
  const born = more.born ?? 1;
  return {
    id,
    parent: null,
    root: id,
    depth: 0,
    born,
    seq: born,
    rev: 1,
    author: { id: 'somebody', name: 'Somebody', badge: 'guest' },
    html: `<p>${id}</p>`,
    createdAt: '2026-01-01T00:00:00.000Z',
    state: 'published',
    score: 0,
    replies: 0,
    ...more,
  };
}

/** A tombstone. */
export function makeRemoved(id: string, more: Partial<Reply> = {}): Reply {
  return makeReply(id, { author: { id: '', name: '' }, html: '', state: 'removed', ...more });
}

export function makeSnapshot(replies: Reply[], more: Partial<Snapshot> & { seq?: number } = {}): Snapshot {
  const { seq = Math.max(0, ...replies.map((reply) => reply.seq)), ...rest } = more;
  const count = replies.filter(({ state }) => state === 'published').length;
  return { cursor: { epoch: EPOCH, seq }, thread: makeThread({ count }), replies, more: null, ...rest };
}

export function makeDelta(from: number, to: number, replies: Reply[] = [], more: Partial<Delta> = {}): Delta {
  return { v: 1, thread: THREAD, epoch: EPOCH, from, to, replies, ...more };
}

/** The same thread as its row, at this seq. */
export function threadAt(head: number): ThreadRow {
  const thread = {
    id: THREAD,
    siteId: 'site',
    key: 'key',
    url: null,
    title: null,
    state: 'open',
    epoch: EPOCH,
  } as const;
  return { ...thread, head, infoSeq: 0, count: 0, roots: 0 };
}
