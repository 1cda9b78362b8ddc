// Kinds of inputs, and runs of them: in lots, each judged as a whole, so that fast-check can shrink a lot that found
// something to the few inputs that do.
import fc from 'fast-check';

import { eventInputs, handshakeInputs } from './events.js';
import { frameInputs, rawInputs, websocketInputs } from './frames.js';
import { sendRawBytes, sendRequests, sendWebsocketBytes } from './on-connections.js';
import { sendEvents, sendFrames, sendHandshakes } from './on-lines.js';
import { httpInputs, pollingInputs } from './requests.js';
import { Tally } from './tally.js';
import type { Target } from './target.js';

interface Kind {
  inputs(target: Target): fc.Arbitrary<unknown>;
  send(target: Target, inputs: readonly never[], tally: Tally): Promise<string[]>;
  /** Of all inputs of a run. */
  share: number;
}

export const KINDS = {
  events: { inputs: ({ known }) => eventInputs(known), send: sendEvents, share: 0.58 },
  handshakes: { inputs: ({ token }) => handshakeInputs(token), send: sendHandshakes, share: 0.02 },
  frames: { inputs: () => frameInputs, send: sendFrames, share: 0.14 },
  websocket: { inputs: () => websocketInputs, send: sendWebsocketBytes, share: 0.04 },
  polling: { inputs: () => pollingInputs, send: sendRequests, share: 0.06 },
  http: { inputs: () => httpInputs, send: sendRequests, share: 0.12 },
  raw: { inputs: () => rawInputs, send: sendRawBytes, share: 0.04 },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

/** Inputs of one lot; on average half as many. */
const LOT = 1_000;
/** After this a lot is as small as it gets. */
const SHRINK_MS = 120_000;

export interface Finding {
  kind: KindName;
  seed: number;
  /** As few as still find it. */
  inputs: unknown[];
  problems: string[];
}

/** Sends these and asks the server how it is; what is wrong. */
export async function sendLot(
  target: Target,
  kind: KindName,
  inputs: readonly unknown[],
  tally = new Tally(),
): Promise<string[]> {
  const found = await KINDS[kind].send(target, inputs as never[], tally);
  return [...found, ...(await target.problems())];
}

export interface RunOptions {
  kind: KindName;
  /** At least so many. */
  inputs: number;
  seed: number;
  /** Begins another server where one was ended. */
  target(): Promise<Target>;
  lot?: number;
  onLot?(tally: Tally): void;
}

/** Until enough was sent, or something found. */
export async function fuzz({
  kind,
  inputs,
  seed,
  target,
  lot = LOT,
  onLot,
}: RunOptions): Promise<{ tally: Tally; finding: Finding | null }> {
  const tally = new Tally();
  const { inputs: inputsOf } = KINDS[kind] as Kind;
  const arbitrary = fc.array(inputsOf(await target()), { minLength: 1, maxLength: lot, size: 'max' });
  for (let run = seed; tally.inputs < inputs; run++) {
    let last: Finding | null = null;
    let until = Infinity;
    const property = fc.asyncProperty(arbitrary, async (sent) => {
      if (performance.now() > until || tally.inputs >= inputs) return;
      const problems = await sendLot(await target(), kind, sent, tally);
      if (problems.length === 0) return onLot?.(tally);
      if (!last) until = performance.now() + SHRINK_MS;
      last = { kind, seed: run, inputs: sent, problems: problems.slice(0, 5) };
      throw new Error(problems[0]);
    });
    await fc.check(property, { seed: run, numRuns: 20 });
    if (last) return { tally, finding: last };
  }
  return { tally, finding: null };
}
