// The short form of the fuzzer, and everything that is kept. The long one is `npm run test:fuzz` (docs/fuzzing.md).
import { afterAll, beforeAll, expect, it } from 'vitest';

import { copyProgram, type Program } from '../support/server-process.js';
import { corpus } from './corpus.js';
import { EVENTS } from './events.js';
import type { KindName } from './kinds.js';
import { fuzz, sendLot } from './run.js';
import { Tally } from './tally.js';
import { Target } from './target.js';

let program: Program;
let target: Target;
beforeAll(async () => {
  program = await copyProgram({ pages: true });
  target = await Target.start(program);
}, 60_000);
afterAll(async () => {
  await target.end();
  program.remove();
});

it.each(corpus())('%s', { timeout: 60_000 }, async (_, { kind, inputs }) => {
  const tally = new Tally();
  expect(await sendLot(target, kind, inputs, tally)).toEqual([]);
  expect(tally.inputs).toBe(inputs.length);
});

/** How many of each, and whether some of them must be turned away. */
const SHORT: [KindName, number, boolean][] = [
  ['events', 6_000, true],
  ['handshakes', 600, true],
  ['frames', 2_000, true],
  ['websocket', 600, false],
  ['polling', 800, true],
  ['http', 1_500, true],
  ['raw', 600, true],
];

it.each(SHORT)('[REQ3] %s: %i random inputs harm nothing', { timeout: 120_000 }, async (kind, inputs, isRefused) => {
  const { tally, finding } = await fuzz({ kind, inputs, seed: 1, target: () => Promise.resolve(target), lot: 600 });
  expect(finding).toBeNull();
  expect(tally.inputs).toBeGreaterThanOrEqual(inputs);
  // It is worth something only where some came through, requests of every kind, and others didn't.
  expect(tally.answered).toBeGreaterThan(inputs / 20);
  if (isRefused) expect(tally.refused + tally.closed).toBeGreaterThan(inputs / 20);
  if (kind === 'events') for (const event of EVENTS) expect([...tally.outcomes.keys()]).toContain(event);
});

it('afterwards everybody is level, the data are sound, and nothing is left open', { timeout: 120_000 }, async () => {
  expect(await target.remains()).toEqual([]);
});
