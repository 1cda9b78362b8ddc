// A thread as a fresh reader finds it, page by page.
import type { Page } from '../../shared/protocol.js';
import type { Reply } from '../../shared/views.js';
import { connectClient } from './client.js';

/** Every root, oldest first. */
export async function readAll(url: string, key: string): Promise<Reply[]> {
  const reader = await connectClient(url);
  const { thread, replies, more } = await reader.snapshot(key, { limit: 50 });
  const all = [...replies];
  for (let next = more; next;) {
    const page: Page = await reader.must('thread:page', {
      thread: thread.id,
      parent: null,
      sort: 'oldest',
      after: next.after,
      limit: 50,
    });
    all.push(...page.replies);
    next = page.more;
  }
  reader.close();
  return all;
}
