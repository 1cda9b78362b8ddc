// Soak: a mixed load for as long as one wants, and whether what the server holds stays level. No baseline but itself: the
// first tenth against the last one, and the server with nobody there before and after.
//
// Readers come, stay for 45 seconds on average and go: on WebSockets, some in the slow lane, some who only count, some polling,
// some that stop reading for a while or for ever; half of them leave without a goodbye. Meanwhile guests write, edit, vote, remove,
// restore, look up permalinks and pages, are called something else and open new discussions, and pages are fetched over
// HTTP. Every request names an address, as behind a proxy, and the rate limits are on: what is kept for each address and
// author counts as well.
//
// What the server keeps on purpose has a bound but takes time to fill (caches, the heap's own rooms), so that the
// first part of the run only warms up.
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { SoakCounts } from './generator/soak.js';
import { plot } from './harness/plot.js';
import { figure, type Outcome } from './harness/report.js';
import type { Gate } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { slopePerHour, tenths, type Point } from './harness/series.js';
import type { Workbench } from './harness/workbench.js';
import type { Sample } from './programs/probe.js';

const READERS = 300;
const EVERY_MS = 10_000;
/** Until every thread's window of changes is full, and a part of a long run; at most half of a short one. */
const WARM_SECONDS = 300;
const WARM_PART = 0.15;
/** Within the warming, long enough before its end for the resident set to be as before. */
const SNAPSHOT_PART = 0.75;
/** The visit before everything: what a server makes once is made then. */
const VISIT_MS = 20_000;
/**
 * With nobody there: until the server has given up those who fell silent (a ping and its timeout, 50 s), and threads
 * that it keeps warm behind their last reader (30 s).
 */
const QUIET_MS = 90_000;
/** What it may grow by in an hour, in its own unit: the larger of the two, a part of what it was and as much as is nothing. */
interface Growth {
  part: number;
  least: number;
}
const OF_MEMORY: Growth = { part: 0.01, least: 2 };
/** Readers come and go, so that it is never quite the same. */
const OF_COUNTS: Growth = { part: 0.05, least: 5 };
/** Shorter runs only warm up: they leave the picture in the documents alone. */
const PLOT_MINUTES = 60;
const PLOT = resolve(import.meta.dirname, '../../docs/soak.svg');

interface Row {
  at: number;
  sample: Sample;
  counts: SoakCounts;
  connections: number;
}

interface Measure {
  name: string;
  unit: string;
  of(row: Row): number | null;
  /** Where its growth is a gate. */
  growth?: Growth;
}

const MB = 1e6;
/** Parts of the heap smaller than this are not shown. */
const SHOWN_MB = 0.5;
const HEAP_LEFT = 'heap after full collections';
const MEASURES: readonly Measure[] = [
  { name: 'resident set', unit: 'MB', of: ({ sample }) => sample.rssBytes / MB, growth: OF_MEMORY },
  {
    name: HEAP_LEFT,
    unit: 'MB',
    of: ({ sample }) => (sample.heapLeftBytes === null ? null : sample.heapLeftBytes / MB),
    growth: OF_MEMORY,
  },
  { name: 'heap', unit: 'MB', of: ({ sample }) => sample.heapBytes / MB },
  { name: 'external', unit: 'MB', of: ({ sample }) => sample.externalBytes / MB },
  { name: 'TCP sockets', unit: '', of: ({ sample }) => sample.resources['TCPSocketWrap'] ?? 0, growth: OF_COUNTS },
  { name: 'timers', unit: '', of: ({ sample }) => sample.resources['Timeout'] ?? 0, growth: OF_COUNTS },
  { name: 'handles and requests in all', unit: '', of: ({ sample }) => total(sample.resources) },
  { name: 'file descriptors', unit: '', of: ({ sample }) => sample.descriptors },
  { name: 'database connections', unit: '', of: ({ connections }) => connections, growth: OF_COUNTS },
  { name: 'loop delay p99', unit: 'ms', of: ({ sample }) => sample.loopDelayP99Ms },
  { name: 'acknowledgement p99', unit: 'ms', of: ({ counts }) => counts.ackP99 },
  { name: 'processor', unit: '% of a core', of: ({ sample }) => sample.cpuMs / (EVERY_MS / 100) },
];

