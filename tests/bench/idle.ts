// B7: what a reader costs who only stays: memory, and processor time with all pings and beats.
//
// The three servers run side by side through the same minute, which they hardly fill: whatever disturbs one disturbs
// all. Each first gets a hundred visitors, so that what it makes once is there; memory is what is added from then on:
// the resident set after two full collections, without the room that the heap keeps free, which is tens of megabytes by
// chance. The system's own memory for a socket (about 4 kB) is in none of them.
//
// Our readers are spread over 50 threads and get a beat every five seconds beside the pings, which the baselines don't
// send: A only pings, W not even that.
import type { IdleCounts } from './generator/idle.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { ratio, remarks, sound, type Gate, type Round, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { median } from './harness/statistics.js';
import { watched, type Disturbance } from './harness/watch.js';
import type { RunningServer, Workbench } from './harness/workbench.js';
import type { Program } from './harness/program.js';
import type { GeneratorApi } from './programs/generator.js';
import type { Memory } from './programs/probe.js';

const CONTESTANTS = ['product', 'socketio', 'ws'] as const;
type Contestant = (typeof CONTESTANTS)[number];

const LABELS: Record<Contestant, string> = { product: 'Afterword', socketio: 'A: bare Socket.IO', ws: 'W: bare ws' };
const THREADS = 50;
const VISITORS = 100;
/** Engine.IO's own interval, with a second to spare. */
const PING_SECONDS = 26;

interface Figures {
  /** Added by each reader. */
  heldBytes: number;
  heapBytes: number;
  /** Of the whole process. */
  rssBytes: number;
  /** Processor time for each reader and second, in microseconds. */
  cpuUs: number;
  counts: IdleCounts;
  windowSeconds: number;
}

type Rounds = Round<Contestant, Figures>[];

export async function idle(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const all = new Map<number, Rounds>();
  for (const readers of scale.readers) {
    const rounds: Rounds = [];
    for (let round = 0; round < scale.idleRounds; round++) {
      say(`B7: ${readers} readers, round ${round + 1} of ${scale.idleRounds}, all servers at once`);
      rounds.push(await measure(bench, readers, scale.idlePings * PING_SECONDS));
    }
    all.set(readers, rounds);
  }
  const each = [...all];
  return {
    table: {
      title: 'B7 idle readers: memory added by each, and processor time (ratio: Afterword / this)',
      columns: [
        'readers',
        'server',
        'kB/reader',
        'of it heap',
        'process MB',
        'CPU us/reader/s',
        'kB ratio',
        'CPU ratio',
        'pings/reader/min',
        'pushes/reader/min',
        'ping peak / mean',
      ],
      rows: each.flatMap(([readers, rounds]) => CONTESTANTS.map((contestant) => rowOf(readers, contestant, rounds))),
    },
    gates: each.flatMap(([readers, rounds]) => gatesOf(readers, rounds)),
    notes: each.flatMap(([readers, rounds]) => remarks(rounds, `B7 with ${readers} readers`)),
  };
}

/** One of the three, with readers of its own. */
interface Side {
  kind: Contestant;
  server: RunningServer;
  generator: Program<GeneratorApi>;
  before: Memory;
}

async function measure(bench: Workbench, readers: number, windowSeconds: number): Promise<Round<Contestant, Figures>> {
  const database = await bench.database.create('idle');
  const sides: Side[] = [];
  try {
    for (const kind of CONTESTANTS) sides.push(await openSide(bench, kind, database));
    for (const { kind, server, generator } of sides) {
      await generator.call('idleStay', { kind, port: server.port, readers, keys: keysOf(kind) });
    }
    const { result: measured, disturbance } = await watched(async () => {
      for (const { server, generator } of sides) {
        await generator.call('idleCounts', undefined);
        await server.program.probe('begin', { loopDelay: false });
      }
      await new Promise((resolve) => setTimeout(resolve, windowSeconds * 1_000));
      const ask = async ({ server, generator }: Side) => ({
        cpuMs: (await server.program.probe('cost')).cpuMs,
        counts: await generator.call('idleCounts', undefined),
      });
      return await Promise.all(sides.map(ask));
    });
    const runs: Partial<Round<Contestant, Figures>> = {};
    for (const [i, { kind, server, before }] of sides.entries()) {
      const { heldBytes, heapBytes, rssBytes } = await server.program.memory();
      const { cpuMs, counts } = measured[i]!;
      const figures: Figures = {
        heldBytes: (heldBytes - before.heldBytes) / readers,
        heapBytes: (heapBytes - before.heapBytes) / readers,
        rssBytes,
        cpuUs: (cpuMs * 1_000) / readers / windowSeconds,
        counts,
        windowSeconds,
      };
      runs[kind] = runOf(figures, disturbance);
    }
    return runs as Round<Contestant, Figures>;
  } finally {
    for (const { generator } of sides) await bench.end(generator);
    for (const { server } of sides) await bench.end(server.program);
    await bench.database.drop('idle');
  }
}

async function openSide(bench: Workbench, kind: Contestant, database: string): Promise<Side> {
  const server = kind === 'product' ? await bench.product(database) : await bench.baseline(kind, null);
  const generator = bench.generator();
  await generator.call('idleVisit', { kind, port: server.port, readers: VISITORS, keys: keysOf(kind) });
  return { kind, server, generator, before: await server.program.memory() };
}

function runOf(figures: Figures, disturbance: Disturbance): Run<Figures> {
  const { lost } = figures.counts;
  return { figures, void: lost > 0 ? [`${lost} readers were cut off`] : [], disturbance };
}

function keysOf(kind: Contestant): string[] {
  return Array.from({ length: THREADS }, (_, i) => `${kind}-idle-${i}`);
}

const MEASURES = [
  { name: 'memory', of: ({ heldBytes }: Figures): number => heldBytes },
  { name: 'processor time', of: ({ cpuUs }: Figures): number => cpuUs },
] as const;

function rowOf(readers: number, contestant: Contestant, rounds: Rounds): string[] {
  const runs = sound(rounds, contestant);
  const mean = (of: (figures: Figures) => number): string => (runs.length > 0 ? figure(median(runs.map(of))) : 'void');
  const perMinute = (count: (counts: IdleCounts) => number) =>
    mean(({ counts, windowSeconds }) => (count(counts) / readers / windowSeconds) * 60);
  return [
    readers.toLocaleString('en-US'),
    LABELS[contestant],
    mean(({ heldBytes }) => heldBytes / 1_000),
    mean(({ heapBytes }) => heapBytes / 1_000),
    mean(({ rssBytes }) => rssBytes / 1e6),
    mean(({ cpuUs }) => cpuUs),
    ...MEASURES.map(({ of }) =>
      contestant === 'product' ? '' : formatRatio(ratio(rounds, 'product', contestant, of)),
    ),
    perMinute(({ pings }) => pings),
    perMinute(({ pushes }) => pushes),
    contestant === 'ws' ? '' : mean(({ counts }) => counts.pingPeak ?? Number.NaN),
  ];
}

function gatesOf(readers: number, rounds: Rounds): Gate[] {
  return MEASURES.map(({ name, of }) => ({
    name: `B7 ${name} of an idle reader / A, ${readers.toLocaleString('en-US')} readers`,
    limit: 1.15,
    aim: 0.7,
    ratio: ratio(rounds, 'product', 'socketio', of),
  }));
}
