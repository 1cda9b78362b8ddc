// `npm run test:faults [-- OPTIONS]`: many runs of the fault suite, by hand. Names seed, schedule and times.
//   --seeds=1-10 | 7 | 3,9    which
//   --stage=embedded|"two nodes"|"two nodes, Redis"|"two nodes, PgBouncer"   one of them; all where it is not given
//   --count=N                 faults a run (20)
//   --fault="database: SIGKILL"   only this one, `count` times; or two at once, with " + " between
//   --pairs                   two at once each time
// Ends with 1 where a run found something.
import { findProgram, SERVICES } from '../../tools/services.mjs';
import { misused, suiteOptions, wholeNumber } from '../support/suite-options.js';
import { partsOf } from './at-once.js';
import { FAULTS } from './faults.js';
import type { Recovery } from './crowd.js';
import { STAGES } from './stages.js';

const USAGE = `Usage: npm run test:faults -- [--seeds=1-10|7|3,9] [--count=N] [--pairs | --fault=NAME] [--stage=NAME]
Stages: ${STAGES.map((name) => JSON.stringify(name)).join(', ')}`;
const values = suiteOptions(
  {
    seeds: { type: 'string', default: '1-10' },
    stage: { type: 'string' },
    count: { type: 'string', default: '20' },
    fault: { type: 'string' },
    pairs: { type: 'boolean', default: false },
  },
  USAGE,
);
const { fault } = values;
if (fault !== undefined && !partsOf(fault).every((part) => Object.hasOwn(FAULTS, part)))
  misused(`There is no fault "${fault}". There are:\n${Object.keys(FAULTS).join('\n')}`, USAGE);
const seeds = values.seeds.split(',').flatMap((part) => {
  const [from = NaN, to = from, more] = part.split('-').map((seed) => wholeNumber(seed));
  if (!(from <= to) || more !== undefined) misused(`"${part}" is no seed, nor a range of them.`, USAGE);
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
});
const wanted = STAGES.filter((name) => values.stage === undefined || values.stage === name);
if (wanted.length === 0) misused(`There is no stage "${values.stage}".`, USAGE);
const serviceOf = (name: string) =>
  name.endsWith('Redis') ? 'redis' : name.endsWith('PgBouncer') ? 'pgbouncer' : null;
const stages = wanted.filter((name) => {
  const service = serviceOf(name);
  if (service === null || findProgram(service)) return true;
  process.stdout.write(`"${name}" is left out: ${SERVICES[service].program} is missing\n`);
  return false;
});
const count = wholeNumber(values.count, 1);
if (Number.isNaN(count)) misused('--count is a number of faults.', USAGE);
const only = fault === undefined ? undefined : Array.from({ length: count }, () => fault);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

// Loaded for a run, and not to say that an option is wrong.
const { copyProgram } = await import('../support/server-process.js');
const { runSeed } = await import('./run-seed.js');
const program = await copyProgram();
const slowest = new Map<string, { times: number } & Recovery>();
const unsound: string[] = [];
for (const seed of seeds) {
  for (const stage of stages) {
    const { schedule, problems, recoveries } = await runSeed({
      program,
      stage,
      seed,
      count,
      only,
      pairs: values.pairs,
      say,
    });
    if (problems.length > 0) {
      const kept = JSON.stringify({ stage, seed, faults: schedule });
      unsound.push(`seed ${seed}, ${stage}: ${problems[0]}\n  to be kept in tests/faults/schedules.ts: ${kept}`);
    }
    for (const { fault: name, ...recovery } of recoveries) {
      const { times, ...known } = slowest.get(name) ?? { times: 0, ...recovery };
      slowest.set(name, {
        times: times + 1,
        writtenMs: Math.max(known.writtenMs, recovery.writtenMs),
        readMs: Math.max(known.readMs, recovery.readMs),
        heardMs: Math.max(known.heardMs, recovery.heardMs),
      });
    }
  }
}
program.remove();
say(
  '\n| fault | times | written again within | read by all within | nodes tell each other within |\n|---|---|---|---|---|',
);
for (const [name, { times, writtenMs, readMs, heardMs }] of [...slowest].toSorted(([a], [b]) => a.localeCompare(b)))
  say(`| ${name} | ${times} | ${writtenMs} ms | ${readMs} ms | ${heardMs > 0 ? `${heardMs} ms` : ''} |`);
say(`\n${seeds.length * stages.length} runs, ${unsound.length} unsound\n${unsound.join('\n')}`);
process.exitCode = unsound.length > 0 ? 1 : 0;
