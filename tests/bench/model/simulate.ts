// One node of an installation under its load, event by event: replies come at random, each push goes to the node's readers
// of that thread one after the other on its one core, and what comes meanwhile waits. The same seed gives the same figures.
import { seeded } from '../harness/schedule.js';
import { quantile } from '../harness/statistics.js';
import { COSTS, CROWD, type Costs, type Needs } from './model.js';

export interface Simulated {
  /** Milliseconds from a commit to a reader: every push counts by its readers. */
  p50: number;
  p99: number;
  /** Part of the core that was used. */
  core: number;
}

/** Long enough for the few large pushes of a small crowd, which weigh most, to come as often as they should. */
const SECONDS = 60;
/** Threads that are followed one by one; the rest together, as pushes to few readers. */
const THREADS = 2_000;
/** Readers that are told apart within one push. */
const SAMPLES = 8;

export function simulate({ readers, threads, nodes, hottest, ...needs }: Needs, costs: Costs = COSTS): Simulated {
  const random = seeded(readers);
  const ends = SECONDS * 1_000;
  const jobs: { at: number; readers: number; ms: number }[] = [];
  const followed = Math.min(threads, THREADS);
  const arrivals = (rate: number, job: (at: number) => (typeof jobs)[number]): void => {
    const gap = (): number => (-Math.log(1 - random()) / rate) * 1_000;
    for (let at = gap(); at < ends; at += gap()) jobs.push(job(at));
  };
  let pushed = 0;
  for (let k = 1; k <= followed; k++) {
    const all = hottest.readers / k;
    const rate = Math.min(all / CROWD.secondsPerReply, CROWD.pushesPerSecondMax);
    pushed += rate * all;
    const here = Math.max(1, Math.round(all / nodes));
    arrivals(rate * Math.min(1, all / nodes), (at) => ({ at, readers: here, ms: (here * costs.pushMicros) / 1_000 }));
  }
  // What a core does besides, a little at a time: small pushes, idle readers, replies, pages, hints.
  const rest =
    ((readers * costs.readerIdleMicros +
      Math.max(0, needs.pushesPerSecond - pushed) * costs.pushMicros +
      needs.repliesPerSecond * costs.replyMicros +
      (readers / CROWD.secondsPerPage) * costs.firstPageMicros) /
      nodes +
      (nodes > 1 ? needs.hintsPerSecond * costs.hintMicros : 0)) /
    1e6;
  const piece = 0.5;
  if (rest > 0) arrivals((rest * 1_000) / piece, (at) => ({ at, readers: 0, ms: piece }));
  jobs.sort((a, b) => a.at - b.at);

  const latencies: number[] = [];
  const weights: number[] = [];
  let free = 0;
  let used = 0;
  for (const { at, readers: here, ms } of jobs) {
    const begins = Math.max(free, at);
    free = begins + ms;
    used += ms;
    for (let i = 1; i <= SAMPLES && here > 0; i++) {
      latencies.push(begins - at + (ms * i) / SAMPLES + (nodes > 1 ? costs.hintMs : 0));
      weights.push(here / SAMPLES);
    }
  }
  return { ...weighted(latencies, weights), core: used / ends };
}

function weighted(latencies: readonly number[], weights: readonly number[]): { p50: number; p99: number } {
  if (latencies.length === 0) return { p50: 0, p99: 0 };
  const order = latencies.map((ms, i) => ({ ms, weight: weights[i]! })).sort((a, b) => a.ms - b.ms);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const at = (part: number): number => {
    let sum = 0;
    return order.find(({ weight }) => (sum += weight) >= part * all)?.ms ?? quantile(latencies, part);
  };
  return { p50: at(0.5), p99: at(0.99) };
}
