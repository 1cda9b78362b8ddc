// In which order the files of a project begin: those that take long first, so that none of them begins as the last and is
// waited for alone. Where it has not run before, as in CI, the runner knows no more of a file than its size.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Half a minute and more on two cores. Those that keep the machine busy stand between those that mostly wait. */
export const LONG = [
  'tests/sim/sync.test.ts',
  'tests/integration/patience.test.ts',
  'tests/integration/installed.test.ts',
  'tests/faults/two-nodes.test.ts',
  'tests/faults/redis.test.ts',
  'tests/integration/embedded-crash.test.ts',
  'tests/integration/secrets-rotation.test.ts',
  'tests/integration/tools.test.ts',
  'tests/faults/embedded.test.ts',
  'tests/integration/database-away.test.ts',
  'tests/integration/online-migrations.test.ts',
  'tests/fuzz/fuzz.test.ts',
  'tests/integration/database.test.ts',
  'tests/integration/embedded-start.test.ts',
  'tests/integration/backup.test.ts',
  'tests/chaos/process.test.ts',
  'tests/faults/pooler.test.ts',
  'tests/integration/embedded-account.test.ts',
  'tests/fuzz/limited.test.ts',
  'tests/chaos/overload.test.ts',
  'tests/contract/store.test.ts',
  'tests/nodes/rolling.test.ts',
  'tests/contract/plans.test.ts',
  'tests/integration/backup-memory.test.ts',
  'tests/browser/widget-accessible-reading.test.ts',
  'tests/browser/widget-accessible-writing.test.ts',
  'tests/browser/widget-accessible-unfinished.test.ts',
  'tests/browser/lines/proxies.test.ts',
  'tests/browser/lines/flood.test.ts',
  'tests/browser/lines/sleep.test.ts',
  'tests/browser/lines/streams.test.ts',
  'tests/browser/lines/unmoved-oldest.test.ts',
  'tests/browser/lines/unmoved-newest.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((project) =>
      sorted.filter((file) => file.project === project).toSorted((a, b) => rank(a) - rank(b)),
    );
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = LONG.findIndex((file) => moduleId.endsWith(`/${file}`));
  return at < 0 ? LONG.length : at;
}
