// The order in which test files begin (tests/support/longest-first.ts).
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { TestSpecification, Vitest } from 'vitest/node';

import { LONG, LongestFirst } from '../support/longest-first.js';

const root = resolve(import.meta.dirname, '../..');

it('every file that is said to take long is there', () => {
  expect(LONG.filter((file) => !existsSync(resolve(root, file)))).toEqual([]);
  expect(new Set(LONG).size).toBe(LONG.length);
});

it('begins with what takes long, of each project by itself, and leaves the others as they are', async () => {
  const [one, two] = ['one', 'two'].map((name, n) => ({
    name,
    config: { isolate: false, sequence: { groupOrder: n } },
  }));
  const files = (project: unknown, ...names: string[]) =>
    names.map((name) => ({ project, moduleId: `${root}/${name}` }) as TestSpecification);
  // Sizes as the runner knows them in a fresh clone: the shorter the name, the larger the file.
  const cache = {
    getFileTestResults: () => undefined,
    getFileStats: (key: string) => ({ size: 1_000 - key.length }),
  };
  const order = await new LongestFirst({ cache, config: { root } } as unknown as Vitest).sort([
    ...files(two, 'tests/b.test.ts', LONG[3]!),
    ...files(one, 'tests/aaa.test.ts', LONG[2]!, 'tests/a.test.ts', LONG[1]!),
  ]);
  expect(order.map(({ moduleId }) => moduleId.slice(root.length + 1))).toEqual([
    LONG[1],
    LONG[2],
    'tests/a.test.ts',
    'tests/aaa.test.ts',
    LONG[3],
    'tests/b.test.ts',
  ]);
});