export async function soak(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const name = 'soak';
  const server = await bench.product(await bench.database.create(name), {
    AFTERWORD_RATE_LIMITS: 'on',
    AFTERWORD_TRUST_PROXY: 'loopback',
  });
  const generator = bench.generator();
  const { program, port } = server;
  const take = async (begun: number): Promise<Row> => ({
    at: (performance.now() - begun) / 1_000,
    sample: await program.probe('sample'),
    counts: await generator.call('soakCounts', undefined),
    connections: await bench.database.connections(name),
  });
  const quiet = async (): Promise<Row> => {
    await generator.call('soakPause', undefined);
    await pause(QUIET_MS);
    return await take(performance.now());
  };
  await program.probe('begin', { loopDelay: true });
  say('soak: a first visit');
  await generator.call('soakStart', { port, readers: READERS, fill: true });
  await pause(VISIT_MS);
  const before = await quiet();
  await generator.call('soakStart', { port, readers: READERS, fill: false });
  const begun = performance.now();
  const rows: Row[] = [];
  const snapshot = async (name: string): Promise<void> => {
    if (scale.soakSnapshots === null) return;
    await mkdir(scale.soakSnapshots, { recursive: true });
    await program.probe('snapshot', { file: resolve(scale.soakSnapshots, `${name}.heapsnapshot`) });
  };
  const snapshotRow = Math.ceil((warmUp(scale.soakMinutes * 60) * 1_000 * SNAPSHOT_PART) / EVERY_MS);
  while (performance.now() - begun < scale.soakMinutes * 60_000) {
    await pause(begun + (rows.length + 1) * EVERY_MS - performance.now());
    const row = await take(begun);
    rows.push(row);
    if (rows.length === snapshotRow) await snapshot('first');
    if (rows.length % 6 === 0) say(line(row, scale));
  }
  await snapshot('last');
  const after = await quiet();
  const drawn = scale.soakMinutes >= PLOT_MINUTES;
  if (drawn) await writeFile(PLOT, draw(rows, scale.soakMinutes));
  await bench.end(generator);
  await bench.end(program);
  await bench.database.drop(name);
  const outcome = outcomeOf(rows, before, after, scale);
  if (drawn) outcome.notes.push('the plot is in docs/soak.svg');
  return outcome;
}

function outcomeOf(rows: readonly Row[], before: Row, after: Row, { soakMinutes }: Scale): Outcome {
  const warmSeconds = warmUp(soakMinutes * 60);
  const warm = rows.filter(({ at }) => at > warmSeconds);
  const gates: Gate[] = [];
  const found = MEASURES.flatMap((measure) => {
    const points = pointsOf(warm, measure);
    if (points.length < 2) return [[measure.name, measure.unit, '', '', '', '']];
    const { first, slope, row } = course(measure.name, measure.unit, points);
    if (measure.growth) {
      const { part, least } = measure.growth;
      const allowed = Math.max(first * part, least);
      const inWords = `${figure(allowed)} ${measure.unit}`.trimEnd();
      gates.push(gate(`soak: ${measure.name}, growth in an hour / allowed ${inWords}`, slope / allowed));
    }
    return measure.name === HEAP_LEFT ? [row, ...heapParts(warm)] : [row];
  });
  for (const [what, of] of [
    ['handles and requests', ({ sample }: Row): number => total(lasting(sample.resources))],
    ['file descriptors but the pool', ({ sample, connections }: Row): number => sample.descriptors - connections],
  ] as const) {
    gates.push(gate(`soak: ${what} with nobody there, after / before`, of(after) / of(before)));
  }
  const last = rows.at(-1)!;
  return {
    table: {
      title: `Soak: ${soakMinutes} minutes, ${READERS} readers at once, after the first ${figure(warmSeconds / 60)}`,
      columns: ['what', 'unit', 'first tenth', 'last tenth', 'change %', 'in an hour'],
      rows: found,
    },
    gates,
    notes: [
      `${last.counts.came} readers came, ${last.counts.acts} requests of guests, ${last.counts.pushes} pushes; ` +
        `${last.counts.fetched} pages fetched, ${last.counts.unchanged} of them unchanged`,
      `with nobody there: before ${resources(before)}; after ${resources(after)}`,
      `what went wrong: ${faults(after.counts)}`,
    ],
  };
}

