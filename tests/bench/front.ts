// The storm on a front page: everybody opens the same article at once, while one reply a second is written under it.
//
// Ours gives the first page over HTTP, compressed; half of those who ask have it already, and ask with its entity tag. The
// baseline hands out as many bytes as they lie in memory and knows of a new page without asking anybody, which is the least
// that Node's server can do. What a proxy before it would save is not in it (docs/nginx.conf; tests/nodes/nginx.test.ts).
import { newId } from '../../shared/ids.js';
import type { FrontResult } from './generator/front.js';
import { Latencies } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Round, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { schedule } from './harness/schedule.js';
import { median } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';
import type { BarePageApi } from './programs/bare-page.js';

const CONTESTANTS = ['product', 'bare'] as const;
type Contestant = (typeof CONTESTANTS)[number];

const LABELS: Record<Contestant, string> = { product: 'Afterword', bare: 'bytes from memory' };
const PER_SECOND = 1_000;
const CONNECTIONS = 50;
const REPLIES = 40;
const KEY = 'front';
const PATH = `/api/v1/sites/demo/thread?key=${KEY}&sort=best`;
const BUSY_MAX = 0.85;

interface Figures {
  front: FrontResult;
  cpuMs: number;
}

type Rounds = Round<Contestant, Figures>[];

export async function front(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  let bytes = 0;
  const rounds = await interleave(CONTESTANTS, scale.rounds, async (contestant, round) => {
    say(`front: round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
    const run = await measure(bench, contestant, round, scale, bytes || 4_000);
    const { statuses, bytes: all } = run.figures.front;
    if (contestant === 'product') bytes = Math.round(all / (statuses[200] ?? 1));
    return run;
  });
  const cpu = ratio(rounds, 'product', 'bare', cpuOf);
  return {
    table: {
      title: `front: ${PER_SECOND.toLocaleString('en-US')} first pages a second, half of them known, one reply a second (ratio: Afterword / this)`,
      columns: [
        'server',
        'p50 ms',
        'p99 ms',
        'CPU us/answer',
        'CPU ratio',
        'of it 304 %',
        'bytes of a page',
        'generator',
      ],
      rows: CONTESTANTS.map((contestant) => rowOf(contestant, rounds)),
    },
    gates: [{ name: 'front: CPU of an answer / bytes from memory', aim: 1.5, ratio: cpu }],
    notes: remarks(rounds, 'front'),
  };
}

async function measure(
  bench: Workbench,
  contestant: Contestant,
  round: number,
  scale: Scale,
  bytes: number,
): Promise<Run<Figures>> {
  const isOurs = contestant === 'product';
  const { program, port } = isOurs
    ? await bench.product(await bench.database.create('front'))
    : await startBare(bench, bytes);
  const generator = bench.generator();
  const ids = (count: number): string[] => Array.from({ length: count }, () => newId());
  try {
    const path = isOurs ? PATH : '/';
    await generator.call('frontConnect', { port, path, connections: CONNECTIONS, write: isOurs ? KEY : null });
    if (isOurs) await generator.call('frontWrite', { replies: REPLIES, ids: ids(REPLIES) });
    const warmUp = schedule({ perSecond: PER_SECOND, seconds: scale.warmUpSeconds, seed: 0 });
    await generator.call('frontRun', { times: warmUp, writes: [], ids: [] });
    const seconds = scale.fanoutSeconds;
    const times = schedule({ perSecond: PER_SECOND, seconds, seed: round + 1 });
    const writes = isOurs ? schedule({ perSecond: 1, seconds, seed: round + 1 }) : [];
    const { result, disturbance } = await watched(async () => {
      await program.probe('begin', { loopDelay: false });
      const found = await generator.call('frontRun', { times, writes, ids: ids(writes.length) });
      return { found, cpuMs: (await program.probe('cost')).cpuMs };
    });
    const figures: Figures = { front: result.found, cpuMs: result.cpuMs };
    return { figures, void: faults(figures), disturbance };
  } finally {
    await bench.end(generator);
    await bench.end(program);
    if (isOurs) await bench.database.drop('front');
  }
}

async function startBare(bench: Workbench, bytes: number) {
  const program = bench.start<BarePageApi>('bare-page', 'server', { measured: true });
  const { port } = await program.call('listen', { bytes, everyMs: 1_000 });
  return { program, port };
}

function faults({ front: { problems, busy, statuses } }: Figures): string[] {
  const others = Object.keys(statuses).filter((status) => !['200', '304'].includes(status));
  return [
    ...problems,
    ...(others.length > 0 ? [`answers with ${others.join(', ')}`] : []),
    ...(busy > BUSY_MAX ? [`the generator was busy for ${(busy * 100).toFixed(0)} % of the time`] : []),
  ];
}

const answersOf = ({ front: { statuses } }: Figures): number => Object.values(statuses).reduce((all, n) => all + n, 0);
const cpuOf = (figures: Figures): number => figures.cpuMs / answersOf(figures);

function rowOf(contestant: Contestant, rounds: Rounds): string[] {
  const runs = sound(rounds, contestant);
  if (runs.length === 0) return [LABELS[contestant], 'void', '', '', '', '', '', ''];
  const { p50, p99 } = Latencies.merge(runs.map((run) => run.front.latency)).summary();
  const mid = (of: (figures: Figures) => number): string => figure(median(runs.map(of)));
  return [
    LABELS[contestant],
    figure(p50),
    figure(p99),
    mid((run) => cpuOf(run) * 1_000),
    contestant === 'product' ? '' : formatRatio(ratio(rounds, 'product', contestant, cpuOf)),
    mid((run) => (100 * (run.front.statuses[304] ?? 0)) / answersOf(run)),
    mid((run) => run.front.bytes / (run.front.statuses[200] ?? 1)),
    mid(({ front: { busy } }) => busy * 100),
  ];
}
