// The test projects. What needs a database gets one for the whole run from tests/support/global-setup.ts; no test is ever
// tried twice. Files that need a server which this machine lacks are left out (tools/test.mjs names them). The files of a
// project share their workers' modules: loading them for each file took as long as a fifth of the tests. So whoever
// changes what is global puts it back.
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longest-first.js';
import { mendedPostgres } from './tools/mended-postgres.js';
import { leftOut } from './tools/services.mjs';
import { shippedPackages } from './tools/shipped-packages.js';

const database = {
  environment: 'node' as const,
  globalSetup: ['tests/support/global-setup.ts', 'tests/support/build-setup.ts'],
  isolate: false,
  // With its mends, as it is bundled.
  server: { deps: { inline: ['postgres'] } },
};

export default defineConfig({
  test: {
    retry: 0,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [shippedPackages],
        test: {
          name: 'unit',
          environment: 'node',
          isolate: false,
          include: ['tests/unit/**/*.test.ts'],
          // On two cores one is the default.
          maxWorkers: 2,
          // Some try very many inputs; on a busy machine that took longer than five seconds, and said nothing of the code.
          testTimeout: 20_000,
        },
      },
      {
        plugins: [mendedPostgres, shippedPackages],
        test: {
          ...database,
          name: 'integration',
          include: ['tests/{integration,contract,sim,chaos,nodes,faults,fuzz}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...leftOut().map(({ file }) => file)],
          // On two cores one worker is the default, and it mostly waits, for clocks and processes. With three both are busy
          // all the time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      // What is there and how it looks: nothing in these measures time.
      browser({ name: 'browser', include: ['tests/browser/*.test.ts'], maxWorkers: 2, groupOrder: 2 }),
      // Mostly waiting: for lines that are silent, streams that last, what is tried again. The busiest takes 0.7 of a core.
      browser({ name: 'lines', include: ['tests/browser/lines/*.test.ts'], maxWorkers: 3, groupOrder: 3 }),
      // Pages that measure time, or scroll by frames, or load the machine: two at once would take these from each other.
      browser({ name: 'alone', include: ['tests/browser/alone/*.test.ts'], maxWorkers: 1, groupOrder: 4 }),
    ],
  },
});

interface BrowserProject {
  name: string;
  include: string[];
  maxWorkers: number;
  groupOrder: number;
}

function browser({ groupOrder, ...project }: BrowserProject) {
  return {
    plugins: [mendedPostgres, shippedPackages],
    test: {
      ...database,
      ...project,
      sequence: { groupOrder },
      testTimeout: 30_000,
      hookTimeout: 60_000,
      // Below a test's own limit, so that what was waited for is named; a page and a server share the machine.
      expect: { poll: { timeout: 5_000 } },
    },
  };
}
