// The short form of the fault suite: one run of each schedule of a stage, as tests.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { leaveOut } from '../support/left-out.js';
import { copyProgram, type Program } from '../support/server-process.js';
import { runSeed } from './run-seed.js';
import { schedulesOf, type Schedule } from './schedules.js';
import type { StageName } from './stages.js';

const SOUND = 'acknowledged and lost 0, doubled 0, one order, every reader level, nothing kept';
/** Milliseconds. */
const SHORT_MAX = 180_000;

/**
 * Tests of the file that calls it, with a program of their own: files share their modules, so that what stood here for all
 * would be removed with the first of them. `tags`: the rules that they hold, for their names.
 */
export function staysSound(name: StageName, tags: string): void {
  let program: Program;
  beforeAll(async () => {
    program = await copyProgram();
  }, 60_000);
  afterAll(() => program.remove());

  it.each(schedulesOf(name))(`${tags} $stage, seed $seed: ${SOUND}`, { timeout: SHORT_MAX }, (schedule) =>
    expectSound(program, schedule),
  );
}

async function expectSound(program: Program, { stage, seed, faults }: Schedule): Promise<void> {
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
