// B1: how long a reply takes from its publication to each of N readers, and to the last of them.
//
// Ours and the baselines are given the same schedule, the same text and the same readers. Ours can't publish without
// having committed, so two spans are measured of the same replies:
//
// - "publish": from the moment at which the server is handed what makes it publish. For ours that is the database's
//   answer to the insert, seen by a tap on the line between the two (wire/tap.ts); for a baseline the order to publish.
//   Either way the server has all it needs and no frame is made yet.
// - "end to end": from the intended send, as an author would count, durable insert included. For this the baselines
//   insert the row with one bare prepared INSERT, through such a tap too, and publish when it is in. They do so with
//   every second event; the others show their broadcast alone.
//
// The baselines: A (programs/socketio.ts), W (programs/ws.ts). Both push an object of our shape and size.
import type { Cost } from './programs/probe.js';
import type { FanoutResult } from './generator/fanout.js';
import { Latencies, type Packed } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Gate, type Round, type Run } from './harness/rounds.js';
import { schedule } from './harness/schedule.js';
import type { Scale } from './harness/scale.js';
import { watched } from './harness/watch.js';
import type { RunningServer, Workbench } from './harness/workbench.js';

const CONTESTANTS = ['product', 'socketio', 'ws'] as const;
type Contestant = (typeof CONTESTANTS)[number];

const LABELS: Record<Contestant, string> = { product: 'Afterword', socketio: 'A: bare Socket.IO', ws: 'W: bare ws' };
const PER_SECOND = 2;
/** Events keep a distance of at least half a slot: each has the server for itself. */
const JITTER = 0.5;
/** The generator is a bottleneck where it is busier than this while pushes are under way. */
const BUSY_MAX = 0.75;
const SLIP_MAX_MS = 1;

interface Figures {
  result: FanoutResult;
  cost: Cost;
  deliveries: number;
}

type Rounds = Round<Contestant, Figures>[];

