// `apply(snapshot(before), deltas) == snapshot(after)` for every use case, over the store's contract in memory and the
// server's own presenter.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAfter } from '../../server/threads/after.js';
import { presentDelta, presentPage, presentThread } from '../../server/threads/present.js';
import { rank } from '../../server/threads/rank.js';
import { applyDelta, applyPage } from '../../shared/apply.js';
import { fromSnapshot, ROOTS, type Held } from '../../shared/held.js';
import type { Delta, Reply, Snapshot, Sort } from '../../shared/views.js';
import { MemoryStore } from '../support/memory-store/store.js';

const AUTHOR = { id: 'author', siteId: 'site', name: 'Ana', badge: 'guest' as const };
const THREAD = 'thread';

/** A thread that can be written to by number: the n-th reply is `rN`. */
class Desk {
  readonly store = new MemoryStore(() => Date.UTC(2026, 0, 1));
  #made = 0;

  static async open(): Promise<Desk> {
    const desk = new Desk();
    await desk.store.openThread({ id: THREAD, epoch: 'epoch', siteId: 'site', key: 'key', url: null, title: null });
    return desk;
  }

  #reply(parent: string | null) {
    const id = `r${this.#made++}`;
    return { id, parentId: parent, author: AUTHOR, body: `body of ${id}`, html: `<p>${id}</p>`, renderer: 1 };
  }

  pick(n: number): string | null {
    return this.#made === 0 ? null : `r${n % this.#made}`;
  }

  async create(parents: (string | null)[]): Promise<void> {
    await this.store.createReplies(
      THREAD,
      parents.map((parent) => this.#reply(parent)),
    );
  }

  async edit(id: string): Promise<void> {
    const base = (await this.store.reply(id))?.rev ?? 1;
    await this.store.editReply(id, base, { body: `edit ${base}`, html: `<p>edit ${base}</p>`, renderer: 1 });
  }

  async delta(from: number): Promise<Delta> {
    return presentDelta((await this.store.changes(THREAD, from, Infinity))!.change!);
  }

  async snapshot(sort: Sort = 'oldest', limit = 1_000): Promise<Snapshot> {
    const { thread, page } = (await this.store.firstPage(THREAD, sort, limit))!;
    return {
      cursor: { epoch: thread.epoch, seq: thread.head },
      thread: presentThread(thread),
      ...presentPage(page, sort),
    };
  }

  /** Loads every list to its end. */
  async complete(held: Held, sort: Sort = 'oldest'): Promise<Held> {
    let next = held;
    for (let [level] = next.levels; level; [level] = next.levels) {
      const parent = level[0] === ROOTS ? null : level[0];
      const after = decodeAfter(level[1].after, sort);
      const page = await this.store.page(THREAD, { parentId: parent, sort, after, limit: 3 });
      next = applyPage(next, parent, presentPage(page, sort));
    }
    return next;
  }
}

const rowsOf = (held: Held): Record<string, Reply> => Object.fromEntries(held.rows);

describe('apply(snapshot(before), deltas) is snapshot(after)', () => {
  const useCases: [string, (desk: Desk) => Promise<unknown>][] = [
    ['a reply to the article', (desk) => desk.create([null])],
    ['a reply to a reply', (desk) => desk.create(['r1'])],
    ['a batch of replies, siblings among them', (desk) => desk.create([null, 'r0', 'r0', null, 'r1'])],
    ['an edit', (desk) => desk.edit('r2')],
    ['a removal of a leaf', (desk) => desk.store.removeReply('r2', 60)],
    ['a removal of a reply with answers', (desk) => desk.store.removeReply('r0', 60)],
    ['a vote up', (desk) => desk.store.choose('r1', [{ authorId: 'v', value: 1 }], rank)],
    [
      'a vote taken back',
      async (desk) => {
        await desk.store.choose('r1', [{ authorId: 'v', value: -1 }], rank);
        await desk.store.choose('r1', [{ authorId: 'v', value: 0 }], rank);
      },
    ],
    ['a thread that closes', (desk) => desk.store.setThreadState(THREAD, 'closed')],
    ['nothing', () => Promise.resolve()],
  ];

  it.each(useCases)('[SEQ4] [SEQ7] after %s', async (_, useCase) => {
    const desk = await Desk.open();
    await desk.create([null, null]);
    await desk.create(['r0', 'r2']);
    const before = await desk.snapshot();
    await useCase(desk);
    const after = fromSnapshot(await desk.snapshot());
    const held = applyDelta(fromSnapshot(before), await desk.delta(before.cursor.seq));
    expect(held.cursor).toEqual(after.cursor);
    expect(held.thread).toEqual(after.thread);
    expect(rowsOf(held)).toEqual(rowsOf(after));
  });

  const step = fc.tuple(
    fc.constantFrom('root', 'child', 'batch', 'edit', 'remove', 'vote', 'close', 'read', 'page'),
    fc.nat(40),
    fc.constantFrom(-1, 0, 1),
  );

  it('[SEQ4] [CUR1] [CUR3] after any of these in any order, read in any pieces, some twice, pages loaded at any time', async () => {
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.constantFrom<Sort[]>('oldest', 'newest'),
      fc.integer({ min: 1, max: 4 }),
      async (steps, sort, limit) => {
        const desk = await Desk.open();
        await desk.create([null, null, null]);
        let held = fromSnapshot(await desk.snapshot(sort, limit));
        let last: Delta | null = null;
        for (const [what, n, value] of steps) {
          const id = desk.pick(n)!;
          if (what === 'root') await desk.create([null]);
          else if (what === 'child') await desk.create([id]);
          else if (what === 'batch') await desk.create([id, null, desk.pick(n + 1)]);
          else if (what === 'edit') await desk.edit(id);
          else if (what === 'remove') await desk.store.removeReply(id, 60);
          else if (what === 'vote')
            await desk.store.choose(id, [{ authorId: `v${n % 3}`, value: value as -1 | 0 | 1 }], rank);
          else if (what === 'close') await desk.store.setThreadState(THREAD, value > 0 ? 'closed' : 'open');
          else if (what === 'page') held = await desk.complete(held, sort);
          else {
            const delta = await desk.delta(Math.max(0, held.cursor.seq - (n % 3)));
            held = applyDelta(held, delta);
            if (last) expect(applyDelta(held, last)).toBe(held);
            last = delta;
          }
        }
        held = await desk.complete(applyDelta(held, await desk.delta(held.cursor.seq)), sort);
        const after = fromSnapshot(await desk.snapshot('oldest', 1_000));
        expect(rowsOf(held)).toEqual(rowsOf(await desk.complete(after)));
        expect([held.cursor, held.thread]).toEqual([after.cursor, after.thread]);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });
});