/** How each part of the heap went, as far as it is more than next to nothing. */
function heapParts(rows: readonly Row[]): string[][] {
  const names = new Set(rows.flatMap(({ sample }) => Object.keys(sample.heapLeftParts)));
  return [...names].flatMap((name) => {
    const measure: Measure = {
      name: `  ${name}`,
      unit: 'MB',
      of: ({ sample }) => (sample.heapLeftParts[name] ?? Number.NaN) / MB,
    };
    const points = pointsOf(rows, measure);
    if (points.length < 2 || points.every(({ value }) => value < SHOWN_MB)) return [];
    return [course(measure.name, measure.unit, points).row];
  });
}

function course(name: string, unit: string, points: readonly Point[]): { first: number; slope: number; row: string[] } {
  const { first, last } = tenths(points);
  const slope = slopePerHour(points);
  return { first, slope, row: [name, unit, ...[first, last, (last / first - 1) * 100, slope].map(signed)] };
}

function warmUp(seconds: number): number {
  return Math.min(seconds / 2, Math.max(seconds * WARM_PART, WARM_SECONDS));
}

function pointsOf(rows: readonly Row[], { of }: Measure): Point[] {
  return rows.flatMap((row) => {
    const value = of(row);
    return value === null || Number.isNaN(value) ? [] : [{ at: row.at, value }];
  });
}

function draw(rows: readonly Row[], minutes: number): string {
  const named = (name: string, as = name) => ({
    name: as,
    points: pointsOf(
      rows,
      MEASURES.find((measure) => measure.name === name)!,
    ),
  });
  return plot({
    description: `Memory, handles and latencies of the server during ${minutes} minutes of mixed load`,
    charts: [
      {
        title: 'Memory',
        unit: 'MB',
        lines: [named('resident set'), named(HEAP_LEFT), named('external')],
      },
      {
        title: 'Held open',
        unit: 'count',
        lines: [named('TCP sockets'), named('file descriptors'), named('timers')],
      },
      { title: 'Database connections', unit: 'count', lines: [named('database connections')] },
      { title: 'Latency p99', unit: 'ms', lines: [named('acknowledgement p99'), named('loop delay p99')] },
    ],
  });
}

/** The pool's connections are opened as they are needed, and kept. */
function lasting(resources: Sample['resources']): Sample['resources'] {
  const { PipeWrap: _, ...others } = resources;
  return others;
}

function total(resources: Sample['resources']): number {
  return Object.values(resources).reduce((sum, count) => sum + count, 0);
}

function resources({ sample, connections }: Row): string {
  const kinds = Object.entries(sample.resources).map(([kind, count]) => `${count} ${kind}`);
  return [...kinds, `${sample.descriptors} descriptors`, `${connections} database connections`].join(', ');
}

function faults({ faults }: SoakCounts): string {
  const found = Object.entries(faults).map(([what, count]) => `${what} (${count})`);
  return found.length > 0 ? found.join(', ') : 'nothing';
}

function line({ at, sample, counts, connections }: Row, { soakMinutes }: Scale): string {
  const mb = (bytes: number | null): string => (bytes === null ? '-' : figure(bytes / MB));
  return (
    `soak: minute ${Math.round(at / 60)} of ${soakMinutes}: ${mb(sample.rssBytes)} MB, heap left ` +
    `${mb(sample.heapLeftBytes)} MB, external ${mb(sample.externalBytes)} MB, ${sample.descriptors} descriptors, ` +
    `${connections} database connections, ${counts.readers} readers, loop ${figure(sample.loopDelayP99Ms)} ms, ` +
    `acknowledged in ${figure(counts.ackP99 ?? Number.NaN)} ms; ${faults(counts)}`
  );
}

function gate(name: string, value: number): Gate {
  const single = { median: value, min: value, max: value, rounds: 1, disturbed: false };
  return { name, limit: 1, ratio: single };
}

function signed(value: number): string {
  return value < 0 ? `-${figure(-value)}` : figure(value);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, Math.max(0, ms)));
}
