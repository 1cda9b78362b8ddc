// Threads and replies in memory, each thread with its clock: every write takes the next seq and is one commit. Owns what
// changed since when; decides nothing about who may write what, and keeps no earlier texts.
import type { Change, NewReply, ReplyRow, ThreadRow, Written } from '../../../server/store/store.js';
import { counterOf } from '../../../server/store/store.js';
import type { Placed } from './pages.js';

/** A row with its Markdown. */
export interface Kept extends Placed {
  body: string;
}

export class MemoryRows {
  readonly threads = new Map<string, ThreadRow>();
  readonly replies = new Map<string, Kept>();
  readonly #committed: (change: Change) => void;

  /** `committed` is told of each commit, in order. */
  constructor(committed: (change: Change) => void) {
    this.#committed = committed;
  }

  /** All replies of a thread, oldest first. */
  of(threadId: string): Placed[] {
    return [...this.replies.values()].filter((row) => row.threadId === threadId).map(viewOf);
  }

  /** Those that changed after this seq, in the order of their seq. */
  changedSince(threadId: string, seq: number): ReplyRow[] {
    const rows = [...this.replies.values()].filter((row) => row.threadId === threadId && row.seq > seq);
    return rows.sort((a, b) => a.seq - b.seq).map(viewOf);
  }

  parentOf({ parentId }: { parentId: string | null }): Kept | null {
    return parentId === null ? null : (this.replies.get(parentId) ?? null);
  }

  /** Inserts a reply and stamps its parent; the commit is the caller's. */
  insert(thread: ThreadRow, given: NewReply, createdAt: Date): Kept {
    const parent = this.parentOf(given);
    const seq = ++thread.head;
    thread.infoSeq = seq;
    thread.count += 1;
    if (parent) Object.assign(parent, { replies: parent.replies + 1, children: parent.children + 1, seq });
    else thread.roots += 1;
    const row: Kept = {
      id: given.id,
      threadId: thread.id,
      parentId: given.parentId,
      rootId: parent?.rootId ?? given.id,
      depth: parent ? parent.depth + 1 : 0,
      born: seq,
      seq,
      bodySeq: seq,
      rev: 1,
      authorId: given.author.id,
      authorName: given.author.name,
      authorBadge: given.author.badge,
      body: given.body,
      html: given.html,
      state: 'published',
      ups: 0,
      downs: 0,
      rank: 0,
      rankSeq: null,
      replies: 0,
      children: 0,
      reactions: null,
      answers: given.answers ?? null,
      mentions: given.mentions ?? null,
      createdAt,
      editedAt: null,
    };
    this.replies.set(row.id, row);
    return row;
  }

  /** Changes a reply, with what else `set` does at this seq, and commits. */
  write(row: Kept, set: (seq: number, thread: ThreadRow) => Partial<Kept>): Written<{ row: ReplyRow }> {
    const thread = this.threads.get(row.threadId)!;
    const from = thread.head++;
    const seq = thread.head;
    Object.assign(row, { seq }, set(seq, thread));
    return { is: 'written', row: viewOf(row), change: this.commit(thread, from) };
  }

  /** What was done since `from` becomes one change. */
  commit(thread: ThreadRow, from: number): Change {
    const change = changeOf(thread, from, this.changedSince(thread.id, from));
    this.#committed(change);
    return change;
  }
}

/** `changed`: all rows that changed after `from`. */
export function changeOf(thread: ThreadRow, from: number, changed: readonly ReplyRow[]): Change {
  const rows = changed.filter((row) => row.bodySeq > from);
  const counters = changed.filter((row) => row.bodySeq <= from).map(counterOf);
  return { thread: { ...thread }, from, to: thread.head, rows, counters };
}

/** A copy, because what a store has answered does not change any more. */
export function viewOf(kept: Kept): Placed {
  const { body: _, ...row } = kept;
  return row;
}
