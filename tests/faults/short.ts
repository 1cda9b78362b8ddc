// The short form of the fault suite: one run with a schedule that is the same each time, for the tests.
import { afterAll, beforeAll, expect } from 'vitest';

import { buildProgram, type Program } from '../support/server-process.js';
import { runSeed } from './run-seed.js';
import type { StageName } from './stage.js';

export const SOUND = 'acknowledged and lost 0, doubled 0, one order, every reader level, memory back';
/** Milliseconds. */
export const SHORT_MAX = 120_000;

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
}, 60_000);
afterAll(() => program.remove());

export async function expectSound(stage: StageName, only: readonly string[], seed = 1): Promise<void> {
  const said: string[] = [];
  const { problems, acknowledged } = await runSeed({
    program,
    stage,
    seed,
    count: only.length,
    only,
    say: (line) => said.push(line),
  });
  expect(problems, said.join('\n')).toEqual([]);
  expect(acknowledged).toBeGreaterThan(500);
}
