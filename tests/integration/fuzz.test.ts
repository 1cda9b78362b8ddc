// Thousands of random requests of every kind, half sound and wholly broken: each is answered, none is an unexpected error,
// and what is stored stays sound (REQ3).
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { applyDelta } from '../../shared/apply.js';
import { ERRORS, type ErrorCode } from '../../shared/errors.js';
import { fromSnapshot, type Held } from '../../shared/held.js';
import { newId } from '../../shared/ids.js';
import type { Answer } from '../../shared/protocol.js';
import { SCHEMAS } from '../../server/socket/schemas.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, type TestClient } from '../support/client.js';
import { inconsistencies } from '../support/consistency.js';
import { until } from '../support/until.js';
import { connectWire, type Wire } from '../support/wire.js';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 3_000);
const SEED = process.env['FUZZ_SEED'] === undefined ? {} : { seed: Number(process.env['FUZZ_SEED']) };
const KEY = 'fuzz';

let app: TestApp;
let wire: Wire;
let reader: TestClient;
let held: Held;
let thread: string;
/** Ids that are there, that were removed, and that are not there. */
const ids: string[] = [newId(), newId()];

beforeAll(async () => {
  app = await startTestApp();
  reader = await connectClient(app.url);
  const snapshot = await reader.snapshot(KEY);
  held = fromSnapshot(snapshot);
  thread = snapshot.thread.id;
  reader.socket.on('thread:delta', (delta) => {
    if (delta.thread === thread) held = applyDelta(held, delta);
  });
  wire = await connectWire(app.url);
  await wire.ask('["me:guest",{"name":"Fuzz"}]');
  for (let n = 0; n < 8; n++) {
    const id = newId();
    ids.push(id);
    await wire.ask(JSON.stringify(['reply:create', { thread, id, parent: n > 2 ? ids[n]! : null, body: `seed ${n}` }]));
  }
});
afterAll(() => app.end());

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e',
    '__proto__',
    '*a*',
    '[a]: b',
    '😀',
    'a'.repeat(10_001),
    '> '.repeat(500),
  ),
);
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, 1, -1, 20, 50, 51, 1e300, Number.MAX_SAFE_INTEGER, 2 ** 53),
);
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), text, number, fc.constantFrom(null, true, [], {}));

/** What a field of this name may well hold. */
const sensible: Record<string, fc.Arbitrary<unknown>> = {
  key: fc.constantFrom(KEY, 'other', 'third'),
  url: fc.constantFrom('https://example.com/', 'x'),
  title: fc.oneof(fc.constant('A title'), text),
  sort: fc.constantFrom('oldest', 'newest', 'best'),
  limit: fc.integer({ min: 0, max: 60 }),
  cursor: fc.record({ epoch: fc.constantFrom('', newId()), seq: number }, { requiredKeys: [] }),
  thread: fc.constant(null).map(() => thread),
  parent: fc.nat().map((n) => (n % 3 === 0 ? null : ids[n % ids.length]!)),
  after: fc.constantFrom(
    '',
    'by4wLjA',
    Buffer.from('o.1.0.1.9').toString('base64url'),
    Buffer.from('b.9.9.1.9').toString('base64url'),
  ),
  name: fc.oneof(fc.constantFrom('Fuzz', 'Ana'), text),
  email: fc.constantFrom('a@example.com', 'x'),
  id: fc.nat().map((n) => (n % 5 === 0 ? newId() : ids[n % ids.length]!)),
  body: fc.oneof(fc.constantFrom('plain', '- a *list*'), text),
  base: fc.constantFrom(0, 1, 1, 1, 2),
  value: fc.constantFrom(-1, 0, 1, 2),
  reason: fc.constantFrom('spam', 'abuse', 'other', ''),
  note: fc.oneof(fc.constant('a note'), text),
  lane: fc.constantFrom('live', 'slow', 'fast'),
  since: fc.record({ epoch: fc.constantFrom('', newId()), seq: number }, { requiredKeys: [] }),
  emoji: fc.oneof(fc.constantFrom('👍', '🎉', '🦄', ''), text),
  on: fc.boolean(),
  answers: fc.constantFrom(1, 1, 1, 1, 2, 2 ** 40),
  mentions: fc.array(fc.constantFrom(newId(), newId()), { maxLength: 3 }),
};

const EVENTS = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[];

/** An object with the event's fields, each mostly there and mostly sensible, and now and then another one. */
function payloadOf(event: keyof typeof SCHEMAS): fc.Arbitrary<unknown> {
  const fields = Object.keys(SCHEMAS[event].shape).map((field) =>
    fc
      .tuple(fc.nat(9), sensible[field]!, anything)
      .map(([dice, good, bad]) => (dice === 0 ? {} : { [field]: dice === 1 ? bad : good })),
  );
  const extra = fc.tuple(fc.nat(19), text).map(([dice, name]) => (dice === 0 ? { [name]: 1 } : {}));
  return fc.tuple(...fields, extra).map((parts) => Object.assign({}, ...parts) as unknown);
}

const request = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(...EVENTS).chain((event) => payloadOf(event).map((payload) => [event, payload])),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...EVENTS), anything) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...EVENTS), anything, anything) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      text.filter((event) => !RESERVED.includes(event)),
      anything,
    ),
  },
);
/** Names that the library itself closes the line for. */
const RESERVED: readonly unknown[] = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
];

it(`[REQ3] ${RUNS} random requests are all answered with data or with an error of the closed list`, async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(request, async (event) => {
      const from = performance.now();
      const answer: Answer<unknown> = await wire.ask(JSON.stringify(event));
      expect(performance.now() - from).toBeLessThan(2_000);
      const code = answer.ok ? 'ok' : answer.error.code;
      seen.set(`${String(event[0])} ${code}`, (seen.get(`${String(event[0])} ${code}`) ?? 0) + 1);
      if (answer.ok && event[0] === 'reply:create') ids.push((event[1] as { id: string }).id);
      if (answer.ok) return;
      expect(ERRORS).toHaveProperty(answer.error.code);
      expect(answer.error).toMatchObject({ retry: ERRORS[answer.error.code as ErrorCode].retry });
      expect(['internal', 'overloaded', 'rate_limited']).not.toContain(answer.error.code);
      if (answer.error.code === 'invalid') expect(answer.error.field).toEqual(expect.any(String));
    }),
    { numRuns: RUNS, ...SEED },
  );
  // It is worth something only where requests of every kind came through.
  for (const event of EVENTS) expect([...seen.keys()]).toContain(`${event} ok`);
  expect(wire.isOpen()).toBe(true);
}, 120_000);

it('afterwards everything stored is sound, and a reader who only heard deltas is up to date', async () => {
  expect(await inconsistencies(app.database.sql)).toEqual([]);
  expect(app.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  const fresh = await reader.snapshot(KEY, { limit: 50 });
  await until(() => held.cursor.seq === fresh.cursor.seq, 'the last delta');
  expect(held.thread).toEqual(fresh.thread);
  for (const { more: _, ...reply } of fresh.replies) expect(held.rows.get(reply.id)).toEqual(reply);
});
