// B13: two nodes on one Redis. How long a reply that is written on one takes to the readers of the other, and what becomes
// of it while the line to Redis is cut.
//
// The baseline is Socket.IO with its official adapter over sharded channels, on the same Redis with the same client. It
// carries the message itself; ours carries a hint, on which the other node reads the reply from the database. Spans and
// schedule are those of B1 (fanout.ts), with the publisher on the first node and the readers on the second. "local" has
// them on the first of the two, "alone" on a node without Redis.
//
// For the cut both nodes reach Redis through a TCP proxy, which refuses for ten seconds. A push that never came is missing.
// Healed: how long after the line was back everything of before was there, and everything new came within a quarter of
// a second.
import { setTimeout as pause } from 'node:timers/promises';

import { TcpProxy } from '../support/tcp-proxy.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';
import { findProgram } from '../../tools/services.mjs';
import type { FanoutResult } from './generator/fanout.js';
import { now } from './harness/clock.js';
import { Latencies } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Gate, type Round, type Run } from './harness/rounds.js';
import { schedule } from './harness/schedule.js';
import type { Scale } from './harness/scale.js';
import { range } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { RunningServer, Workbench } from './harness/workbench.js';

const CONTESTANTS = ['remote', 'adapter', 'local', 'alone'] as const;
type Contestant = (typeof CONTESTANTS)[number];
const CUT = ['remote', 'adapter'] as const;

const LABELS: Record<Contestant, string> = {
  remote: 'Afterword, to the other node',
  adapter: 'Socket.IO with its Redis adapter, to the other node',
  local: 'Afterword, to the same node of two',
  alone: 'Afterword, one node without Redis',
};
const PER_SECOND = 2;
/** Often enough that each of a node's connections has prepared what it will run. */
const WARM_UP_PER_SECOND = 20;
const JITTER = 0.5;
/** Often enough to see when it is healed. */
const CUT_PER_SECOND = 10;
const CUT_READERS = 50;
const [BEFORE_MS, CUT_MS, AFTER_MS] = [3_000, 10_000, 5_000];
/** What comes within this time did not wait for the poll. */
const LIVE_MS = 250;
const SLIP_MAX_MS = 1;

interface Healing {
  missing: number;
  expected: number;
  /** Seconds; null: it never was within the time that was watched. */
  healed: number | null;
  /** The longest that one of those that came took, in milliseconds. */
  longest: number;
}

type Rounds<C extends Contestant, F> = Round<C, F>[];

