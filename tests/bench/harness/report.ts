// Prints what was found: one table a benchmark, the remarks below it, and the line of the gates. Computes nothing.
import { standing, type Gate, type Comparison, type Standing } from './rounds.js';

export interface Table {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** What a benchmark hands back. */
export interface Outcome {
  table: Table;
  gates: Gate[];
  /** How to read the table; what was void or disturbed. */
  notes: string[];
  /** Something is wrong that no ratio tells: the run ends with 1. */
  failed?: boolean;
}

/** What stands in a column of figures: a number, with its range or unit, or nothing. */
const FIGURE = /^(?:|-|void|[~-]?[\d.,]+(?: %| \(.*\))?)$/;

/** Text to the left, figures to the right. */
export function formatTable({ title, columns, rows }: Table): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => (row[i] ?? '').length)));
  const isText = columns.map((_, i) => !rows.every((row) => FIGURE.test(row[i] ?? '')));
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, i) => (isText[i] ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width)))
      .join('  ')
      .trimEnd();
  return ['', title, line(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** `0.84 (0.80 to 0.91)`; `~` before it: it is made of disturbed rounds only. */
export function formatRatio(ratio: Comparison | null): string {
  if (!ratio) return 'void';
  const { median, min, max, rounds, disturbed } = ratio;
  const spread = rounds > 1 ? ` (${figure(min)} to ${figure(max)})` : '';
  return `${disturbed ? '~' : ''}${figure(median)}${spread}`;
}

/** Three digits that mean something. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A line each, then the count of all. */
export function formatGates(gates: readonly Gate[]): string {
  const lines = gates.map(({ name, ratio, limit, aim }) => {
    const parts = [
      limit === undefined ? null : `gate ${limit} ${standing(ratio, limit)}`,
      aim === undefined ? null : `aim ${aim} ${standing(ratio, aim)}`,
    ].filter((part) => part !== null);
    return `  ${name}: ${formatRatio(ratio)}; ${parts.join(', ')}`;
  });
  const count = (is: Standing): number => gates.filter(({ ratio, limit }) => standing(ratio, limit) === is).length;
  const disturbed = gates.some(({ ratio }) => ratio?.disturbed) ? ' ~: of disturbed rounds only.' : '';
  const decided = `${count('reached')} reached, ${count('missed')} missed`;
  const undecided = `${count('open')} open (the rounds disagree), ${count('void')} void`;
  return ['', ...lines, `Gates: ${decided}, ${undecided}.${disturbed}`].join('\n');
}
