// What must hold when the faults are over. Returns every broken promise in words; none where all hold.
import { inconsistencies } from '../support/consistency.js';
import { readAll } from '../support/read-all.js';
import { until } from '../support/until.js';
import type { Talk } from './crowd.js';
import type { Stage } from './stage.js';

export async function judge(stage: Stage, talks: readonly Talk[]): Promise<string[]> {
  const found: string[] = [];
  for (const talk of talks) found.push(...(await judgeTalk(stage, talk)));
  const { sql, close } = stage.attach(1);
  found.push(...(await inconsistencies(sql)));
  await close();
  for (const node of stage.nodes) found.push(...node.alarms.map((alarm) => `the server said: ${alarm.slice(0, 400)}`));
  return found;
}

async function judgeTalk({ nodes }: Stage, { key, writers, readers }: Talk): Promise<string[]> {
  const found: string[] = [];
  const expectNone = (what: string, list: readonly unknown[]): void => {
    if (list.length > 0) found.push(`${what}: ${list.length}, such as ${JSON.stringify(list[0]).slice(0, 300)}`);
  };
  const seen = await Promise.all(nodes.map(({ url }) => readAll(url, key)));
  const replies = seen[0]!;
  const stored = new Set(replies.map(({ id }) => id));
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  expectNone(
    'refused for good',
    writers.flatMap(({ refused }) => refused),
  );
  expectNone(
    'acknowledged and lost',
    acknowledged.filter((id) => !stored.has(id)),
  );
  expectNone(
    'doubled',
    replies.filter(({ id }, n) => replies.findIndex((other) => other.id === id) !== n),
  );
  expectNone(
    'never sent',
    replies.filter(({ id }) => !writers.some(({ sent }) => sent.has(id))),
  );
  expectNone(
    'a hole in the clock before',
    replies.filter(({ born }, n) => born !== n + 1),
  );
  const place = new Map(replies.map(({ id }, n) => [id, n]));
  for (const { acknowledged: own } of writers) {
    expectNone(
      'out of the order in which one wrote',
      own.filter((id, n) => n > 0 && place.get(id)! < place.get(own[n - 1]!)!),
    );
  }
  if (seen.some((other) => JSON.stringify(other) !== JSON.stringify(replies))) found.push('nodes differ');

  for (const [n, reader] of readers.entries()) {
    const isLevel = (): boolean => reader.held()?.cursor.seq === replies.length;
    try {
      await until(isLevel, `reader ${n} to be level`, { withinMs: 15_000 });
    } catch {
      found.push(`reader ${n} stands at ${reader.held()?.cursor.seq}, the thread at ${replies.length}`);
      continue;
    }
    const rows = [...reader.held()!.rows.values()].toSorted((a, b) => a.born - b.born);
    const fresh = replies.filter(({ id }) => reader.held()!.rows.has(id));
    if (JSON.stringify(rows) !== JSON.stringify(fresh)) found.push(`reader ${n} holds other rows than a fresh one`);
    if (reader.joins.snapshot === 1 && rows.length !== replies.length) found.push(`reader ${n} misses rows`);
  }
  return found;
}
