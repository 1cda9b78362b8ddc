// After a long gap, of which the server tells the first page alone: brings up to date what else was in sight (`rest.ts` kept
// it there), page by page. Loaded then.
import { ROOTS, type Held } from '../../shared/held.js';
import { PAGE_MAX } from '../../shared/limits.js';
import type { Reply } from '../../shared/views.js';
import type { Feed } from './feed.js';
import type { ThreadState } from './thread.js';
import type { LiveThread } from './types.js';

/** Who had read further than these bring loses sight of the rest. */
const PAGES_MAX = 20;

/** `kept`: what is to be brought up to date, less and less of it; `before`: what was held. `still`: no other snapshot came. */
export async function refetch(
  kept: Map<string, Reply>,
  before: Held,
  still: () => boolean,
  state: ThreadState,
  feed: Feed,
  live: Pick<LiveThread, 'read'>,
): Promise<void> {
  const missing = new Map(kept);
  for (let pages = 0; pages < PAGES_MAX && still(); pages++) {
    const { sort } = state;
    const levels = state.held!.levels;
    const list = [...missing.values()].map(listOf).find((id) => levels.has(id));
    if (list === undefined) break;
    const asked = levels.get(list)!;
    const parent = list || null;
    const { after } = asked;
    const answer = await live.read('thread:page', { parent, sort, limit: PAGE_MAX, ...(after && { after }) });
    if (!still() || !answer.ok || !feed.page(parent, asked, answer.data)) break;
    const { replies } = answer.data;
    for (const { id } of replies) {
      missing.delete(id);
      kept.delete(id);
    }
    // By birth, what did not come where it stood is gone: it is not looked for on the pages behind.
    const end = replies.findLast((row) => listOf(row) === list)?.born ?? 0;
    for (const row of missing.values()) {
      const isPast = sort === 'oldest' ? row.born < end : sort === 'newest' && row.born > end;
      if (isPast && listOf(row) === list) missing.delete(row.id);
    }
    const news = replies.filter(({ id, born }) => born > before.cursor.seq && !before.rows.has(id)).map(({ id }) => id);
    const waiting = withoutOwn(news, state);
    state.change({ back: new Set([...state.back, ...waiting]), fresh: new Set([...state.fresh, ...waiting]) });
  }
}

/** What is new waits, as ever, but what this reader wrote, or answers: the feed's rule, which is not at hand here. */
function withoutOwn(ids: readonly string[], { you, pending, drafts, held }: ThreadState): Set<string> {
  const waiting = new Set(ids);
  const { rows } = held!;
  for (const row of [...rows.values(), ...drafts]) {
    if (row.author.id !== you?.me?.id && !pending.some(({ id }) => id === row.id)) continue;
    for (let up: Reply | undefined = row; up; up = rows.get(listOf(up))) waiting.delete(up.id);
  }
  return waiting;
}

const listOf = ({ parent }: Reply): string => parent ?? ROOTS;
