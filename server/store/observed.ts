// A store that tells how long each of its operations takes and how many are under way. Decides and changes nothing.
import type { Store } from './store.js';

export interface Observer {
  /** Runs the operation of this name. */
  around<T>(operation: string, work: () => Promise<T>): Promise<T>;
}

type Operation = (...given: readonly unknown[]) => Promise<unknown>;

/** The same store, each operation by way of the observer. */
export function observedStore<S extends Store>(store: S, observer: Observer): S {
  const operations = new Map<string | symbol, Operation>();
  return new Proxy(store, {
    get(target, name) {
      const known = operations.get(name);
      if (known) return known;
      const operation: unknown = Reflect.get(target, name, target);
      if (typeof operation !== 'function' || typeof name !== 'string') return operation;
      const observed: Operation = (...given) =>
        observer.around(name, async () => (await Reflect.apply(operation, target, given)) as unknown);
      operations.set(name, observed);
      return observed;
    },
  });
}
