// How much is measured: quickly, or in full. Owns the sizes and durations of every benchmark.

export interface Scale {
  /** Rounds of each contestant. */
  rounds: number;
  /** Readers of B1 and B7. */
  readers: readonly number[];
  warmUpSeconds: number;
  /** Of one measurement of B1. */
  fanoutSeconds: number;
  /** Of B3, by replies a second; and of its hot thread, and of finding its most. */
  writeSeconds: Readonly<Record<10 | 50 | 200, number>>;
  hotSeconds: number;
  mostSeconds: number;
  /** Replies of B6's threads, ascending, and how often each page is asked for in one round. */
  sizes: readonly number[];
  pageTimes: number;
  /** B7: rounds of its own, as one takes long; each readers' wait has this many pings of 25 seconds. */
  idleRounds: number;
  idlePings: number;
  /** B10: how often each page is loaded in one round. */
  pageLoads: number;
  /** B11: how long replies pour in. */
  streamSeconds: number;
  /** `size`: replies of the large thread; and of the database with many threads. */
  crowd: { thread: number; many: { replies: number; threads: number } };
  soakMinutes: number;
  /** A folder for two snapshots of the heap, within the warming and at the end. */
  soakSnapshots: string | null;
  /** B2: readers, and seconds of each step. */
  capacityReaders: number;
  stepSeconds: number;
  /** B5. */
  stormReaders: number;
  /** B8: readers of the hot thread, and seconds of it and of the quiet one alone. */
  hotReaders: number;
  hotThreadSeconds: number;
  /** B9. */
  stalledReaders: number;
  stalledSeconds: number;
  /** `upkeep`: what is written into one thread. */
  upkeep: { replies: number; votes: number };
  /** `cleaning`: of the table, and how long each contestant is changed. */
  cleaning: { replies: number; seconds: number };
}

export type ScaleName = 'quick' | 'full' | 'tiny';

export const SCALES: Readonly<Record<ScaleName, Scale>> = {
  /** About eight minutes for all. */
  quick: {
    rounds: 2,
    readers: [1_000, 5_000],
    warmUpSeconds: 2,
    fanoutSeconds: 8,
    writeSeconds: { 10: 12, 50: 8, 200: 6 },
    hotSeconds: 6,
    mostSeconds: 3,
    sizes: [100, 10_000, 1_000_000],
    pageTimes: 200,
    idleRounds: 1,
    idlePings: 1,
    pageLoads: 4,
    streamSeconds: 30,
    crowd: { thread: 1_000_000, many: { replies: 1_000_000, threads: 10_000 } },
    soakMinutes: 10,
    soakSnapshots: null,
    capacityReaders: 1_000,
    stepSeconds: 2,
    stormReaders: 1_000,
    hotReaders: 1_000,
    hotThreadSeconds: 20,
    stalledReaders: 200,
    stalledSeconds: 20,
    upkeep: { replies: 20_000, votes: 5_000 },
    cleaning: { replies: 200_000, seconds: 90 },
  },
  full: {
    rounds: 5,
    readers: [1_000, 5_000],
    warmUpSeconds: 15,
    fanoutSeconds: 60,
    writeSeconds: { 10: 60, 50: 60, 200: 60 },
    hotSeconds: 60,
    mostSeconds: 10,
    sizes: [100, 1_000, 10_000, 100_000, 1_000_000],
    pageTimes: 1_000,
    idleRounds: 3,
    idlePings: 2,
    pageLoads: 20,
    streamSeconds: 600,
    crowd: { thread: 1_000_000, many: { replies: 10_000_000, threads: 100_000 } },
    soakMinutes: 120,
    soakSnapshots: null,
    capacityReaders: 1_000,
    stepSeconds: 5,
    stormReaders: 5_000,
    hotReaders: 5_000,
    hotThreadSeconds: 60,
    stalledReaders: 1_000,
    stalledSeconds: 60,
    upkeep: { replies: 200_000, votes: 50_000 },
    cleaning: { replies: 500_000, seconds: 240 },
  },
  /** Whether everything runs; its figures say nothing. */
  tiny: {
    rounds: 1,
    readers: [50],
    warmUpSeconds: 1,
    fanoutSeconds: 2,
    writeSeconds: { 10: 2, 50: 2, 200: 2 },
    hotSeconds: 2,
    mostSeconds: 1,
    sizes: [100, 1_000],
    pageTimes: 20,
    idleRounds: 1,
    idlePings: 1,
    pageLoads: 2,
    streamSeconds: 6,
    crowd: { thread: 20_000, many: { replies: 20_000, threads: 500 } },
    soakMinutes: 1,
    soakSnapshots: null,
    capacityReaders: 50,
    stepSeconds: 1,
    stormReaders: 50,
    hotReaders: 50,
    hotThreadSeconds: 2,
    stalledReaders: 100,
    stalledSeconds: 4,
    upkeep: { replies: 400, votes: 100 },
    cleaning: { replies: 2_000, seconds: 3 },
  },
};
