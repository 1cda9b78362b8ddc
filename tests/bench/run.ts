// `npm run bench [-- fanout write pages idle] [--full | --tiny] [--no-build]`: measures the product against baselines in
// the same run, and prints a table each and the gates. By hand only: what it says depends on a quiet machine.
import { parseArgs } from 'node:util';

import { fanout } from './fanout.js';
import { firstPage } from './first-page.js';
import { formatGates, formatTable, type Outcome } from './harness/report.js';
import type { Gate } from './harness/rounds.js';
import { SCALES, type Scale } from './harness/scale.js';
import { Workbench } from './harness/workbench.js';
import { idle } from './idle.js';
import { write } from './write.js';

type Benchmark = (bench: Workbench, scale: Scale, say: (line: string) => void) => Promise<Outcome>;

const BENCHMARKS: Record<string, Benchmark> = { fanout, write, pages: firstPage, idle };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
    readers: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const unknown = positionals.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHMARKS).join(', ')}.\n`,
  );
  process.exit(2);
}
const chosen = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
const scale: Scale = { ...SCALES[values.full ? 'full' : values.tiny ? 'tiny' : 'quick'] };
if (values.readers) scale.readers = values.readers.split(',').map(Number);
if (values.rounds) scale.rounds = Number(values.rounds);

const bench = await Workbench.open({ rebuild: !values['no-build'] });
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const gates: Gate[] = [];
const stop = (): void => void bench.close().finally(() => process.exit(130));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
try {
  for (const name of chosen) {
    const { table, gates: found, notes } = await BENCHMARKS[name]!(bench, scale, say);
    gates.push(...found);
    process.stdout.write(`${[formatTable(table), ...notes.map((note) => `  ${note}`)].join('\n')}\n`);
  }
  process.stdout.write(`${formatGates(gates)}\n`);
} finally {
  await bench.close();
}
