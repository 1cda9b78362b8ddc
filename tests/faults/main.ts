// `npm run test:faults [-- OPTIONS]`: many runs of the fault suite, by hand. Names seed, schedule and times.
//   --seeds=1-10 | 7 | 3,9    which
//   --stage=embedded|two      one of the two; both where it is not given
//   --count=N                 faults a run (20)
//   --fault="database: SIGKILL"   only this one, `count` times
// Ends with 1 where a run found something.
import { parseArgs } from 'node:util';

import { buildProgram } from '../support/server-process.js';
import { FAULTS } from './faults.js';
import { runSeed } from './run-seed.js';
import type { StageName } from './stage.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-10' },
    stage: { type: 'string' },
    count: { type: 'string', default: '20' },
    fault: { type: 'string' },
  },
});
const { fault } = values;
if (fault !== undefined && !(fault in FAULTS)) {
  process.stderr.write(`There is no fault "${fault}". There are:\n${Object.keys(FAULTS).join('\n')}\n`);
  process.exit(2);
}
const seeds = values.seeds.split(',').flatMap((part) => {
  const [from = 1, to = from] = part.split('-').map(Number);
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
});
const stages: StageName[] = (['embedded', 'two nodes'] as const).filter((name) => name.startsWith(values.stage ?? ''));
const count = Number(values.count);
const only = fault === undefined ? undefined : Array.from({ length: count }, () => fault);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const program = await buildProgram();
const slowest = new Map<string, { times: number; writtenMs: number; readMs: number }>();
const unsound: string[] = [];
for (const seed of seeds) {
  for (const stage of stages) {
    const { problems, recoveries } = await runSeed({ program, stage, seed, count, only, say });
    if (problems.length > 0) unsound.push(`seed ${seed}, ${stage}: ${problems[0]}`);
    for (const { fault: name, writtenMs, readMs } of recoveries) {
      const known = slowest.get(name) ?? { times: 0, writtenMs: 0, readMs: 0 };
      slowest.set(name, {
        times: known.times + 1,
        writtenMs: Math.max(known.writtenMs, writtenMs),
        readMs: Math.max(known.readMs, readMs),
      });
    }
  }
}
program.remove();
say('\n| fault | times | written again within | read by all within |\n|---|---|---|---|');
for (const [name, { times, writtenMs, readMs }] of [...slowest].toSorted(([a], [b]) => a.localeCompare(b)))
  say(`| ${name} | ${times} | ${writtenMs} ms | ${readMs} ms |`);
say(`\n${seeds.length * stages.length} runs, ${unsound.length} unsound\n${unsound.join('\n')}`);
process.exitCode = unsound.length > 0 ? 1 : 0;
