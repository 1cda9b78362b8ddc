// One node's way to the shared store: with delays, failures on either side of a commit, and a death after which nothing
// comes back.
import type { Store } from '../../server/store/store.js';
import type { VirtualClock } from './clock.js';
import type { Random } from './random.js';

export interface StoreFaults {
  /** Longest delay before, and again after, a statement. */
  delayMs: number;
  /** How often a statement fails; half of these were done all the same. */
  failing: number;
  /** Changed rows that a catch-up may read: lower than the server's own bound, it brings snapshots sooner. */
  catchUpRows: number;
}

export interface FlakyStore {
  store: Store;
  /** The process is gone: what is under way in the database goes on there, its answers reach nobody. */
  die(): void;
}

export function flakyStore(store: Store, faults: StoreFaults, clock: VirtualClock, random: Random): FlakyStore {
  let isAlive = true;
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const ms = faults.delayMs > 0 ? random.below(faults.delayMs) : 0;
      if (ms === 0) resolve();
      else clock.setTimeout(resolve, ms);
    });
  const away = (): Error =>
    Object.assign(new Error('the line to the database was lost'), { code: 'CONNECTION_CLOSED' });
  const call = async (run: () => Promise<unknown>): Promise<unknown> => {
    const fails = random.chance(faults.failing) ? (random.chance(0.5) ? 'before' : 'after') : null;
    await pause();
    if (!isAlive) return new Promise(() => {});
    if (fails === 'before') throw away();
    const result = await run();
    await pause();
    if (!isAlive) return new Promise(() => {});
    if (fails) throw away();
    return result;
  };
  const proxy = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        if (name === 'changes') args[2] = Math.min(args[2] as number, faults.catchUpRows);
        return call(() => method.apply(target, args) as Promise<unknown>);
      };
    },
  });
  return {
    store: proxy,
    die: () => {
      isAlive = false;
    },
  };
}
