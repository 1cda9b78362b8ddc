// `npm run test:fuzz [-- OPTIONS]`: random inputs of every kind at a real server, by hand.
//   --inputs=N   of all kinds together (1,000,000)
//   --kind=...   one of events, handshakes, frames, websocket, polling, http, raw; all where it isn't given
//   --seed=N     where chance begins (1)
// What is found is shrunk and kept in tests/fuzz/corpus. Ends with 1 where something was.
import { misused, suiteOptions, wholeNumber } from '../support/suite-options.js';
import { SHARES, type KindName } from './kinds.js';
import type { Tally } from './tally.js';
import type { Target } from './target.js';

const names = Object.keys(SHARES) as KindName[];
const USAGE = `Usage: npm run test:fuzz -- [--inputs=N] [--seed=N] [--kind=${names.join('|')}]`;
const values = suiteOptions(
  {
    inputs: { type: 'string', default: '1000000' },
    kind: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
  USAGE,
);
const kinds = names.filter((name) => (values.kind ?? name) === name);
if (kinds.length === 0) misused(`There is no kind "${values.kind}".`, USAGE);
const [inputs, seed] = [wholeNumber(values.inputs, 1), wholeNumber(values.seed)];
if (Number.isNaN(inputs + seed)) misused('--inputs and --seed are whole numbers.', USAGE);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const problems: string[] = [];
const shares = kinds.reduce((sum, kind) => sum + SHARES[kind], 0);

// Loaded for a run, and not to say that an option is wrong.
const { copyProgram } = await import('../support/server-process.js');
const { corpus, keep } = await import('./corpus.js');
const { fuzz, sendLot } = await import('./run.js');
const { Target: Server } = await import('./target.js');
const program = await copyProgram({ pages: true });
let target = await Server.start(program);
const standing = async (): Promise<Target> => {
  if (target.isAlive) return target;
  await target.end();
  return (target = await Server.start(program));
};

for (const [name, kept] of corpus()) {
  if (!kinds.includes(kept.kind)) continue;
  problems.push(...(await sendLot(await standing(), kept.kind, kept.inputs)).map((problem) => `${name}: ${problem}`));
}
const rows: string[] = [];
for (const kind of kinds) {
  const wanted = Math.ceil((inputs * SHARES[kind]) / shares);
  const begun = performance.now();
  let toldAt = begun;
  const onLot = (so: Tally): void => {
    if (performance.now() - toldAt < 10_000) return;
    toldAt = performance.now();
    say(`${kind}: ${so.inputs} of ${wanted}, ${rate(so, begun)} a second`);
  };
  const { tally, finding } = await fuzz({ kind, inputs: wanted, seed, target: standing, onLot });
  const { answered, refused, closed, largest, slowest, outcomes } = tally;
  rows.push(
    `| ${[kind, tally.inputs, rate(tally, begun), answered, refused, closed, largest, Math.round(slowest)].join(' | ')} |`,
  );
  say(`${kind}: ${[...outcomes].map(([name, times]) => `${name} ${times}`).join(', ')}`);
  if (!finding) continue;
  problems.push(`${kind}, seed ${finding.seed}, kept as ${keep(finding)}: ${finding.problems.join('; ')}`);
}
if (target.isAlive) problems.push(...(await target.remains()));
await target.end();
program.remove();
say('\n| kind | inputs | a second | answered | refused | closed | largest answer, bytes | slowest, ms |');
say(`|---|---|---|---|---|---|---|---|\n${rows.join('\n')}`);
say(`\nSeed ${seed}. ${problems.length === 0 ? 'Nothing was found.' : problems.join('\n')}`);
process.exitCode = problems.length > 0 ? 1 : 0;

function rate(tally: Tally, begun: number): number {
  return Math.round(tally.inputs / ((performance.now() - begun) / 1_000));
}
