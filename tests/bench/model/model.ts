// What an installation of any number of readers needs, in numbers: from the costs in measured.json and from a picture of a
// crowd that is assumed here. Pure arithmetic; simulate.ts runs the busiest node of what comes out.
import measured from './measured.json' with { type: 'json' };

/** The crowd. Assumed, not measured: change them and print the table again. */
export const CROWD = {
  /** Readers of a thread, on average; the k-th largest has 1/k of the largest. */
  readersPerThread: 100,
  /** Seconds between two replies of one reader, and between two first pages that are opened. */
  secondsPerReply: 1_800,
  secondsPerPage: 120,
  /** Pushes a second that one thread makes at most: what comes meanwhile goes together. */
  pushesPerSecondMax: 2.5,
};

/** A node is one process: one core, and this much memory for readers. */
export const NODE = { bytes: 4e9, busyMax: 0.5, memoryMax: 0.75, fixedBytes: 150e6 };
const DATABASE_BUSY_MAX = 0.5;

export interface Costs {
  readerBytes: number;
  readerIdleMicros: number;
  pushMicros: number;
  hintMicros: number;
  hintMs: number;
  replyMicros: number;
  databaseRepliesPerSecond: number;
  firstPageMicros: number;
  redisMessagesPerSecond: number;
}

export const COSTS = Object.fromEntries(
  Object.entries(measured).map(([name, { value }]) => [name, value]),
) as unknown as Costs;

export interface Load {
  readers: number;
  threads: number;
  repliesPerSecond: number;
  /** Pushes to readers. */
  pushesPerSecond: number;
  hintsPerSecond: number;
  /** Of the largest thread. */
  hottest: { readers: number; repliesPerSecond: number };
}

export interface Needs extends Load {
  nodes: number;
  /** Parts of what is there, from 0 to 1. */
  busy: { memory: number; core: number; database: number; redis: number; hottestThread: number };
  databases: number;
  redis: number;
  /** What leaves the least room on one database and one Redis. */
  first: string;
}

/** Sums over the threads by integrals where there are too many to count. */
export function loadOf(readers: number): Load {
  const threads = Math.max(1, Math.round(readers / CROWD.readersPerThread));
  const largest = readers / sumOf(1, threads, (k) => 1 / k);
  const perReader = 1 / CROWD.secondsPerReply;
  const rateOf = (k: number): number => Math.min((largest / k) * perReader, CROWD.pushesPerSecondMax);
  return {
    readers,
    threads,
    repliesPerSecond: readers * perReader,
    pushesPerSecond: sumOf(1, threads, (k) => rateOf(k) * (largest / k)),
    hintsPerSecond: sumOf(1, threads, rateOf),
    hottest: { readers: largest, repliesPerSecond: largest * perReader },
  };
}

/** Sum of f(k): the first thousand one by one, then in steps that grow with k. */
function sumOf(from: number, to: number, f: (k: number) => number): number {
  let sum = 0;
  for (let k = from; k <= to;) {
    const step = k <= 1_000 ? 1 : Math.min(Math.floor(k / 500), to - k + 1);
    sum += step * f(k + (step - 1) / 2);
    k += step;
  }
  return sum;
}

export function needsOf(readers: number, costs: Costs = COSTS): Needs {
  const load = loadOf(readers);
  const memoryOf = (nodes: number): number => (NODE.fixedBytes + (readers / nodes) * costs.readerBytes) / NODE.bytes;
  const shared =
    readers * costs.readerIdleMicros +
    load.pushesPerSecond * costs.pushMicros +
    load.repliesPerSecond * costs.replyMicros +
    (readers / CROWD.secondsPerPage) * costs.firstPageMicros;
  const coreOf = (nodes: number): number =>
    (shared / nodes + (nodes > 1 ? load.hintsPerSecond * costs.hintMicros : 0)) / 1e6;
  const fits = (nodes: number): boolean => memoryOf(nodes) <= NODE.memoryMax && coreOf(nodes) <= NODE.busyMax;
  let nodes = 1;
  while (!fits(nodes)) nodes = Math.ceil(nodes * 1.01);
  const database = load.repliesPerSecond / costs.databaseRepliesPerSecond;
  const redis = nodes > 1 ? (load.hintsPerSecond * nodes) / costs.redisMessagesPerSecond : 0;
  // Its commits follow one another; each takes whatever waits.
  const hottestThread = load.hottest.repliesPerSecond / costs.databaseRepliesPerSecond;
  const busy = { memory: memoryOf(nodes), core: coreOf(nodes), database, redis, hottestThread };
  return {
    ...load,
    nodes,
    busy,
    databases: Math.ceil(database / DATABASE_BUSY_MAX),
    redis: Math.ceil(redis / DATABASE_BUSY_MAX),
    first: firstOf(busy),
  };
}

/** Memory and cores grow with the nodes; a database, a Redis and a thread do not. */
function firstOf({ memory, core, database, redis, hottestThread }: Needs['busy']): string {
  if (hottestThread > 1) return 'one thread';
  if (redis > DATABASE_BUSY_MAX && redis > database) return 'one Redis';
  if (database > DATABASE_BUSY_MAX) return 'one database';
  return memory / NODE.memoryMax > core / NODE.busyMax ? 'memory of nodes' : 'cores of nodes';
}
