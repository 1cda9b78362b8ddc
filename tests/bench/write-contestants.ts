// The contestants of B3, started and ready to write: our server with its guests, or a process that only inserts.
import type { WritesResult } from './generator/writes.js';
import type { Workbench } from './harness/workbench.js';
import type { InsertApi, InsertKind } from './programs/insert.js';

export type Contestant = 'product' | InsertKind;

export interface Load {
  name: string;
  perSecond: 10 | 50 | 200;
  /** All into one thread. */
  hot: boolean;
  /** Of the p99 against the bare INSERT. */
  gate: number;
}

export interface Paced extends WritesResult {
  /** Processor time of the measured process, in milliseconds. */
  cpuMs: number;
}

export interface Writing {
  paced(load: Load, times: readonly number[]): Promise<Paced>;
  /** Replies a second into one thread, with as many under way as can be; `busy`: part of the generator's core. */
  most(seconds: number): Promise<{ perSecond: number; busy: number }>;
  end(): Promise<void>;
}

const WRITERS = 50;
/** A client's sends at once, by the contract. */
const IN_FLIGHT = 4;

export function openContestant(bench: Workbench, contestant: Contestant, database: string): Promise<Writing> {
  return contestant === 'product' ? openProduct(bench, database) : openInserts(bench, contestant, database);
}

async function openProduct(bench: Workbench, database: string): Promise<Writing> {
  const { program, port } = await bench.product(database);
  const generator = bench.generator();
  await generator.call('spreadConnect', { port, writers: WRITERS, threads: WRITERS });
  await generator.call('hotConnect', { port, writers: WRITERS, threads: 1 });
  return {
    paced: async ({ hot }, times) => {
      await program.probe('begin', { loopDelay: false });
      const result = await generator.call(hot ? 'hotPaced' : 'spreadPaced', { times });
      return { ...result, cpuMs: (await program.probe('cost')).cpuMs };
    },
    most: (seconds) => generator.call('hotSaturate', { inFlight: IN_FLIGHT, seconds }),
    end: async () => {
      await bench.end(generator);
      await bench.end(program);
    },
  };
}

async function openInserts(bench: Workbench, kind: InsertKind, database: string): Promise<Writing> {
  const program = bench.start<InsertApi>('insert', 'server', { measured: true });
  await program.call('open', { url: database });
  return {
    paced: async (_, times) => {
      await program.probe('begin', { loopDelay: false });
      const result = await program.call('paced', { kind, times });
      return { ...result, cpuMs: (await program.probe('cost')).cpuMs, busy: 0, unanswered: 0, refused: [] };
    },
    most: async (seconds) => ({
      perSecond: await program.call('saturate', { kind, inFlight: WRITERS * IN_FLIGHT, seconds }),
      busy: 0,
    }),
    end: () => bench.end(program),
  };
}
