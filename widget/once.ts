// What is loaded at most once, when something of it is used.
import { part } from './part.js';

/** Loads and makes it at the first call, for all the later ones, too; undefined where it can't be had, and then anew at the next. */
export function once<M, T>(load: () => Promise<M>, make: (module: M) => T): () => Promise<T | undefined> {
  let made: Promise<T | undefined> | undefined;
  return () => (made ??= part(load).then(make, () => (made = undefined)));
}
