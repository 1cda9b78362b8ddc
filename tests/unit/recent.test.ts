// The window of recent changes against the plain truth: a list of everything that ever happened to a thread.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CATCH_UP_ROWS_MAX } from '../../shared/limits.js';
import { counterOf, type Change, type ReplyRow, type ThreadRow } from '../../server/store/store.js';
import { Recent } from '../../server/threads/recent.js';

const EPOCH = 'epoch';

const threadAt = (head: number, epoch = EPOCH): ThreadRow =>
  ({
    id: 'thread',
    siteId: 'site',
    key: 'key',
    url: null,
    title: null,
    state: 'open',
    epoch,
    head,
    infoSeq: 0,
  }) as ThreadRow;

/** One reply's row after something happened to it at `seq`. */
interface Happening {
  id: string;
  /** Its text changed, and not only its counters. */
  isText: boolean;
}

/** What the database would tell of the first `to` happenings, after `from`. */
function changeOf(history: readonly Happening[], from: number, to: number): Change {
  const rows = new Map<string, ReplyRow>();
  history.slice(0, to).forEach(({ id, isText }, n) => {
    const seq = n + 1;
    const known = rows.get(id);
    const bodySeq = isText || !known ? seq : known.bodySeq;
    const row = { id, seq, bodySeq, html: `${id} at ${bodySeq}`, ups: seq, downs: 0, replies: 0, reactions: null };
    rows.set(id, row as unknown as ReplyRow);
  });
  const changed = [...rows.values()].filter(({ seq }) => seq > from).toSorted((a, b) => a.seq - b.seq);
  return {
    thread: threadAt(to),
    from,
    to,
    rows: changed.filter(({ bodySeq }) => bodySeq > from),
    counters: changed.filter(({ bodySeq }) => bodySeq <= from).map(counterOf),
  };
}

const histories = fc.array(
  fc.record({ id: fc.integer({ min: 0, max: 8 }).map((n) => `reply ${n}`), isText: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);

describe('[PUMP5] the window of recent changes', () => {
  it('answers as the database would, whatever was read back into it and fed to it, in any order', () => {
    let answered = 0;
    fc.assert(
      fc.property(
        histories,
        fc.array(fc.tuple(fc.boolean(), fc.nat(), fc.nat()), { maxLength: 12 }),
        (history, steps) => {
          const begun = Math.floor(history.length / 2);
          const recent = new Recent(threadAt(begun));
          for (const [isRead, one, other] of steps) {
            if (isRead) {
              const [from, to] = [one % (history.length + 1), other % (history.length + 1)].toSorted((a, b) => a - b);
              recent.extend(changeOf(history, from!, to!));
            } else if (recent.head < history.length) {
              const to = recent.head + 1 + (one % (history.length - recent.head));
              recent.add(changeOf(history, recent.head, to));
            }
            for (let seq = 0; seq <= recent.head; seq++) {
              const found = recent.since(seq);
              if (seq < recent.start) expect(found).toBeNull();
              else {
                answered += 1;
                expect(found).toEqual(changeOf(history, seq, recent.head));
              }
            }
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(answered).toBeGreaterThan(1_000);
  });

  it('reaches back to what was read', () => {
    const history = Array.from({ length: 30 }, (_, n) => ({ id: `reply ${n}`, isText: true }));
    const recent = new Recent(threadAt(30));
    expect(recent.since(10)).toBeNull();
    recent.extend(changeOf(history, 10, 30));
    expect(recent.since(10)).toEqual(changeOf(history, 10, 30));
  });

  it('takes nothing of another epoch, nothing that leaves a gap, and nothing that is ahead of it', () => {
    const history = Array.from({ length: 30 }, (_, n) => ({ id: `reply ${n}`, isText: true }));
    const recent = new Recent(threadAt(20));
    recent.extend({ ...changeOf(history, 10, 20), thread: threadAt(20, 'another') });
    recent.extend(changeOf(history, 5, 19));
    recent.extend(changeOf(history, 10, 21));
    expect(recent.start).toBe(20);
  });

  it('holds as many rows as before', () => {
    const history = Array.from({ length: CATCH_UP_ROWS_MAX + 100 }, (_, n) => ({ id: `reply ${n}`, isText: true }));
    const recent = new Recent(threadAt(CATCH_UP_ROWS_MAX));
    recent.extend(changeOf(history, 0, CATCH_UP_ROWS_MAX));
    recent.add(changeOf(history, CATCH_UP_ROWS_MAX, CATCH_UP_ROWS_MAX + 100));
    expect(recent.start).toBe(100);
    expect(recent.since(100)).toEqual(changeOf(history, 100, CATCH_UP_ROWS_MAX + 100));
  });
});
