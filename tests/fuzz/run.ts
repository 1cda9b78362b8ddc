// Kinds of inputs, and runs of them: in lots, each judged as a whole; one that found something is cut down to the few inputs
// that do. Not by fast-check: it looks at every smaller form of each input, and here each look costs a lot.
import fc from 'fast-check';

import { eventInputs, handshakeInputs } from './events.js';
import { frameInputs, rawInputs, websocketInputs } from './frames.js';
import type { KindName } from './kinds.js';
import { sendRawBytes, sendRequests, sendWebsocketBytes } from './on-connections.js';
import { sendEvents, sendFrames, sendHandshakes } from './on-lines.js';
import { httpInputs, pollingInputs } from './requests.js';
import { Tally } from './tally.js';
import type { Target } from './target.js';

interface Kind {
  inputs(target: Target): fc.Arbitrary<unknown>;
  send(target: Target, inputs: readonly never[], tally: Tally): Promise<string[]>;
}

export const KINDS = {
  events: { inputs: ({ known }) => eventInputs(known), send: sendEvents },
  handshakes: { inputs: ({ token }) => handshakeInputs(token), send: sendHandshakes },
  frames: { inputs: () => frameInputs, send: sendFrames },
  websocket: { inputs: () => websocketInputs, send: sendWebsocketBytes },
  polling: { inputs: () => pollingInputs, send: sendRequests },
  http: { inputs: () => httpInputs, send: sendRequests },
  raw: { inputs: () => rawInputs, send: sendRawBytes },
} satisfies Record<KindName, Kind>;

/** Inputs of one lot; on average half as many. */
const LOT = 1_000;
/** Made at a time. */
const LOTS = 20;
/** Few enough to leave out one by one. */
const FEW = 20;
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
export async function fuzz({ kind, inputs, seed, target, lot = LOT, onLot }: RunOptions): Promise<{
  tally: Tally;
  finding: Finding | null;
}> {
  const tally = new Tally();
  const { inputs: inputsOf } = KINDS[kind] as Kind;
  const lots = fc.array(inputsOf(await target()), { minLength: 1, maxLength: lot, size: 'max' });
  for (let run = seed; tally.inputs < inputs; run++) {
    for (const sent of fc.sample(lots, { seed: run, numRuns: LOTS })) {
      if (tally.inputs >= inputs) break;
      const problems = await sendLot(await target(), kind, sent, tally);
      if (problems.length > 0)
        return { tally, finding: await shrunk({ kind, seed: run, inputs: sent, problems }, target) };
      onLot?.(tally);
    }
  }
  return { tally, finding: null };
}

/** To a part that finds something, too, as small as halving and leaving out one by one makes it. */
async function shrunk(finding: Finding, target: () => Promise<Target>): Promise<Finding> {
  const until = performance.now() + SHRINK_MS;
  let found = finding;
  const isFound = async (inputs: unknown[]): Promise<boolean> => {
    if (inputs.length === 0 || performance.now() > until) return false;
    const problems = await sendLot(await target(), finding.kind, inputs);
    if (problems.length > 0) found = { ...finding, inputs, problems };
    return problems.length > 0;
  };
  for (let isSmaller = true; isSmaller && found.inputs.length > 1;) {
    const half = found.inputs.length >> 1;
    isSmaller = (await isFound(found.inputs.slice(0, half))) || (await isFound(found.inputs.slice(half)));
  }
  for (let n = found.inputs.length - 1; n >= 0 && found.inputs.length <= FEW; n--) {
    await isFound(found.inputs.filter((_, at) => at !== n));
  }
  return { ...found, problems: found.problems.slice(0, 5) };
}
