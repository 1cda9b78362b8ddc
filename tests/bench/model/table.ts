// The model and its simulation as the table of docs/scaling.md and of `npm run bench -- scaling`.
import { needsOf } from './model.js';
import { simulate } from './simulate.js';

const READERS = [1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

export const COLUMNS = [
  'readers at once',
  'nodes',
  'of a node: memory, core (simulated)',
  'replies/s',
  'pushes/s',
  'hints/s',
  'databases (busy if one)',
  'Redis (busy if one)',
  'commit to reader, p50, p99',
  'the first limit',
];

export function scalingRows(): string[][] {
  return READERS.map((readers) => {
    const needs = needsOf(readers);
    const { p50, p99, core } = simulate(needs);
    const { busy } = needs;
    return [
      short(readers),
      count(needs.nodes),
      `${percent(busy.memory)}, ${percent(busy.core)} (${percent(core)})`,
      short(needs.repliesPerSecond),
      short(needs.pushesPerSecond),
      short(needs.hintsPerSecond),
      `${count(needs.databases)} (${percent(busy.database)})`,
      needs.nodes > 1 ? `${count(Math.max(1, needs.redis))} (${percent(busy.redis)})` : 'none',
      `${ms(p50)}, ${ms(p99)} ms`,
      needs.first,
    ];
  });
}

/** The lines between the markers of the document. */
export function scalingTable(): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(COLUMNS), `|${'---|'.repeat(COLUMNS.length)}`, ...scalingRows().map(line)].join('\n');
}

const count = (n: number): string => rounded(n).toLocaleString('en-US');
const short = (n: number): string =>
  n >= 1e9 ? `${rounded(n) / 1e9} bn` : n >= 1e6 ? `${rounded(n) / 1e6} m` : n < 10 ? n.toFixed(1) : count(n);
const percent = (part: number): string => `${rounded(part * 100).toLocaleString('en-US')} %`;
const ms = (n: number): string => (n < 10 ? n.toFixed(1) : count(n));
/** Two digits are all that such a model can say. */
function rounded(n: number): number {
  if (n < 10) return Math.round(n);
  const unit = 10 ** (Math.floor(Math.log10(n)) - 1);
  return Math.round(n / unit) * unit;
}
