import { expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { Outgoing } from '../../server/bus/outgoing.js';

it('[PUMP3] what waits for a line that is away is bounded: the oldest hints are forgotten', () => {
  const outgoing = new Outgoing();
  const threads = Array.from({ length: 10_005 }, () => newId());
  for (const [n, thread] of threads.entries()) outgoing.add({ kind: 'head', thread, head: n });
  expect(outgoing.size).toBe(10_000);
  const kept = outgoing.take();
  expect(kept[0]).toEqual({ kind: 'head', thread: threads[5], head: 5 });
  expect(kept.at(-1)).toEqual({ kind: 'head', thread: threads.at(-1), head: 10_004 });
  expect(outgoing.size).toBe(0);
});

it('what is being sent waits until it has arrived, or is lost', () => {
  const outgoing = new Outgoing();
  const [one, other] = [newId(), newId()];
  outgoing.add({ kind: 'head', thread: one, head: 1 });
  outgoing.take();
  outgoing.add({ kind: 'head', thread: other, head: 1 });
  expect([outgoing.size, outgoing.waiting]).toEqual([1, 2]);
  outgoing.done();
  expect([outgoing.size, outgoing.waiting]).toEqual([1, 1]);
});
