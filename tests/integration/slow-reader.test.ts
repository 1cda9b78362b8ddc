// Readers whose line does not drain (PUMP4): off the live lane, then exactly up to date again; or cut off.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { applyDelta, applySnapshot } from '../../shared/apply.js';
import { fromSnapshot, type Held } from '../../shared/held.js';
import { newId } from '../../shared/ids.js';
import type { JoinAnswer } from '../../shared/protocol.js';
import type { Cursor, Delta, Snapshot } from '../../shared/views.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { makeLargeThread } from '../support/large-thread.js';
import { until } from '../support/until.js';
import { scrape } from '../support/metrics.js';
import { connectWire, type Wire } from '../support/wire.js';

let app: TestApp;
let writers: TestClient[];
beforeAll(async () => {
  app = await startTestApp({ config: { metricsPort: 0 } });
  writers = await Promise.all(Array.from({ length: 8 }, (_, n) => connectGuest(app.url, `Writer ${n}`)));
});
afterAll(() => app.end());

async function joinBy(wire: Wire, key: string, cursor?: Cursor): Promise<JoinAnswer> {
  const answer = await wire.ask(JSON.stringify(['thread:join', { key, ...(cursor ? { cursor } : {}) }]));
  if (!answer.ok) throw new Error(`not joined: ${JSON.stringify(answer.error)}`);
  return answer.data as JoinAnswer;
}

/** Pushes of this name that came to the line. */
function pushes<T>(wire: Wire, event: string): T[] {
  const beginning = `42["${event}",`;
  return wire.frames.filter((frame) => frame.startsWith(beginning)).map((frame) => JSON.parse(frame.slice(2))[1] as T);
}

/** Some 16 MB of deltas: more than the system's buffers of a line take. */
async function flood(thread: string): Promise<void> {
  const body = 'lorem ipsum '.repeat(800);
  await Promise.all(
    writers.map(async (writer) => {
      for (let n = 0; n < 200; n++) await writer.must('reply:create', { thread, id: newId(), body });
    }),
  );
}

it('[PUMP4] a reader that stops reading leaves the live lane, and is exactly up to date after joining again', async () => {
  const key = newId();
  const slow = await connectWire(app.url);
  const first = (await joinBy(slow, key)) as Snapshot & JoinAnswer;
  const swift = await connectClient(app.url);
  await swift.join(key);
  slow.pause();
  await flood(first.thread.id);
  await until(() => swift.pushed('thread:delta').at(-1)?.to === 1_600, 'the others to have everything');
  const published = swift.pushed('thread:delta').length;
  expect((await scrape(app)).value('afterword_readers_behind')).toBe(1);

  slow.resume();
  await until(() => pushes(slow, 'thread:stale').length > 0, 'it to be told');
  expect(pushes(slow, 'thread:stale')).toEqual([{ thread: first.thread.id, head: 1_600 }]);
  const deltas = pushes<Delta>(slow, 'thread:delta');
  expect(deltas.length).toBeLessThan(published);

  let held: Held = fromSnapshot(first);
  for (const delta of deltas) held = applyDelta(held, delta);
  const answer = await joinBy(slow, key, held.cursor);
  held = answer.mode === 'delta' ? applyDelta(held, answer.delta) : applySnapshot(held, answer);
  const fresh = fromSnapshot(await swift.snapshot(key));
  expect(held.cursor).toEqual(fresh.cursor);
  expect(held.thread).toEqual(fresh.thread);
  for (const [id, row] of fresh.rows) expect(held.rows.get(id)).toEqual(row);

  await writers[0]!.must('reply:create', { thread: first.thread.id, id: newId(), body: 'after' });
  await until(() => pushes<Delta>(slow, 'thread:delta').at(-1)?.to === 1_601, 'it to be on the live lane again');
  const { value } = await scrape(app);
  expect(value('afterword_slow_readers_total{action="taken_off"}')).toBe(1);
  expect(value('afterword_readers_behind')).toBe(0);
  slow.close();
  swift.close();
}, 40_000);

it('[PUMP4] a line that asks for much and reads nothing is cut off', async () => {
  const large = await makeLargeThread(app.database.sql, { total: 2_000, roots: 100 });
  const greedy = await connectWire(app.url);
  await joinBy(greedy, large.id);
  const readers = await connectClient(app.url);
  await readers.join(large.id);
  const count = (): number | undefined => readers.pushed('thread:beat').at(-1)?.readers;
  await until(() => count() === 2, 'both to be counted');
  greedy.pause();
  const page = JSON.stringify(['thread:page', { thread: large.id, parent: null, sort: 'best', limit: 50 }]);
  let asked = 0;
  const isGone = (): boolean => {
    // It goes on: where the server is too busy for pages the answers are small, and it takes more of them.
    for (let n = 0; n < 100; n++) greedy.send(`42${asked++}${page}`);
    return count() === 1;
  };
  await until(isGone, 'it to be gone', { withinMs: 15_000, everyMs: 50 });
  greedy.resume();
  await greedy.closed;
  expect(greedy.frames.filter((frame) => frame.startsWith('43')).length).toBeLessThan(asked);
  expect((await scrape(app)).value('afterword_slow_readers_total{action="cut"}')).toBe(1);
  readers.close();
}, 40_000);
