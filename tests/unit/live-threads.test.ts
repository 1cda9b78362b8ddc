// What a reader who comes back may be answered with, where others asked the same a moment before.
import { expect, it } from 'vitest';
import type { Clock } from '../../server/clock.js';
import { createLog } from '../../server/log.js';
import type { PageRows, Store, ThreadRow } from '../../server/store/store.js';
import { LiveThreads } from '../../server/threads/live.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { EPOCH, THREAD, threadAt } from '../support/replies.js';

type FirstPage = { thread: ThreadRow; page: PageRows };

it('[PUMP5] a first page that was being read before what a reader knows is not for them', async () => {
  const reads: ((page: FirstPage) => void)[] = [];
  const store: Partial<Store> = {
    thread: async () => threadAt(1),
    firstPage: () => new Promise((resolve) => reads.push(resolve)),
  };
  const clock = new VirtualClock(new Random(1));
  const live = new LiveThreads({
    store: store as Store,
    clock: clock as Clock,
    log: createLog({ level: 'fatal', pretty: false, to: { write: () => {} } }),
    publish: () => {},
    resync: () => {},
  });
  live.open(THREAD);
  const first = live.snapshot(THREAD, 'oldest', 20);
  await clock.pass(0);
  // Told by another node, which this one has not heard of.
  const later = live.snapshot(THREAD, 'oldest', 20, { epoch: EPOCH, seq: 2 });
  await clock.pass(0);
  expect(reads.length).toBe(1);
  reads[0]!(pageAt(1));
  expect((await first)?.cursor.seq).toBe(1);
  await clock.pass(0);
  reads[1]?.(pageAt(2));
  expect((await later)?.cursor.seq).toBe(2);
});

function pageAt(head: number): FirstPage {
  return { thread: threadAt(head), page: { rows: [], next: null, head } };
}
