// B8: a thread into which 200 replies a second pour, with thousands of readers, and a quiet thread beside it.
//
// Our readers do as the widget does: once 200 replies wait unread and more come, they count (the lane `digest`), and a reply is
// delivered that they were told of. The same with all of them getting every text stands beside it.
//
// Staleness is from the intended send of a reply, ours with its commit, to each reader. The baseline A is what one would
// write first: one push for each reply, and no database. It gets the same replies a second for a tenth of the time:
// where it can't keep up, it works off what has piled up, and what a delivery costs it is known all the same.
//
// Beside the hot thread 20 readers follow five replies a second in another thread of the same server; before, the same
// without the hot one. Of one a second the 99th percentile would be the slowest of twenty replies.
import type { FloodResult } from './generator/flood.js';
import { Latencies } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Gate, type Round, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { schedule } from './harness/schedule.js';
import { median } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';

const CONTESTANTS = ['product', 'reading', 'socketio'] as const;
type Contestant = (typeof CONTESTANTS)[number];

const LABELS: Record<Contestant, string> = {
  product: 'Afterword',
  reading: 'Afterword, all get all texts',
  socketio: 'A: one push a reply',
};
const PER_SECOND = 200;
const BODY_LENGTH = 700;
const QUIET_READERS = 20;
const QUIET_PER_SECOND = 5;
/** No two of them within the time that the server keeps between two pushes. */
const QUIET_JITTER = 0.5;
/** After the last reply of the plan. */
const PATIENCE_MS = 120_000;
const BUSY_MAX = 0.85;

interface Figures {
  hot: FloodResult;
  cpuMs: number;
  /** Of the quiet thread: alone, and beside the hot one. */
  quietP99: { alone: number; beside: number } | null;
  /** Of ours: readers that are not exactly at the head; of the sampled ones, those that hold something else. */
  behind: number;
  different: number;
  sampled: number;
}

type Rounds = Round<Contestant, Figures>[];

