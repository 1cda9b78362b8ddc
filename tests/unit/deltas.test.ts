// What returning readers missed is made once for all, and let go of when the thread has moved on.
import { expect, it } from 'vitest';

import type { Delta } from '../../shared/views.js';
import { Deltas } from '../../server/threads/deltas.js';
import { Recent } from '../../server/threads/recent.js';
import type { CounterRow } from '../../server/store/store.js';
import { collect } from '../support/collect.js';
import { threadAt } from '../support/replies.js';
import { until } from '../support/until.js';

const counter = (id: string, seq: number): CounterRow => ({ id, seq, ups: seq, downs: 0, replies: 0, reactions: null });
const next = (recent: Recent, id = 'reply'): void => {
  const { head } = recent;
  recent.add({ thread: threadAt(head + 1), from: head, to: head + 1, rows: [], counters: [counter(id, head + 1)] });
};

it('[PUMP5] is the same object for all who missed the same, until something is added', () => {
  const [deltas, recent] = [new Deltas(), new Recent(threadAt(1))];
  next(recent);
  next(recent);
  const delta = deltas.since(recent, 1);
  expect(delta).toMatchObject({ from: 1, to: 3 });
  expect(deltas.since(recent, 1)).toBe(delta);
  expect(deltas.since(recent, 2)).toMatchObject({ from: 2, to: 3 });
  expect(deltas.since(recent, 0)).toBeNull();
  next(recent);
  expect(deltas.since(recent, 1)).toMatchObject({ from: 1, to: 4 });
});

it('[PUMP5] keeps nothing of how the thread stood before', async () => {
  const [deltas, recent] = [new Deltas(), new Recent(threadAt(1))];
  const made: WeakRef<Delta>[] = [];
  for (let n = 0; n < 100; n++) {
    next(recent);
    made.push(new WeakRef(deltas.since(recent, 1)!));
  }
  await until(() => {
    collect();
    return made.filter((delta) => delta.deref()).length <= 1;
  }, 'all but the last to be let go of');
  expect(deltas.since(recent, 1)).toMatchObject({ to: 101 });
});

it('[PUMP5] keeps no more of one thread than there is room for', () => {
  const [deltas, recent] = [new Deltas(), new Recent(threadAt(1))];
  for (let n = 0; n < 400; n++) next(recent, `reply-${n}`);
  const first = deltas.since(recent, 1);
  // Each has some hundred rows, and each row its size.
  for (let seq = 2; seq < 40; seq++) deltas.since(recent, seq);
  expect(deltas.since(recent, 1)).not.toBe(first);
  expect(deltas.since(recent, 1)).toEqual(first);
});
