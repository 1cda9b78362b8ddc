// The fuzzer at a server with its rate limits on, as it is shipped: many clients of whom each has an address of its own, and a
// flood from one address. The other tests have them off, because what they refuse is not looked at.
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ErrorBody } from '../../shared/errors.js';
import { send } from '../support/http.js';
import { copyProgram, type Program } from '../support/server-process.js';
import { until } from '../support/until.js';
import type { KindName } from './kinds.js';
import { fuzz } from './run.js';
import { Target } from './target.js';

let program: Program;
let target: Target;
beforeAll(async () => {
  program = await copyProgram({ pages: true });
  target = await Target.start(program, { limits: true });
}, 60_000);
afterAll(async () => {
  await target.end();
  program.remove();
});

const run = (kind: KindName, inputs: number) =>
  fuzz({ kind, inputs, seed: 1, target: () => Promise.resolve(target), lot: 1_000 });

const PAGE = '/api/v1/sites/demo/thread?key=fuzz';
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

it('[REQ10] many clients, each from its own address: some work is done, who is too fast is told when, nothing breaks', async () => {
  target.address = null;
  for (const [kind, inputs] of [
    ['events', 3_000],
    ['handshakes', 300],
    ['frames', 600],
  ] as const) {
    const { tally, finding } = await run(kind, inputs);
    expect(finding).toBeNull();
    expect(tally.answered, kind).toBeGreaterThan(inputs / 20);
    if (kind === 'events') expect(tally.outcomes.get('rate_limited')).toBeGreaterThan(inputs / 20);
  }
}, 120_000);

it('[REQ10] random inputs from an address that floods: nothing breaks, others are served, and it is again afterwards', async () => {
  const address = (target.address = '203.0.113.7');
  let isOver = false;
  const found: string[] = [];
  let refused = 0;
  const flood = Array.from({ length: 16 }, async () => {
    while (!isOver) {
      const { status, headers, text } = await send(target.url, PAGE, from(address));
      if (status === 200) continue;
      refused += 1;
      const { code, retryAfterMs } = JSON.parse(text) as ErrorBody;
      const isTimely = retryAfterMs! > 0 && Number(headers['retry-after']) >= 1;
      if (status !== 429 || code !== 'rate_limited' || !isTimely) found.push(`${status} ${text}`);
    }
  });
  const others = (async () => {
    for (let n = 0; !isOver; n++) {
      const { status } = await send(target.url, PAGE, from(`198.51.100.${n % 250}`));
      if (status !== 200) found.push(`another address is told ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  try {
    for (const [kind, inputs] of [
      ['http', 1_500],
      ['handshakes', 600],
      ['polling', 800],
    ] as const) {
      expect((await run(kind, inputs)).finding).toBeNull();
    }
    await until(() => refused > 1_000, 'a flood that is refused', { withinMs: 30_000 });
  } finally {
    isOver = true;
    await Promise.all([...flood, others]);
  }
  expect(found).toEqual([]);
  const again = async (): Promise<boolean> => (await send(target.url, PAGE, from(address))).status === 200;
  await until(again, 'the address to be served again');
}, 120_000);

it('afterwards everybody is level, the data are sound, and nothing is left open', { timeout: 120_000 }, async () => {
  target.address = null;
  expect(await target.remains()).toEqual([]);
});
