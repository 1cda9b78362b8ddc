// `npm run bench [-- NAME ...] [OPTIONS]`: measures the product against baselines in the same run, and prints one table
// a benchmark and the gates. By hand only, never as a test: what it says depends on how quiet the machine is, and where
// it was not, it says that too. NAMES: fanout (B1), capacity (B2), write (B3), storm (B5), pages (B6), idle (B7), hot (B8),
// stalled (B9), widget (B10), stream (B11), reach (B12), nodes (B13), front (a storm on one page), size (large threads and databases),
// upkeep (fill factors), cleaning (autovacuum), scaling (the model of many readers); none: all of these. And soak, which goes on for as long as it is told and draws docs/soak.svg.
//   --full              five rounds and a minute each, instead of two short ones (about eight minutes for all)
//   --tiny              only whether everything runs; its figures say nothing
//   --readers=1000,...  of B1 and B7, such as 10000; the first of them of B2, B5, B8 and B9
//   --rounds=N
//   --replies=N         of the database of `size` that has a thread for each hundred of them, such as 10000000; and of `cleaning`
//   --seconds=N         of one measurement of B11 or of `cleaning`, such as 600
//   --minutes=N         of the soak; 10, with --full 120
//   --snapshots=FOLDER  of the soak: what is on the heap, early and at the end, for the browser's developer tools
//   --profile=FOLDER    leaves a profile of each measured process there, and a trace of each measured page; its figures
//                       are not to be believed
//   --no-build          measures dist/ as it is, although sources may be newer
// Ends with 1 where a gate was missed.
import { cpus } from 'node:os';

import { capacity } from './capacity.js';
import { cleaning } from './cleaning.js';
import { fanout } from './fanout.js';
import { firstPage } from './first-page.js';
import { front } from './front.js';
import { formatGates, formatTable, type Outcome } from './harness/report.js';
import { standing, type Gate } from './harness/rounds.js';
import { SCALES, type Scale } from './harness/scale.js';
import { Workbench } from './harness/workbench.js';
import { hot } from './hot.js';
import { idle } from './idle.js';
import { nodes } from './nodes.js';
import { reach } from './reach.js';
import { scaling } from './scaling.js';
import { size } from './size.js';
import { soak } from './soak.js';
import { stalled } from './stalled.js';
import { storm } from './storm.js';
import { stream } from './stream.js';
import { upkeep } from './upkeep.js';
import { widget } from './widget.js';
import { write } from './write.js';
import { misused, suiteArguments } from '../support/suite-options.js';

type Benchmark = (bench: Workbench, scale: Scale, say: (line: string) => void) => Promise<Outcome>;

const BENCHMARKS: Record<string, Benchmark> = {
  fanout,
  capacity,
  write,
  storm,
  pages: firstPage,
  front,
  idle,
  hot,
  stalled,
  widget,
  stream,
  reach,
  nodes,
  size,
  soak,
  upkeep,
  cleaning,
  scaling,
};
/** Takes as long as it is told, and is run only where it is named. */
const LONG: readonly string[] = ['soak'];

const USAGE = `The options stand at the top of tests/bench/run.ts. There are: ${Object.keys(BENCHMARKS).join(', ')}.`;
const { values, positionals } = suiteArguments(
  {
    allowPositionals: true,
    options: {
      full: { type: 'boolean', default: false },
      tiny: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
      readers: { type: 'string' },
      rounds: { type: 'string' },
      replies: { type: 'string' },
      seconds: { type: 'string' },
      minutes: { type: 'string' },
      snapshots: { type: 'string' },
      profile: { type: 'string' },
    },
  },
  USAGE,
);
const unknown = positionals.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  misused(`There is no benchmark ${unknown.join(', ')}.`, USAGE);
}
const chosen = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS).filter((name) => !LONG.includes(name));
const scale: Scale = { ...SCALES[values.full ? 'full' : values.tiny ? 'tiny' : 'quick'] };
if (values.readers !== undefined) scale.readers = values.readers.split(',').map(positive);
if (values.readers !== undefined) {
  const [first] = values.readers.split(',').map(positive);
  scale.capacityReaders = scale.stormReaders = scale.hotReaders = scale.stalledReaders = first!;
}
if (values.rounds !== undefined) scale.rounds = scale.idleRounds = positive(values.rounds);

if (values.replies !== undefined) {
  const replies = positive(values.replies);
  scale.crowd = { ...scale.crowd, many: { replies, threads: Math.ceil(replies / 100) } };
  scale.cleaning = { ...scale.cleaning, replies };
}
if (values.seconds !== undefined) {
  scale.streamSeconds = positive(values.seconds);
  scale.cleaning = { ...scale.cleaning, seconds: scale.streamSeconds };
}
if (values.minutes !== undefined) scale.soakMinutes = positive(values.minutes);
if (values.snapshots !== undefined) scale.soakSnapshots = values.snapshots;

const bench = await Workbench.open({ rebuild: !values['no-build'], profiles: values.profile });
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const gates: Gate[] = [];
const stop = (): void => void bench.close().finally(() => process.exit(130));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
try {
  process.stdout.write(`${machine(bench)}\n`);
  for (const name of chosen) {
    const { table, gates: found, notes, failed } = await BENCHMARKS[name]!(bench, scale, say);
    gates.push(...found);
    if (failed) process.exitCode = 1;
    process.stdout.write(`${[formatTable(table), ...notes.map((note) => `  ${note}`)].join('\n')}\n`);
  }
  process.stdout.write(`${formatGates(gates)}\n`);
  if (gates.some(({ ratio, limit }) => standing(ratio, limit) === 'missed')) process.exitCode = 1;
} finally {
  await bench.close();
}

function positive(text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : misused(`${text} is no whole number above 0.`, USAGE);
}

/** What the figures were measured on. Ratios are what counts; this is for those who compare two runs. */
function machine({ cores }: Workbench): string {
  const [first] = cpus();
  const where = cores.pinned ? 'the server on core 0, load and database on core 1' : 'nothing pinned to a core';
  const before = cores.precedence ? 'before other processes' : 'no precedence over other processes';
  const what = `Node ${process.version}, ${cpus().length} x ${first?.model.trim() ?? 'unknown processor'}`;
  return [what, where, before].join('; ');
}
