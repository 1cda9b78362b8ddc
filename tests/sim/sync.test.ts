// The proof of the sync protocol: seeded runs of the widget's own sync, outbox and state against the server's own service
// and pump, over lines that lose, double, delay and reorder, with nodes that crash and a database that fails.
//
// Another seed, or more: SIM_SEED=1234 npx vitest run tests/sim, SIM_RUNS=5000 npx vitest run tests/sim
import { expect, it } from 'vitest';
import { runSeed } from './run.js';
import type { Kind } from './world.js';

const FIRST = Number(process.env['SIM_SEED'] ?? 1);
const RUNS = Number(process.env['SIM_RUNS'] ?? (process.env['SIM_SEED'] ? 1 : 80));

it(
  `[SEQ2] [REQ1] [CUR1] [CUR3] [CUR4] [CUR5] [VIEW6] [PUMP1] [PUMP3] whatever happens to lines and nodes, every reader ends equal to a fresh one and every reply stands once (${RUNS} seeds from ${FIRST})`,
  { timeout: 10_000 + RUNS * 500 },
  async () => {
    let acknowledged = 0;
    for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
      const outcome = await runSeed(seed);
      acknowledged += outcome.acknowledged;
      expect(outcome.faults, `run it again with SIM_SEED=${seed} npx vitest run tests/sim`).toEqual([]);
    }
    expect(acknowledged).toBeGreaterThan(RUNS);
  },
);

const KINDS: readonly (readonly [what: string, kind: Kind])[] = [
  [
    '[PAGE10] [REQ12] [REQ13] [VIEW1] [VIEW8] what readers choose, take away and look for ends as they wished last',
    { beside: 'choosing' },
  ],
  [
    '[CUR9] [PUMP10] [CUR7] who counts what is new, also over a line that is shared, ends equal to a fresh reader',
    { beside: 'counting' },
  ],
  ['[CUR10] who has read far and missed much goes on reading where they are', { far: true }],
  ['[CUR10] so does who chooses', { far: true, beside: 'choosing' }],
  ['[CUR10] so does who counts', { far: true, beside: 'counting' }],
];

it.each(KINDS)('%s', { timeout: 10_000 + RUNS * 500 }, async (_, kind) => {
  let stayed = 0;
  const runs = RUNS / (kind.far ? 8 : 4);
  for (let seed = FIRST; seed < FIRST + runs; seed++) {
    const outcome = await runSeed(seed, kind);
    stayed += outcome.stayed;
    expect(outcome.faults, `seed ${seed}, ${JSON.stringify(kind)}`).toEqual([]);
  }
  if (kind.far && runs >= 10) expect(stayed).toBeGreaterThan(runs);
});

/** Seeds that found something once, and what. */
const FOUND: readonly { seed: number; what: string; kind?: Kind }[] = [
  { seed: 1304, what: 'a new first page, older than what was read already, took replies away' },
  { seed: 80508, what: 'a new first page, newer than what the join under way was answered with, was taken back' },
  {
    seed: 50526,
    what: 'what was chosen and taken back before the first join was not sent, and it stood',
    kind: { beside: 'choosing' },
  },
];

it.each(FOUND)('seed $seed: $what', async ({ seed, kind }) => {
  expect((await runSeed(seed, kind)).faults).toEqual([]);
});

it('a seed is all that a run depends on', async () => {
  expect(await runSeed(FIRST)).toEqual(await runSeed(FIRST));
});
