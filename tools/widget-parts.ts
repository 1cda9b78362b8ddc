// What the build of the widget has to hold for `widget/part.ts`: where each module stands, so that no part waits for a file
// behind its own, and that all a part stands on can be found in it.
import { basename, resolve } from 'node:path';
import type { Plugin } from 'vite';

import { FILES } from '../widget/part.js';

const widget = resolve(import.meta.dirname, '../widget');

/** The two that every reader loads. They are entries, so that what parts take from them is exported by its own name. */
export const ENTRIES = {
  reader: resolve(widget, 'index.ts'),
  live: resolve(widget, 'elements/kit/kit.ts'),
};

interface Graph {
  getModuleInfo(id: string): { importers: readonly string[]; dynamicImporters: readonly string[] } | null;
}

/** The files that begin what this module is needed for: the two entries, and what is loaded on use. */
function beginningsOf(id: string, graph: Graph, seen = new Set<string>()): ReadonlySet<string> {
  const { importers = [], dynamicImporters = [] } = graph.getModuleInfo(id) ?? {};
  seen.add(id);
  const above = importers.filter((one) => !seen.has(one)).flatMap((one) => [...beginningsOf(one, graph, seen)]);
  return new Set(dynamicImporters.length || Object.values(ENTRIES).includes(id) ? [id, ...above] : above);
}

/**
 * Where a module stands that more than one part needs: with what is there before any of them. A file of its own would be one
 * more to wait for, behind the part.
 */
export function homeOf(id: string, graph: Graph): string | null {
  const beginnings = beginningsOf(id, graph);
  if (beginnings.has(ENTRIES.reader)) return 'reader';
  if (beginnings.has(ENTRIES.live)) return 'live';
  // What is loaded by itself as well has a file anyway.
  return beginnings.size > 1 && !beginnings.has(id) ? 'live' : null;
}

/** `widget/part.ts` reads in what was built what a part stands on. Where it would miss a file, or go in circles, there is no build. */
export const parts: Plugin = {
  name: 'parts',
  generateBundle(_, bundle) {
    const under = (file: string, above: readonly string[] = []): void => {
      const chunk = bundle[file];
      if (chunk?.type !== 'chunk') throw new Error(`${above.at(-1)} imports ${file}, which is no part.`);
      if (above.includes(file)) throw new Error(`Parts import each other: ${[...above, file].join(' → ')}`);
      const found = new Set(Array.from(chunk.code.matchAll(FILES), ([, name]) => basename(name!)));
      for (const name of chunk.imports) {
        if (name === 'reader.js') continue;
        if (!found.has(name)) throw new Error(`${file} imports ${name} in a way that is not found in it.`);
        under(name, [...above, file]);
      }
      // Each is given to `part()` as a function, of whose source only the beginning is looked at. A language is named beside it.
      for (const { index } of chunk.code.matchAll(/\bimport\(/g)) {
        const load = chunk.code.slice(index - '()=>'.length);
        if (load.search(FILES) !== 0 && !/^\(\)=>import\(\w+\)/.test(load))
          throw new Error(`${file} loads a part past part(): ${load.slice(0, 40)}`);
      }
    };
    for (const [file, { type }] of Object.entries(bundle)) if (type === 'chunk') under(file);
  },
};
