// B3: how long an author waits for the acknowledgement of a reply, which comes after a durable commit; and how many
// replies one thread takes.
//
// The same schedule is given to ours, as writes of 50 guests over their sockets, and to a process that does nothing but
// a bare prepared INSERT of a row as wide into a table without any index but its key (programs/bare-table.ts). Ours so
// pays for the socket, checking, rendering, the thread's clock, the indexes and publishing; the database is the same
// one. "naive" is a transaction that locks the thread, inserts and moves its clock, as one would write it first.
//
// Most replies into one thread: with 200 writes always under way, for ours as for the naive one.
import { Latencies, type Packed } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Gate, type Round, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { schedule } from './harness/schedule.js';
import { median } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';
import { openContestant, type Contestant, type Load, type Paced } from './write-contestants.js';

const CONTESTANTS: readonly Contestant[] = ['product', 'bare', 'naive'];
const LABELS: Record<Contestant, string> = { product: 'Afterword', bare: 'bare INSERT', naive: 'naive transaction' };
const BUSY_MAX = 0.75;
const SLIP_MAX_MS = 1;

const LOADS: readonly Load[] = [
  { name: '10/s over 50 threads', perSecond: 10, hot: false, gate: 2 },
  { name: '50/s over 50 threads', perSecond: 50, hot: false, gate: 2 },
  { name: '200/s over 50 threads', perSecond: 200, hot: false, gate: 2 },
  { name: '200/s into one', perSecond: 200, hot: true, gate: 3 },
];

interface LoadFigures {
  latency: Packed;
  /** Processor time of the measured process for each reply, in microseconds. */
  cpuUs: number;
}

interface Figures {
  loads: Map<Load, LoadFigures>;
  most: { perSecond: number; busy: number };
}

type Rounds = Round<Contestant, Figures>[];

export async function write(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const database = await bench.database.create('write');
  const rounds = await interleave(CONTESTANTS, scale.rounds, async (contestant, round) => {
    say(`B3: round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
    return await measure(bench, { contestant, database, round, scale });
  });
  await bench.database.drop('write');
  return {
    table: {
      title: 'B3 write: milliseconds from the intended send of a reply to its acknowledgement after a durable commit',
      columns: [
        'load',
        'server',
        'p50',
        'p99',
        'max',
        'p50 / bare',
        'p99 / bare',
        'CPU us/reply',
        'replies/s',
        'replies/s / naive',
      ],
      rows: [...LOADS.flatMap((load) => loadRows(load, rounds)), ...mostRows(rounds)],
    },
    gates: gatesOf(rounds),
    notes: [...remarks(rounds, 'B3'), ...limitedBy(rounds)],
  };
}

interface Job {
  contestant: Contestant;
  database: string;
  round: number;
  scale: Scale;
}

async function measure(bench: Workbench, { contestant, database, round, scale }: Job): Promise<Run<Figures>> {
  const loads = LOADS.filter(({ hot }) => contestant !== 'naive' || hot);
  const writing = await openContestant(bench, contestant, database);
  const faults: string[] = [];
  let slip = 0;
  try {
    for (const load of loads)
      await writing.paced(load, schedule({ perSecond: 200, seconds: scale.warmUpSeconds / loads.length, seed: 0 }));
    const { result: figures, disturbance } = await watched(async () => {
      const found = new Map<Load, LoadFigures>();
      for (const load of loads) {
        await bench.database.settle();
        const seconds = load.hot ? scale.hotSeconds : scale.writeSeconds[load.perSecond];
        const times = schedule({ perSecond: load.perSecond, seconds, seed: round + 1 });
        const paced = await writing.paced(load, times);
        found.set(load, { latency: paced.latency, cpuUs: (paced.cpuMs * 1_000) / times.length });
        faults.push(...faultsOf(paced).map((fault) => `${load.name}: ${fault}`));
        slip = Math.max(slip, paced.slipP99);
      }
      return { loads: found, most: await writing.most(scale.mostSeconds) };
    });
    if (slip > SLIP_MAX_MS) disturbance.reasons.push(`the schedule slipped by ${slip.toFixed(1)} ms`);
    return { figures, void: faults, disturbance };
  } finally {
    await writing.end();
  }
}

function faultsOf({ busy, unanswered, refused }: Paced): string[] {
  const found: string[] = [];
  if (unanswered > 0) found.push(`${unanswered} writes have no answer`);
  if (refused.length > 0) found.push(`${refused.length} refused or cut off, such as ${refused[0]}`);
  if (busy > BUSY_MAX) found.push(`the generator was busy for ${(busy * 100).toFixed(0)} % of the time`);
  return found;
}

type Percentile = 'p50' | 'p99';

const latencyOf =
  (load: Load, percentile: Percentile) =>
  ({ loads }: Figures): number =>
    Latencies.merge([loads.get(load)!.latency]).summary()[percentile];

function loadRows(load: Load, rounds: Rounds): string[][] {
  return CONTESTANTS.flatMap((contestant) => {
    const runs = sound(rounds, contestant).flatMap(({ loads }) => loads.get(load) ?? []);
    if (contestant === 'naive' && !load.hot) return [];
    const { p50, p99, max } = Latencies.merge(runs.map(({ latency }) => latency)).summary();
    const against = (percentile: Percentile): string =>
      contestant === 'bare' ? '' : formatRatio(ratio(rounds, contestant, 'bare', latencyOf(load, percentile)));
    return [
      [
        load.name,
        LABELS[contestant],
        ...[p50, p99, max].map((ms) => (runs.length > 0 ? figure(ms) : 'void')),
        against('p50'),
        against('p99'),
        runs.length > 0 ? figure(median(runs.map(({ cpuUs }) => cpuUs))) : 'void',
      ],
    ];
  });
}

const mostOf = ({ most }: Figures): number => most.perSecond;

function mostRows(rounds: Rounds): string[][] {
  return (['product', 'naive', 'bare'] as const).map((contestant) => {
    const most = sound(rounds, contestant).map(mostOf);
    return [
      contestant === 'bare' ? 'most, no thread at all' : 'most into one thread',
      LABELS[contestant],
      ...Array<string>(6).fill(''),
      most.length > 0 ? figure(median(most)) : 'void',
      contestant === 'naive' ? '' : formatRatio(ratio(rounds, contestant, 'naive', mostOf)),
    ];
  });
}

function gatesOf(rounds: Rounds): Gate[] {
  const latencies = LOADS.flatMap((load) => [
    {
      name: `B3 ${load.name}, p50 / bare INSERT`,
      aim: 1.25,
      ratio: ratio(rounds, 'product', 'bare', latencyOf(load, 'p50')),
    },
    {
      name: `B3 ${load.name}, p99 / bare INSERT`,
      limit: load.gate,
      aim: 1.5,
      ratio: ratio(rounds, 'product', 'bare', latencyOf(load, 'p99')),
    },
  ]);
  // The other way round, so that less is better here too: five times as many are a fifth.
  return [
    ...latencies,
    {
      name: 'B3 most replies/s into one thread, naive / Afterword',
      aim: 0.2,
      ratio: ratio(rounds, 'naive', 'product', mostOf),
    },
  ];
}

/** Not void: the product could only have done more. */
function limitedBy(rounds: Rounds): string[] {
  const busy = Math.max(0, ...sound(rounds, 'product').map(({ most }) => most.busy));
  if (busy <= BUSY_MAX) return [];
  return [`while finding Afterword's most, the generator was busy for ${(busy * 100).toFixed(0)} %: it may be more`];
}
