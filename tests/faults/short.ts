// The short form of the fault suite: one run of a schedule, for the tests.
import { afterAll, beforeAll, expect } from 'vitest';

import { leaveOut } from '../support/left-out.js';
import { copyProgram, type Program } from '../support/server-process.js';
import { runSeed } from './run-seed.js';
import type { Schedule } from './schedules.js';

export const SOUND = 'acknowledged and lost 0, doubled 0, one order, every reader level, nothing kept';
/** Milliseconds. */
export const SHORT_MAX = 180_000;

let program: Program;
beforeAll(async () => {
  program = await copyProgram();
}, 60_000);
afterAll(() => program.remove());

export async function expectSound({ stage, seed, faults }: Schedule): Promise<void> {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const { problems, unsuited, forbidden, acknowledged } = await runSeed({
    program,
    stage,
    seed,
    count: 0,
    only: faults,
    say,
  });
  expect(problems, said.join('\n')).toEqual([]);
  expect(unsuited).toEqual([]);
  for (const [fault, why] of forbidden) leaveOut(`${fault} (${stage})`, why);
  expect(acknowledged).toBeGreaterThan(300);
}