export async function fanout(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const outcome: Outcome = {
    table: {
      title: `B1 fan-out: ${PER_SECOND} replies/s of 700 characters, ms to the readers (ratio: Afterword / this)`,
      columns: [
        'readers',
        'from',
        'server',
        'each p50',
        'each p99',
        'last p50',
        'last p99',
        'each p99 ratio',
        'last p99 ratio',
        'CPU us/push',
        'CPU ratio',
        'push bytes',
        'generator',
      ],
      rows: [],
    },
    gates: [],
    notes: [],
  };
  for (const readers of scale.readers) {
    const database = await bench.database.create(`fanout_${readers}`);
    const rounds = await interleave(CONTESTANTS, scale.rounds, async (contestant, round) => {
      say(`B1: ${readers} readers, round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
      return await measure(bench, { contestant, readers, database, seed: round + 1, scale });
    });
    await bench.database.drop(`fanout_${readers}`);
    outcome.table = { ...outcome.table, rows: [...outcome.table.rows, ...rowsOf(readers, rounds)] };
    outcome.gates.push(...gatesOf(readers, rounds));
    outcome.notes.push(...remarks(rounds, `B1 with ${readers} readers`));
  }
  return outcome;
}

interface Job {
  contestant: Contestant;
  readers: number;
  database: string;
  seed: number;
  scale: Scale;
}

async function measure(bench: Workbench, { contestant, readers, database, seed, scale }: Job): Promise<Run<Figures>> {
  const generator = bench.generator();
  let server: RunningServer | null = null;
  try {
    const { url } = await generator.call('tap', { url: database, folder: bench.folder() });
    server = contestant === 'product' ? await bench.product(url) : await bench.baseline(contestant, url);
    const { program, port } = server;
    await generator.call('fanoutConnect', { kind: contestant, port, readers });
    const warmUp = schedule({ perSecond: PER_SECOND, seconds: scale.warmUpSeconds, seed: 0, jitter: JITTER });
    await generator.call('fanoutPublish', { times: warmUp });
    await bench.database.settle();
    const times = schedule({ perSecond: PER_SECOND, seconds: scale.fanoutSeconds, seed, jitter: JITTER });
    const { result: figures, disturbance } = await watched(async () => {
      await program.probe('begin', { loopDelay: true });
      const result = await generator.call('fanoutPublish', { times });
      return { result, cost: await program.probe('cost'), deliveries: result.books.received };
    });
    const slip = figures.result.slipP99;
    if (slip > SLIP_MAX_MS) disturbance.reasons.push(`the schedule slipped by ${slip.toFixed(1)} ms`);
    return { figures, void: faults(figures.result), disturbance };
  } finally {
    // The readers first: a server that hangs up on thousands of them would tell each.
    await bench.end(generator);
    if (server) await bench.end(server.program);
  }
}

function faults({ books, busy, problems }: FanoutResult): string[] {
  const found = [...problems];
  const missing = books.expected - books.received;
  if (missing > 0) found.push(`${missing} of ${books.expected} pushes are missing`);
  if (books.doubled > 0) found.push(`${books.doubled} pushes came twice`);
  if (books.disordered > 0) found.push(`${books.disordered} pushes came out of order`);
  if (busy > BUSY_MAX) found.push(`the generator was busy for ${(busy * 100).toFixed(0)} % of the time`);
  return found;
}

type Span = 'published' | 'endToEnd';

const cpuOf = ({ cost, deliveries }: Figures): number => cost.cpuMs / deliveries;

const p99 =
  (span: Span, to: 'each' | 'last') =>
  ({ result }: Figures): number =>
    summaryOf([result[span][to]]).p99;

function summaryOf(packed: readonly Packed[]) {
  return Latencies.merge(packed).summary();
}

function rowsOf(readers: number, rounds: Rounds): string[][] {
  return (['published', 'endToEnd'] as const).flatMap((span) =>
    CONTESTANTS.map((contestant) => {
      const runs = sound(rounds, contestant);
      const each = summaryOf(runs.map(({ result }) => result[span].each));
      const last = summaryOf(runs.map(({ result }) => result[span].last));
      const isBaseline = contestant !== 'product';
      const against = (to: 'each' | 'last'): string =>
        isBaseline ? formatRatio(ratio(rounds, 'product', contestant, p99(span, to))) : '';
      const cpu =
        runs.reduce((sum, { cost }) => sum + cost.cpuMs, 0) / runs.reduce((sum, run) => sum + run.deliveries, 0);
      return [
        readers.toLocaleString('en-US'),
        span === 'published' ? 'publish' : isBaseline ? 'send + bare INSERT' : 'send',
        LABELS[contestant],
        ...[each.p50, each.p99, last.p50, last.p99].map((ms) => (runs.length > 0 ? figure(ms) : 'void')),
        against('each'),
        against('last'),
        span === 'published' ? figure(cpu * 1_000) : '',
        span === 'published' && isBaseline ? formatRatio(ratio(rounds, 'product', contestant, cpuOf)) : '',
        span === 'published' ? String(runs[0]?.result.frameBytes ?? '') : '',
        span === 'published' ? `${figure(Math.max(...runs.map(({ result }) => result.busy)) * 100)} %` : '',
      ];
    }),
  );
}

const GATES = [
  { baseline: 'socketio', short: 'A', limit: 1, aim: 0.6 },
  { baseline: 'ws', short: 'W', aim: 1.1 },
] as const;

function gatesOf(readers: number, rounds: Rounds): Gate[] {
  return GATES.flatMap(({ baseline, short, ...limits }) =>
    (['each', 'last'] as const).map((to) => ({
      name: `B1 publish to ${to} of ${readers.toLocaleString('en-US')} readers, p99 / ${short}`,
      ...limits,
      ratio: ratio(rounds, 'product', baseline, p99('published', to)),
    })),
  );
}
