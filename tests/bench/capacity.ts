// B2: how much one server process can hand out: the rate of replies into one thread is raised step by step until the
// p99 of a delivery, from the intended send to each reader, crosses a quarter of a second.
//
// A delivery is one reply at one reader, however it travels. Ours publishes at most every 25 ms what came together, so
// that its pushes carry more replies the more there are; the baselines push each reply by itself, as soon as it comes.
// Ours commits each reply before; the baselines insert nothing.
import type { FloodResult } from './generator/flood.js';
import { Latencies } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Gate, type Round, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { schedule } from './harness/schedule.js';
import { median } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';

const CONTESTANTS = ['product', 'socketio', 'ws'] as const;
type Contestant = (typeof CONTESTANTS)[number];

const LABELS: Record<Contestant, string> = { product: 'Afterword', socketio: 'A: bare Socket.IO', ws: 'W: bare ws' };
const LIMIT_MS = 250;
const BODY_LENGTH = 700;
/** Replies a second: the first step, and each one from the one before. */
const FIRST = 20;
const STEP = 1.3;
const STEPS_MAX = 24;
/** How long the last readers of a step are waited for. */
const PATIENCE_MS = 5_000;
/** Above this the generator may be what is slow: the step is no proof against the server. */
const BUSY_MAX = 0.85;

interface Step {
  perSecond: number;
  p99: number;
  busy: number;
  pushes: number;
  bytes: number;
  delivered: number;
}

interface Figures {
  /** Deliveries a second at the limit. */
  capacity: number;
  /** Of the last step that was within it. */
  held: Step;
  /** Of the first one that was not. */
  over: Step;
}

export async function capacity(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const readers = scale.capacityReaders;
  const database = await bench.database.create('capacity');
  const rounds = await interleave(CONTESTANTS, scale.rounds, async (contestant, round) => {
    say(`B2: round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
    return await measure(bench, contestant, database, round, scale);
  });
  await bench.database.drop('capacity');
  return {
    table: {
      title:
        `B2 capacity: deliveries/s (one reply of ${BODY_LENGTH} characters at one of ${readers.toLocaleString('en-US')} ` +
        `readers) with p99 under ${LIMIT_MS} ms (ratio: this / Afterword)`,
      columns: [
        'server',
        'deliveries/s',
        'ratio',
        'replies/s held',
        'its p99 ms',
        'over at',
        'its p99 ms',
        'replies/push',
        'bytes/delivery',
        'generator',
      ],
      rows: CONTESTANTS.map((contestant) => rowOf(contestant, rounds)),
    },
    gates: gatesOf(rounds),
    notes: [
      ...remarks(rounds, 'B2'),
      ...CONTESTANTS.flatMap((contestant) => limitedBy(contestant, sound(rounds, contestant))),
    ],
  };
}

type Rounds = Round<Contestant, Figures>[];

async function measure(
  bench: Workbench,
  contestant: Contestant,
  database: string,
  round: number,
  scale: Scale,
): Promise<Run<Figures>> {
  const readers = scale.capacityReaders;
  const server = contestant === 'product' ? await bench.product(database) : await bench.baseline(contestant, null);
  const generator = bench.generator();
  try {
    await generator.call('floodConnect', { kind: contestant, port: server.port, readers, bodyLength: BODY_LENGTH });
    const warmUp = schedule({ perSecond: FIRST, seconds: scale.warmUpSeconds, seed: 0 });
    await generator.call('floodRun', { times: warmUp, patienceMs: PATIENCE_MS });
    const faults: string[] = [];
    const { result: steps, disturbance } = await watched(async () => {
      const taken: Step[] = [];
      for (let i = 0, perSecond = FIRST; i < STEPS_MAX; i++, perSecond = Math.ceil(perSecond * STEP)) {
        const times = schedule({ perSecond, seconds: scale.stepSeconds, seed: round + i + 1 });
        let step: Step;
        // A step that is over the limit gets a second chance: a machine that hiccups is no end of what a server can do.
        for (let chance = 1; ; chance++) {
          const found = await generator.call('floodRun', { times, patienceMs: PATIENCE_MS });
          if (found.problems.length > 0) faults.push(...found.problems);
          if (found.faults > 0) faults.push(`${found.faults} deliveries were doubled or did not follow`);
          step = stepOf(perSecond, found);
          if (step.p99 <= LIMIT_MS || chance === 2) break;
        }
        taken.push(step);
        if (step.p99 > LIMIT_MS || faults.length > 0) break;
      }
      return taken;
    });
    const over = steps.at(-1)!;
    const held = steps.at(-2) ?? over;
    if (over.p99 <= LIMIT_MS && faults.length === 0) faults.push('the limit was never crossed');
    if (over === held) faults.push('the first step was over the limit');
    return { figures: { capacity: between(held, over) * readers, held, over }, void: faults, disturbance };
  } finally {
    await bench.end(generator);
    await bench.end(server.program);
  }
}

/** What is missing at the end counts as later than anything: the step is over the limit. */
function stepOf(perSecond: number, found: FloodResult): Step {
  const { busy, pushes, bytes, delivered, expected } = found;
  const { p99 } = Latencies.merge([found.latency]).summary();
  return { perSecond, p99: delivered < expected ? Math.max(p99, PATIENCE_MS) : p99, busy, pushes, bytes, delivered };
}

/** The rate at which the p99 crosses the limit, on the straight line between the logarithms. */
function between(held: Step, over: Step): number {
  if (over.p99 <= held.p99) return held.perSecond;
  const part = (Math.log(LIMIT_MS) - Math.log(held.p99)) / (Math.log(over.p99) - Math.log(held.p99));
  return held.perSecond * (over.perSecond / held.perSecond) ** Math.min(1, Math.max(0, part));
}

const costOf = ({ capacity: found }: Figures): number => 1 / found;

function rowOf(contestant: Contestant, rounds: Rounds): string[] {
  const runs = sound(rounds, contestant);
  const mid = (of: (figures: Figures) => number): string => (runs.length > 0 ? figure(median(runs.map(of))) : 'void');
  return [
    LABELS[contestant],
    mid(({ capacity: found }) => found),
    contestant === 'product' ? '' : formatRatio(ratio(rounds, 'product', contestant, costOf)),
    mid(({ held }) => held.perSecond),
    mid(({ held }) => held.p99),
    mid(({ over }) => over.perSecond),
    mid(({ over }) => over.p99),
    mid(({ held }) => held.delivered / held.pushes),
    mid(({ held }) => held.bytes / held.delivered),
    `${mid(({ over }) => over.busy * 100)} %`,
  ];
}

/** Less is better: what a delivery costs at the limit. */
function gatesOf(rounds: Rounds): Gate[] {
  return [
    {
      name: 'B2 deliveries/s under 250 ms, A / Afterword',
      limit: 1,
      aim: 0.59,
      ratio: ratio(rounds, 'product', 'socketio', costOf),
    },
    { name: 'B2 deliveries/s under 250 ms, W / Afterword', aim: 1.05, ratio: ratio(rounds, 'product', 'ws', costOf) },
  ];
}

/** Not void: this one could only have done more. */
function limitedBy(contestant: Contestant, runs: readonly Figures[]): string[] {
  const busy = Math.max(0, ...runs.map(({ over }) => over.busy));
  if (busy <= BUSY_MAX) return [];
  const percent = (busy * 100).toFixed(0);
  return [`${LABELS[contestant]}: the generator was busy for ${percent} % of the last step: it may be able to do more`];
}
