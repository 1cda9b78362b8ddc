// Turns: two at a time for one thread, the others in order, and nothing is done for whom it is too late.
import { describe, expect, it } from 'vitest';

import { Turns } from '../../server/threads/turns.js';

/** Work that ends when it is told to. */
class Desk {
  now = 0;
  readonly turns = new Turns({ now: () => this.now });
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (error?: Error) => void>();

  take(thread: string, what: string): Promise<string> {
    return this.turns.take(thread, () => {
      this.begun.push(what);
      return new Promise((resolve, reject) => {
        this.#ends.set(what, (error) => (error ? reject(error) : resolve(what)));
      });
    });
  }

  /** And waits until what follows from it has run. */
  async end(what: string, error?: Error): Promise<void> {
    this.#ends.get(what)!(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('[LOAD1] Turns', () => {
  it('are two at a time, then in order, and other threads have their own', async () => {
    const desk = new Desk();
    const all = Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((what) => desk.take('one', what)).concat(desk.take('other', 'o')),
    );
    expect(desk.begun).toEqual(['a', 'b', 'o']);
    await desk.end('b');
    expect(desk.begun).toEqual(['a', 'b', 'o', 'c']);
    // One that fails costs no other.
    await desk.end('a', new Error('refused'));
    for (const what of ['c', 'd', 'o']) await desk.end(what);
    expect((await all).map(({ status }) => status)).toEqual(['rejected', ...Array<string>(4).fill('fulfilled')]);
    void desk.take('one', 'e');
    void desk.take('one', 'f');
    expect(desk.begun.slice(-2)).toEqual(['e', 'f']);
  });

  it('do nothing any more for whom it is too late, and come to the next', async () => {
    const desk = new Desk();
    void desk.take('one', 'a');
    void desk.take('one', 'b');
    const late = expect(desk.take('one', 'c')).rejects.toMatchObject({ code: 'overloaded' });
    desk.now = 5_000;
    void desk.take('one', 'd');
    desk.now = 6_000;
    await desk.end('a');
    await late;
    expect(desk.begun).toEqual(['a', 'b', 'd']);
  });
});