export async function hot(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const readers = scale.hotReaders;
  const rounds = await interleave(CONTESTANTS, scale.rounds, async (contestant, round) => {
    say(`B8: round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
    return await measure(bench, contestant, round, scale);
  });
  return {
    table: {
      title:
        `B8 hot thread: ${PER_SECOND} replies/s of ${BODY_LENGTH} characters to ${readers.toLocaleString('en-US')} readers ` +
        `for ${scale.hotThreadSeconds} s (ratio: Afterword / this)`,
      columns: [
        'server',
        'stale p50 ms',
        'stale p99 ms',
        'converged ms',
        'CPU us/delivery',
        'CPU ratio',
        'replies/push',
        'bytes/delivery',
        'bytes ratio',
        'at the head',
        'same content',
        'generator',
      ],
      rows: CONTESTANTS.map((contestant) => rowOf(contestant, rounds, readers)),
    },
    gates: gatesOf(rounds),
    notes: [...remarks(rounds, 'B8'), ...quietNotes(rounds)],
  };
}

async function measure(bench: Workbench, contestant: Contestant, round: number, scale: Scale): Promise<Run<Figures>> {
  const name = 'hot';
  const isOurs = contestant !== 'socketio';
  const kind = isOurs ? 'product' : contestant;
  const counts = contestant === 'product';
  const server = isOurs
    ? await bench.product(await bench.database.create(name))
    : await bench.baseline('socketio', null);
  const { program, port } = server;
  const generator = bench.generator();
  const beside = isOurs ? bench.generator() : null;
  try {
    await generator.call('floodConnect', { kind, port, readers: scale.hotReaders, bodyLength: BODY_LENGTH, counts });
    const slow = schedule({ perSecond: 10, seconds: scale.warmUpSeconds, seed: 0 });
    await generator.call('floodRun', { times: slow, patienceMs: PATIENCE_MS });
    const seconds = isOurs ? scale.hotThreadSeconds : Math.ceil(scale.hotThreadSeconds / 10);
    const times = schedule({ perSecond: PER_SECOND, seconds, seed: round + 1 });
    const calm = schedule({
      perSecond: QUIET_PER_SECOND,
      seconds: scale.hotThreadSeconds,
      seed: round + 1,
      jitter: QUIET_JITTER,
    });
    const quiet = { times: calm, patienceMs: PATIENCE_MS };
    await beside?.call('quietConnect', { kind, port, readers: QUIET_READERS, bodyLength: BODY_LENGTH });
    const { result, disturbance } = await watched(async () => {
      const alone = await beside?.call('quietRun', quiet);
      await program.probe('begin', { loopDelay: false });
      const [found, along] = await Promise.all([
        generator.call('floodRun', { times, patienceMs: PATIENCE_MS }),
        beside?.call('quietRun', quiet),
      ]);
      const { cpuMs } = await program.probe('cost');
      return { found, cpuMs, quiet: alone && along ? { alone: p99Of(alone), beside: p99Of(along) } : null };
    });
    const head = isOurs ? await generator.call('floodAtHead', { port }) : null;
    const same = isOurs ? await generator.call('floodSame', { port }) : null;
    const figures: Figures = {
      hot: result.found,
      cpuMs: result.cpuMs,
      quietP99: result.quiet,
      behind: head ? scale.hotReaders - head.readers : 0,
      different: same ? same.sampled - same.same : 0,
      sampled: same?.sampled ?? 0,
    };
    return { figures, void: faults(figures), disturbance };
  } finally {
    await bench.end(generator);
    if (beside) await bench.end(beside);
    await bench.end(program);
    if (isOurs) await bench.database.drop(name);
  }
}

/** Readers that did not converge are no reason to leave a round out: that is a gate. */
function faults({ hot: { problems, busy } }: Figures): string[] {
  const tooBusy = busy > BUSY_MAX ? [`the generator was busy for ${(busy * 100).toFixed(0)} % of the time`] : [];
  return [...problems, ...tooBusy];
}

function p99Of({ latency }: FloodResult): number {
  return Latencies.merge([latency]).summary().p99;
}

const cpuOf = ({ cpuMs, hot: { delivered } }: Figures): number => cpuMs / delivered;
const bytesOf = ({ hot: { bytes, delivered } }: Figures): number => bytes / delivered;

function rowOf(contestant: Contestant, rounds: Rounds, readers: number): string[] {
  const runs = sound(rounds, contestant);
  const mid = (of: (figures: Figures) => number): string => (runs.length > 0 ? figure(median(runs.map(of))) : 'void');
  const { p50, p99 } = Latencies.merge(runs.map((run) => run.hot.latency)).summary();
  const isOurs = contestant !== 'socketio';
  const worst = (of: (figures: Figures) => number): number => Math.max(0, ...runs.map(of));
  const sampled = worst((run) => run.sampled);
  return [
    LABELS[contestant],
    figure(p50),
    figure(p99),
    mid(({ hot: { convergedMs } }) => convergedMs ?? Number.NaN),
    mid((run) => cpuOf(run) * 1_000),
    contestant === 'product' ? '' : formatRatio(ratio(rounds, 'product', contestant, cpuOf)),
    mid(({ hot: { delivered, pushes } }) => delivered / pushes),
    mid(bytesOf),
    contestant === 'product' ? '' : formatRatio(ratio(rounds, 'product', contestant, bytesOf)),
    isOurs ? `${readers - worst((run) => run.behind)} of ${readers}` : '',
    isOurs ? `${sampled - worst((run) => run.different)} of ${sampled}` : '',
    mid(({ hot: { busy } }) => busy * 100),
  ];
}

function gatesOf(rounds: Rounds): Gate[] {
  // Alone, in the measure of the limit: there is no baseline for these.
  const own = (of: (figures: Figures) => number): Gate['ratio'] => ratio(rounds, 'product', 'product', of);
  const values = (of: (figures: Figures) => number, unit: number): Gate['ratio'] => {
    const found = sound(rounds, 'product').map((run) => of(run) / unit);
    const shape = own(() => 1);
    return shape && { ...shape, median: median(found), min: Math.min(...found), max: Math.max(...found) };
  };
  return [
    { name: 'B8 staleness p99 / 1 s', limit: 1, aim: 0.4, ratio: values(({ hot: found }) => p99Of(found), 1_000) },
    {
      name: 'B8 readers that did not converge, of all',
      limit: 0,
      ratio: values(({ behind, different }) => behind + different, 1),
    },
    {
      name: 'B8 time to exact convergence / 2 s',
      aim: 1,
      ratio: values(({ hot: { convergedMs } }) => convergedMs ?? PATIENCE_MS, 2_000),
    },
    { name: 'B8 CPU a delivery / A', aim: 0.05, ratio: ratio(rounds, 'product', 'socketio', cpuOf) },
    { name: 'B8 bytes a delivery / A', aim: 0.15, ratio: ratio(rounds, 'product', 'socketio', bytesOf) },
    {
      name: 'B8 p99 in a quiet thread, beside the hot one / alone',
      ratio: values(({ quietP99 }) => quietP99!.beside / quietP99!.alone, 1),
      aim: 1.5,
    },
  ];
}

function quietNotes(rounds: Rounds): string[] {
  return sound(rounds, 'product').map(({ quietP99 }, i) => {
    const { alone, beside } = quietP99!;
    return `a quiet thread, p99 to ${QUIET_READERS} readers, run ${i + 1}: alone ${figure(alone)} ms, beside the hot one ${figure(beside)} ms`;
  });
}