export async function nodes(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const title = `B13 two nodes: ${PER_SECOND} replies/s of 700 characters, ms to the readers (ratio: Afterword remote / this)`;
  const columns = [
    '',
    'readers',
    'each p50',
    'each p99',
    'last p99',
    'each p99 ratio',
    'cut 10 s: missing',
    'longest ms',
    'healed s',
  ];
  if (!findProgram('redis'))
    return { table: { title, columns, rows: [] }, gates: [], notes: ['void: there is no redis-server'] };
  const readers = scale.readers[0]!;
  const redis = await startRedis();
  try {
    const database = await bench.database.create('nodes');
    const rounds = await interleave(CONTESTANTS, scale.rounds, async (contestant, round) => {
      say(`B13: ${readers} readers, round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
      return await measure(bench, { contestant, readers, database, redisUrl: redis.url, seed: round + 1, scale });
    });
    const cuts = await interleave(CUT, scale.rounds, async (contestant, round) => {
      say(`B13: the line to Redis is cut, round ${round + 1} of ${scale.rounds}, ${LABELS[contestant]}`);
      return await cut(bench, { contestant, database, redis, seed: round + 1 });
    });
    await bench.database.drop('nodes');
    return {
      table: { title, columns, rows: CONTESTANTS.map((contestant) => rowOf(contestant, readers, rounds, cuts)) },
      gates: gatesOf(rounds, cuts),
      notes: [...remarks(rounds, 'B13'), ...remarks(cuts, 'B13 cut')],
    };
  } finally {
    await redis.end();
  }
}

interface Job {
  contestant: Contestant;
  database: string;
  redisUrl: string;
  readers: number;
}

/** Two servers, or one, with a publisher on the first and readers where the contestant has them. */
async function withNodes<T>(
  bench: Workbench,
  { contestant, database, redisUrl, readers }: Job,
  use: (generator: ReturnType<Workbench['generator']>) => Promise<T>,
): Promise<T> {
  const generator = bench.generator();
  const servers: RunningServer[] = [];
  try {
    const { url } = await generator.call('tap', { url: database, folder: bench.folder() });
    const isBaseline = contestant === 'adapter';
    const start = (databaseUrl: string): Promise<RunningServer> => {
      if (isBaseline) return bench.baseline('socketio', databaseUrl, redisUrl);
      return contestant === 'alone' ? bench.product(databaseUrl) : bench.product(databaseUrl, { REDIS_URL: redisUrl });
    };
    servers.push(await start(url));
    if (contestant !== 'alone') servers.push(await start(database));
    const isRemote = contestant === 'remote' || isBaseline;
    await generator.call('fanoutConnect', {
      kind: isBaseline ? 'socketio' : 'product',
      port: servers[isRemote ? 1 : 0]!.port,
      publisherPort: servers[0]!.port,
      readers,
    });
    return await use(generator);
  } finally {
    // The readers first: a server that hangs up on thousands of them would tell each.
    await bench.end(generator);
    for (const { program } of servers) await bench.end(program);
  }
}

async function measure(bench: Workbench, job: Job & { seed: number; scale: Scale }): Promise<Run<FanoutResult>> {
  const { scale, seed } = job;
  return await withNodes(bench, job, async (generator) => {
    const plan = (perSecond: number, seconds: number, of: number): number[] =>
      schedule({ perSecond, seconds, seed: of, jitter: JITTER });
    await generator.call('fanoutPublish', { times: plan(WARM_UP_PER_SECOND, scale.warmUpSeconds, 0) });
    await bench.database.settle();
    const times = plan(PER_SECOND, scale.fanoutSeconds, seed);
    const { result, disturbance } = await watched(() => generator.call('fanoutPublish', { times }));
    if (result.slipP99 > SLIP_MAX_MS) disturbance.reasons.push(`the schedule slipped by ${figure(result.slipP99)} ms`);
    const missing = result.books.expected - result.books.received;
    const faults = missing > 0 ? [`${missing} of ${result.books.expected} pushes are missing`] : [];
    return { figures: result, void: [...result.problems, ...faults], disturbance };
  });
}

interface CutJob {
  contestant: Contestant;
  database: string;
  redis: RedisServer;
  seed: number;
}

async function cut(bench: Workbench, { contestant, database, redis, seed }: CutJob): Promise<Run<Healing>> {
  const proxy = await TcpProxy.open({ port: redis.port, host: '127.0.0.1' });
  const job = { contestant, database, redisUrl: `redis://127.0.0.1:${proxy.port}`, readers: CUT_READERS };
  try {
    return await withNodes(bench, job, async (generator) => {
      const seconds = (BEFORE_MS + CUT_MS + AFTER_MS) / 1_000;
      const times = schedule({ perSecond: CUT_PER_SECOND, seconds, seed, jitter: JITTER });
      const { result, disturbance } = await watched(async () => {
        const publishing = generator.call('fanoutPublish', { times });
        await pause(BEFORE_MS);
        await proxy.refuse();
        await pause(CUT_MS);
        await proxy.heal();
        const backAt = now();
        return { backAt, ...(await publishing) };
      });
      return { figures: healingOf(result, result.backAt), void: result.problems, disturbance };
    });
  } finally {
    await proxy.close();
  }
}

function healingOf({ events, books }: FanoutResult, backAt: number): Healing {
  const came = events.filter(({ handed, everywhere }) => handed !== null && everywhere !== null) as {
    handed: number;
    everywhere: number;
  }[];
  const isLive = ({ handed, everywhere }: FanoutResult['events'][number]): boolean =>
    handed !== null && everywhere !== null && everywhere - handed <= LIVE_MS;
  const after = events.filter(({ handed }) => handed !== null && handed >= backAt);
  const lastLate = after.findLastIndex((event) => !isLive(event));
  const firstLive = after[lastLate + 1];
  const before = came.filter(({ handed }) => handed < backAt).map(({ everywhere }) => everywhere - backAt);
  const healed = firstLive ? Math.max(firstLive.handed! - backAt, ...before, 0) / 1_000 : null;
  return {
    missing: books.expected - books.received,
    expected: books.expected,
    healed,
    longest: Math.max(...came.map(({ handed, everywhere }) => everywhere - handed)),
  };
}

const eachOf = ({ published }: FanoutResult) => Latencies.merge([published.each]).summary();

function rowOf(
  contestant: Contestant,
  readers: number,
  rounds: Rounds<Contestant, FanoutResult>,
  cuts: Rounds<(typeof CUT)[number], Healing>,
): string[] {
  const runs = sound(rounds, contestant);
  const each = Latencies.merge(runs.map(({ published }) => published.each)).summary();
  const last = Latencies.merge(runs.map(({ published }) => published.last)).summary();
  const healings = contestant === 'remote' || contestant === 'adapter' ? sound(cuts, contestant) : [];
  const sum = (of: 'missing' | 'expected'): string =>
    healings.reduce((total, healing) => total + healing[of], 0).toLocaleString('en-US');
  const healed = healings.map((healing) => healing.healed ?? Infinity);
  return [
    LABELS[contestant],
    readers.toLocaleString('en-US'),
    ...[each.p50, each.p99, last.p99].map((ms) => (runs.length > 0 ? figure(ms) : 'void')),
    contestant === 'remote' ? '' : formatRatio(ratio(rounds, 'remote', contestant, (result) => eachOf(result).p99)),
    healings.length > 0 ? `${sum('missing')} of ${sum('expected')}` : '',
    healings.length > 0 ? figure(Math.max(...healings.map(({ longest }) => longest))) : '',
    healings.length > 0 ? figure(Math.max(...healed)) : '',
  ];
}

function gatesOf(rounds: Rounds<Contestant, FanoutResult>, cuts: Rounds<(typeof CUT)[number], Healing>): Gate[] {
  const p99 = (result: FanoutResult): number => eachOf(result).p99;
  const healings = sound(cuts, 'remote');
  const overRounds = (of: (healing: Healing) => number) =>
    healings.length > 0 ? { ...range(healings.map(of)), rounds: healings.length, disturbed: false } : null;
  return [
    { name: 'B13 remote, p99 / the Redis adapter', limit: 1, aim: 0.7, ratio: ratio(rounds, 'remote', 'adapter', p99) },
    { name: 'B13 local of two nodes, p99 / one node', aim: 1.05, ratio: ratio(rounds, 'local', 'alone', p99) },
    { name: 'B13 cut for 10 s: pushes missing', limit: 0, ratio: overRounds(({ missing }) => missing) },
    { name: 'B13 cut for 10 s: seconds to heal', aim: 1, ratio: overRounds(({ healed }) => healed ?? Infinity) },
  ];
}
