// B5: a server is killed and started again, and all its readers come back at once, each with 50 replies missed: how long
// until the last of them is exactly up to date, and what that costs.
//
// The time counts from the moment at which the started server is ready. The baseline A has nothing to be made up for: its
// readers are back when the server has let them into the room. Both in the same moment (the worst that can happen), and
// spread over a second, as the widget does by itself at its first attempt. The server that they come back to is new: it
// has written nothing and answered nobody; the replies were written through another one.
import type { StormResult } from './generator/storm.js';
import { Latencies } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Gate, type Round, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { median } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { RunningServer, Workbench } from './harness/workbench.js';

const CONTESTANTS = ['product', 'socketio'] as const;
type Contestant = (typeof CONTESTANTS)[number];

const LABELS: Record<Contestant, string> = { product: 'Afterword', socketio: 'A: bare handshakes' };
const MISSED = 50;
/** Of the thread before. */
const REPLIES = 30;
/** The wait of the widget's first attempt is anything up to this. */
const SPREADS = [0, 1_000] as const;
type Spread = (typeof SPREADS)[number];

interface Figures {
  storms: Map<Spread, Storm>;
}

interface Storm {
  result: StormResult;
  cpuMs: number;
  statements: number;
  /** Of the resident set: with all readers and nothing to do before, and at most during the storm and its beginning. */
  steadyBytes: number;
  peakBytes: number;
}

type Rounds = Round<Contestant, Figures>[];

export async function storm(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const readers = scale.stormReaders;
  const rounds = await interleave(CONTESTANTS, scale.rounds, async (contestant, round) => {
    say(`B5: round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
    const { result: storms, disturbance } = await watched(async () => {
      const found = new Map<Spread, Storm>();
      for (const spread of SPREADS) found.set(spread, await measure(bench, { contestant, readers, spread, round }));
      return found;
    });
    return { figures: { storms }, void: faults(storms), disturbance } satisfies Run<Figures>;
  });
  return {
    table: {
      title:
        `B5 reconnect storm: ${readers.toLocaleString('en-US')} readers with ${MISSED} replies missed come back to a new ` +
        `server (ratio: Afterword / this)`,
      columns: [
        'come',
        'server',
        'p50 ms',
        'p99 ms',
        'last ms',
        'last ratio',
        'CPU us/reader',
        'SQL/reader',
        'peak MB',
        'peak / steady',
        'tried again',
        'generator',
      ],
      rows: SPREADS.flatMap((spread) => CONTESTANTS.map((contestant) => rowOf(spread, contestant, rounds, readers))),
    },
    gates: gatesOf(rounds, readers),
    notes: remarks(rounds, 'B5'),
  };
}

interface Job {
  contestant: Contestant;
  readers: number;
  spread: Spread;
  round: number;
}

async function measure(bench: Workbench, { contestant, readers, spread, round }: Job): Promise<Storm> {
  const generator = bench.generator();
  const name = 'storm';
  const isOurs = contestant === 'product';
  const url = isOurs ? await bench.database.create(name) : '';
  const tapped = isOurs ? (await generator.call('tap', { url, folder: bench.folder() })).url : '';
  const start = (through = url): Promise<RunningServer> =>
    isOurs ? bench.product(through) : bench.baseline('socketio', null);
  let server = await start();
  try {
    await generator.call('stormGather', { kind: contestant, port: server.port, readers, replies: REPLIES });
    const steadyBytes = (await server.program.memory()).rssBytes;
    await bench.kill(server.program);
    if (isOurs) {
      server = await start();
      await generator.call('stormMiss', { port: server.port, replies: MISSED });
      await bench.kill(server.program);
    }
    server = await start(tapped);
    const { program, port } = server;
    await program.probe('begin', { loopDelay: false });
    const before = await generator.call('tapStatements', undefined);
    const result = await generator.call('stormReturn', { port, spreadMs: spread, seed: round + 1 });
    const statements = (await generator.call('tapStatements', undefined)) - before;
    const { cpuMs } = await program.probe('cost');
    return { result, cpuMs, statements, steadyBytes, peakBytes: program.peakBytes() };
  } finally {
    await bench.end(generator);
    await bench.end(server.program);
    if (isOurs) await bench.database.drop(name);
  }
}

function faults(storms: ReadonlyMap<Spread, Storm>): string[] {
  return [...storms.values()].flatMap(({ result: { missing, wrong } }) => [
    ...(missing > 0 ? [`${missing} readers did not come back`] : []),
    ...(wrong.length > 0 ? [`${wrong.length} readers are not exactly up to date: ${wrong[0]}`] : []),
  ]);
}

function rowOf(spread: Spread, contestant: Contestant, rounds: Rounds, readers: number): string[] {
  const runs = sound(rounds, contestant).flatMap(({ storms }) => storms.get(spread) ?? []);
  const mid = (of: (found: Storm) => number): string => (runs.length > 0 ? figure(median(runs.map(of))) : 'void');
  const { p50, p99 } = Latencies.merge(runs.map(({ result }) => result.latency)).summary();
  const isOurs = contestant === 'product';
  return [
    spread === 0 ? 'in the same moment' : 'spread as the widget does',
    LABELS[contestant],
    figure(p50),
    figure(p99),
    mid(({ result }) => result.lastMs),
    isOurs ? '' : formatRatio(ratio(rounds, 'product', contestant, lastOf(spread))),
    mid(({ cpuMs }) => (cpuMs * 1_000) / readers),
    isOurs ? mid(({ statements }) => statements / readers) : '',
    mid(({ peakBytes }) => peakBytes / 1e6),
    mid(({ peakBytes, steadyBytes }) => peakBytes / steadyBytes),
    mid(({ result }) => result.retries),
    mid(({ result }) => result.busy * 100),
  ];
}

const lastOf =
  (spread: Spread) =>
  ({ storms }: Figures): number =>
    storms.get(spread)!.result.lastMs;

function gatesOf(rounds: Rounds, readers: number): Gate[] {
  const own = (of: (found: Storm) => number): Gate['ratio'] => {
    const shape = ratio(rounds, 'product', 'product', () => 1);
    const values = sound(rounds, 'product').map(({ storms }) => of(storms.get(0)!));
    return shape && { ...shape, median: median(values), min: Math.min(...values), max: Math.max(...values) };
  };
  return [
    ...SPREADS.map((spread) => ({
      name: `B5 last of ${readers.toLocaleString('en-US')} up to date, ${spread === 0 ? 'in the same moment' : 'spread'} / A`,
      limit: 2,
      aim: 1.25,
      ratio: ratio(rounds, 'product', 'socketio', lastOf(spread)),
    })),
    { name: 'B5 SQL statements a reader', aim: 0.01, ratio: own(({ statements }) => statements / readers) },
    { name: 'B5 peak memory / steady', aim: 1.5, ratio: own(({ peakBytes, steadyBytes }) => peakBytes / steadyBytes) },
  ];
}
