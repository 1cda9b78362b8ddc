// Folding: what comes while a write is under way goes into the next one, and each hears what its own came to.
import { describe, expect, it } from 'vitest';

import { Folding } from '../../server/threads/folding.js';

/** A write that ends when it is told to, with all that it was given. */
class Desk {
  readonly batches: { key: string; items: readonly number[]; end(result: string | Error): void }[] = [];
  readonly folding = new Folding<number, string>(
    (key, items) =>
      new Promise((resolve, reject) => {
        const end = (result: string | Error): void => (result instanceof Error ? reject(result) : resolve(result));
        this.batches.push({ key, items, end });
      }),
  );

  /** Ends the write that was begun last, and waits until what follows from it has run. */
  async end(result: string | Error): Promise<void> {
    this.batches.at(-1)!.end(result);
    await new Promise((resolve) => setImmediate(resolve));
  }

  get items(): readonly (readonly number[])[] {
    return this.batches.map(({ items }) => items);
  }
}

function refusal(code: string): Error {
  return Object.assign(new Error('refused'), { code });
}

describe('[PUMP8] Folding', () => {
  it('writes the first at once, and what came meanwhile together, in its order', async () => {
    const desk = new Desk();
    const all = [1, 2, 3].map((item) => desk.folding.add('a', item));
    expect(desk.items).toEqual([[1]]);
    await desk.end('first');
    expect(desk.items).toEqual([[1], [2, 3]]);
    const late = desk.folding.add('a', 4);
    await desk.end('second');
    await desk.end('third');
    expect(await Promise.all([...all, late])).toEqual(['first', 'second', 'second', 'third']);
    expect(desk.items).toEqual([[1], [2, 3], [4]]);
  });

  it('lets one thing not wait for another', () => {
    const desk = new Desk();
    for (const key of ['a', 'b']) void desk.folding.add(key, 1);
    expect(desk.batches.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('bounds a write', async () => {
    const desk = new Desk();
    void desk.folding.add('a', 0);
    for (let n = 0; n < 250; n++) void desk.folding.add('a', n);
    await desk.end('first');
    await desk.end('second');
    expect(desk.items.map(({ length }) => length)).toEqual([1, 200, 50]);
  });

  it.each([
    ['told by the driver', refusal('23503')],
    ['wrapped by Drizzle', new Error('Failed query', { cause: refusal('23503') })],
  ])('tries alone what the database refused together, so that one costs no other: %s', async (_, refused) => {
    const desk = new Desk();
    const all = Promise.allSettled([1, 2, 3].map((item) => desk.folding.add('a', item)));
    await desk.end('first');
    await desk.end(refused);
    await desk.end(refused);
    await desk.end('third');
    expect(desk.items).toEqual([[1], [2, 3], [2], [3]]);
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails all of a write that the database was not there for, and goes on', async () => {
    const desk = new Desk();
    const all = Promise.allSettled([1, 2, 3].map((item) => desk.folding.add('a', item)));
    await desk.end('first');
    await desk.end(refusal('CONNECTION_CLOSED'));
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    const next = desk.folding.add('a', 4);
    await desk.end('fourth');
    expect(await next).toBe('fourth');
  });
});
