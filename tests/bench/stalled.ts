// B9: one in twenty readers stops reading while 20 replies of 2,000 characters a second go on: what their server keeps for
// them, and whether the others notice.
//
// Each server is measured twice in a row with the same plan: with everybody reading, then, on a fresh start, with some
// who stopped. Memory is the highest resident set of the run over that at its beginning; what it grows by anyway is told
// by the first run. The system's own buffers take four megabytes for each line before the server has to keep anything:
// they are filled first, with long replies, in both runs.
import type { FloodResult } from './generator/flood.js';
import { Latencies } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Gate, type Round, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { schedule } from './harness/schedule.js';
import { median } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';

const CONTESTANTS = ['product', 'socketio'] as const;
type Contestant = (typeof CONTESTANTS)[number];

const LABELS: Record<Contestant, string> = { product: 'Afterword', socketio: 'A: bare Socket.IO' };
const PER_SECOND = 20;
const BODY_LENGTH = 2_000;
const STALLED_PART = 0.05;
/** What fills the system's buffers: so many bytes for each line, in replies of so many characters. */
const FILL_BYTES = 5e6;
const FILL_LENGTH = 9_000;
const FILL_PER_SECOND = 20;
const SAMPLE_MS = 500;
const PATIENCE_MS = 5_000;
const BUSY_MAX = 0.85;

interface Side {
  flood: FloodResult;
  /** Bytes by which the resident set grew at most, and at the end after two full collections. */
  peakBytes: number;
  heldBytes: number;
}

interface Figures {
  everybody: Side;
  stalled: Side;
  count: number;
}

type Rounds = Round<Contestant, Figures>[];

export async function stalled(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const readers = scale.stalledReaders;
  const rounds = await interleave(CONTESTANTS, scale.rounds, async (contestant, round) => {
    say(`B9: round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
    const count = Math.round(readers * STALLED_PART);
    const { result, disturbance } = await watched(async () => ({
      everybody: await measure(bench, contestant, round, scale, 0),
      stalled: await measure(bench, contestant, round, scale, count),
      count,
    }));
    return { figures: result, void: faults(result), disturbance } satisfies Run<Figures>;
  });
  const percent = STALLED_PART * 100;
  return {
    table: {
      title:
        `B9 stalled: ${percent} % of ${readers.toLocaleString('en-US')} readers stop reading; ${PER_SECOND} replies/s of ` +
        `${BODY_LENGTH.toLocaleString('en-US')} characters for ${scale.stalledSeconds} s (ratio: Afterword / this)`,
      columns: ['server', 'readers', 'p50 ms', 'p99 ms', 'peak MB', 'left MB', 'kB/stalled', 'kB ratio', 'generator'],
      rows: CONTESTANTS.flatMap((contestant) => rowsOf(contestant, rounds)),
    },
    gates: gatesOf(rounds),
    notes: remarks(rounds, 'B9'),
  };
}

async function measure(
  bench: Workbench,
  contestant: Contestant,
  round: number,
  scale: Scale,
  count: number,
): Promise<Side> {
  const kind = contestant;
  const isOurs = contestant === 'product';
  const server = isOurs
    ? await bench.product(await bench.database.create('stalled'))
    : await bench.baseline(contestant, null);
  const { program, port } = server;
  const generator = bench.generator();
  try {
    const lengths = { bodyLength: BODY_LENGTH, fillLength: FILL_LENGTH };
    await generator.call('floodConnect', { kind, port, readers: scale.stalledReaders, ...lengths });
    const warmUp = schedule({ perSecond: PER_SECOND, seconds: scale.warmUpSeconds, seed: 0 });
    await generator.call('floodRun', { times: warmUp, patienceMs: PATIENCE_MS });
    const before = await program.memory();
    if (count > 0) await generator.call('floodStall', { readers: count });
    const times = schedule({ perSecond: PER_SECOND, seconds: scale.stalledSeconds, seed: round + 1 });
    const filling = schedule({
      perSecond: FILL_PER_SECOND,
      seconds: FILL_BYTES / FILL_LENGTH / FILL_PER_SECOND,
      seed: 1,
    });
    let isRunning = true;
    const running = generator
      .call('floodRun', { times: filling, patienceMs: PATIENCE_MS, fill: true })
      .then(() => generator.call('floodRun', { times, patienceMs: PATIENCE_MS }))
      .finally(() => {
        isRunning = false;
      });
    let peak = before.rssBytes;
    while (isRunning) {
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))]);
      peak = Math.max(peak, (await program.probe('sample')).rssBytes);
    }
    const after = await program.memory();
    return {
      flood: await running,
      peakBytes: peak - before.rssBytes,
      heldBytes: after.heldBytes - before.heldBytes,
    };
  } finally {
    await bench.end(generator);
    await bench.end(program);
    if (isOurs) await bench.database.drop('stalled');
  }
}

function faults({ everybody, stalled: some, count }: Figures): string[] {
  return [everybody, some].flatMap(({ flood }, i) => {
    const missing = flood.expected - flood.delivered;
    return [
      ...(missing > 0 ? [`${missing} deliveries to readers that read are missing`] : []),
      ...(flood.busy > BUSY_MAX ? [`the generator was busy for ${(flood.busy * 100).toFixed(0)} % of the time`] : []),
      // Those who don't answer pings are cut off by any server, in time.
      ...flood.problems.filter((problem) => i === 0 || count === 0 || !problem.includes('cut off')),
    ];
  });
}

const p99 = ({ flood }: Side): number => Latencies.merge([flood.latency]).summary().p99;
/** What the stalled ones cost: the growth that would have been there without them is taken off, a kilobyte stays. */
const perStalled = ({ everybody, stalled: some, count }: Figures): number =>
  Math.max(1_000, (some.peakBytes - everybody.peakBytes) / count);

function rowsOf(contestant: Contestant, rounds: Rounds): string[][] {
  const runs = sound(rounds, contestant);
  const mid = (of: (figures: Figures) => number): string => (runs.length > 0 ? figure(median(runs.map(of))) : 'void');
  return (['everybody', 'stalled'] as const).map((who) => {
    const { p50, p99: late } = Latencies.merge(runs.map((run) => run[who].flood.latency)).summary();
    const some = who === 'stalled';
    return [
      LABELS[contestant],
      some ? 'the others' : 'all read',
      figure(p50),
      figure(late),
      mid((run) => run[who].peakBytes / 1e6),
      mid((run) => run[who].heldBytes / 1e6),
      some ? mid((run) => perStalled(run) / 1_000) : '',
      some && contestant !== 'product' ? formatRatio(ratio(rounds, 'product', contestant, perStalled)) : '',
      mid((run) => run[who].flood.busy * 100),
    ];
  });
}

function gatesOf(rounds: Rounds): Gate[] {
  const runs = sound(rounds, 'product');
  const noticed = runs.map((run) => p99(run.stalled) / p99(run.everybody));
  const shape = ratio(rounds, 'product', 'product', () => 1);
  return [
    {
      name: 'B9 memory for a stalled reader / A',
      limit: 1,
      aim: 0.05,
      ratio: ratio(rounds, 'product', 'socketio', perStalled),
    },
    {
      name: "B9 the others' p99, with stalled readers / without",
      aim: 1.1,
      ratio: shape && { ...shape, median: median(noticed), min: Math.min(...noticed), max: Math.max(...noticed) },
    },
  ];
}
