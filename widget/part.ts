// Loads the parts of the widget, and its languages. Chromium remembers for the life of a page that a module could not be
// fetched, be it the part itself or what it imports; what `fetch()` could not get it forgets. So all that a part consists of
// is fetched first, and imported out of the browser's cache. The build fails where a part would be loaded another way.

/** In `load` as the build leaves it: the file that it imports. In that file: those that have to be there before it can run. */
export const FILES = /(?:^\(\)=>import\(|from)"(\.\/\w+-[^"]+)"/g;

/** What the browser has got. */
const fetched = new Set<string>();

/**
 * As `load`, which imports a part. Where not all of it can be had, asked twice, nothing is asked for that would be remembered.
 * `source`: what names the files, where `load` itself doesn't.
 */
export const part = <T>(load: () => Promise<T>, source = String(load)): Promise<T> => {
  const all = (): Promise<unknown> => reach(source);
  return all().catch(all).then(load);
};

const reach = (source: string): Promise<unknown> =>
  Promise.all(
    Array.from(source.matchAll(FILES), async ([, file]) => {
      if (fetched.has(file!)) return;
      const answer = await fetch(import.meta.resolve(file!));
      // Something between may answer with a page of its own.
      if (!/script/.test(answer.headers.get('content-type')!)) throw new TypeError(file);
      await reach(await answer.text());
      fetched.add(file!);
    }),
  );
