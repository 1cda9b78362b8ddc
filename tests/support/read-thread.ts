// A thread as a fresh reader finds it, page by page.
import type { Page } from '../../shared/protocol.js';
import type { Cursor, Reply, Sort } from '../../shared/views.js';
import { connectClient } from './client.js';

const LIMIT = 50;
const SORT: Sort = 'oldest';

export interface WholeThread {
  cursor: Cursor;
  /** Every row, removed ones included, in the order of birth, without `more`. */
  rows: Reply[];
}

/** Everything that can be reached from the first page. It holds together where nobody writes meanwhile. */
export async function readThread(url: string, key: string): Promise<WholeThread> {
  const reader = await connectClient(url);
  try {
    const { cursor, thread, replies, more } = await reader.snapshot(key, { sort: SORT, limit: LIMIT });
    const rows = new Map<string, Reply>();
    const due: { parent: string | null; after: string }[] = [];
    const take = (parent: string | null, page: Page): void => {
      for (const { more: left, ...row } of page.replies) {
        rows.set(row.id, row);
        if (left) due.push({ parent: row.id, after: left.after });
      }
      if (page.more) due.push({ parent, after: page.more.after });
    };
    take(null, { replies, more });
    for (let next = due.pop(); next; next = due.pop())
      take(next.parent, await reader.must('thread:page', { thread: thread.id, sort: SORT, limit: LIMIT, ...next }));
    return { cursor, rows: [...rows.values()].toSorted((a, b) => a.born - b.born) };
  } finally {
    reader.close();
  }
}
