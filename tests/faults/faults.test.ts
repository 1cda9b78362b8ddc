// The short form of the fault suite: real processes, a schedule that is the same each time, and every kind of thing that
// breaks at least once. The long form, with schedules from seeds, is `npm run test:faults`.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { buildProgram, type Program } from '../support/server-process.js';
import { runSeed } from './run-seed.js';
import type { StageName } from './stage.js';

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
}, 60_000);
afterAll(() => program.remove());

const SHORT: Record<StageName, string[]> = {
  embedded: [
    'server: SIGKILL',
    'database: SIGKILL',
    'server: its clock steps',
    'server: no file handles left',
    'database: a backend is killed',
    'line of clients: forgets its connections',
  ],
  'two nodes': [
    'database: the listeners are terminated',
    'server: restarted in order',
    'line of the database: is cut (RST)',
    'database: its disk is full',
    'database: no connections left',
    'line of clients: is slow, with jitter, some connections more than others',
  ],
};

it.each(Object.entries(SHORT) as [StageName, string[]][])(
  '[SEQ3] [REQ1] [CUR1] %s: acknowledged and lost 0, doubled 0, one order, every reader level, memory back',
  { timeout: 120_000 },
  async (stage, only) => {
    const said: string[] = [];
    const { problems, acknowledged } = await runSeed({
      program,
      stage,
      seed: 1,
      count: only.length,
      only,
      say: (line) => said.push(line),
    });
    expect(problems, said.join('\n')).toEqual([]);
    expect(acknowledged).toBeGreaterThan(500);
  },
);
