// What must hold when the faults are over. Returns every broken promise in words; none where all hold.
import type { Reply } from '../../shared/views.js';
import { inconsistencies } from '../support/consistency.js';
import type { FaithfulReader } from '../support/faithful-reader.js';
import { readThread, type WholeThread } from '../support/read-thread.js';
import { until } from '../support/until.js';
import type { Refusal } from './author.js';
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

async function judgeTalk({ nodes }: Stage, talk: Talk): Promise<string[]> {
  const found: string[] = [];
  const [whole, ...others] = await Promise.all(nodes.map(({ url }) => readThread(url, talk.key)));
  const same = JSON.stringify(whole!.rows.map(canonical));
  if (others.some(({ rows }) => JSON.stringify(rows.map(canonical)) !== same)) found.push('nodes differ');
  const expectNone = (what: string, list: readonly unknown[]): void => {
    if (list.length > 0) found.push(`${what}: ${list.length}, such as ${JSON.stringify(list[0]).slice(0, 300)}`);
  };
  judgeReplies(talk, whole!, expectNone);
  judgeChanges(talk, whole!, expectNone);
  for (const [n, reader] of talk.readers.entries()) {
    found.push(...(await judgeReader(reader, whole!)).map((what) => `reader ${n} ${what}`));
  }
  return found;
}

type ExpectNone = (what: string, list: readonly unknown[]) => void;

/** What was written stands there once, where its author put it, in the order in which each wrote. */
function judgeReplies({ writers }: Talk, { rows }: WholeThread, expectNone: ExpectNone): void {
  const stored = new Map(rows.map((row) => [row.id, row]));
  const sent = new Map(writers.flatMap((writer) => [...writer.sent]));
  const acknowledged = writers.flatMap(({ own }) => [...own.keys()]);
  const lost = acknowledged.filter((id) => !stored.has(id));
  expectNone('acknowledged and lost', lost);
  expectNone(
    'never sent',
    rows.filter(({ id }) => !sent.has(id)),
  );
  expectNone(
    'at another place than was asked',
    rows.filter(({ id, parent }) => sent.has(id) && sent.get(id)!.parent !== parent),
  );
  expectNone(
    'born in the same moment as another',
    rows.filter(({ born }, n) => rows[n - 1]?.born === born),
  );
  for (const { own } of writers) {
    const births = [...own.keys()].map((id) => stored.get(id)?.born ?? 0);
    expectNone(
      'out of the order in which one wrote',
      births.filter((born, n) => n > 0 && born < births[n - 1]!),
    );
  }
  // By text, not by id: the same words twice under two ids would be a doubled reply, too.
  const words = rows.flatMap(({ html }) => wordIn(html) ?? []);
  expectNone(
    'doubled',
    words.filter((word, n) => words.indexOf(word) !== n),
  );
}

/** The last that was acknowledged of each text, removal and vote is how it stands, and nothing else moved the clock. */
function judgeChanges({ writers, common }: Talk, { cursor, rows }: WholeThread, expectNone: ExpectNone): void {
  const stored = new Map(rows.map((row) => [row.id, row]));
  const isAsKnown = ([id, own]: [string, { word: string; removed: boolean }]): boolean => {
    const row = stored.get(id);
    if (!row) return true;
    return own.removed ? row.state === 'removed' && row.html === '' : wordIn(row.html) === own.word;
  };
  expectNone(
    'an edit or a removal was acknowledged and is not to be seen',
    writers.flatMap(({ own }) => [...own].filter((one) => !isAsKnown(one))),
  );
  const scores = new Map<string, number>();
  for (const { votes } of writers) for (const [id, value] of votes) scores.set(id, (scores.get(id) ?? 0) + value);
  // A vote on what was being removed may have been counted and then refused, as its answer was lost.
  expectNone(
    'votes that do not add up',
    rows.filter(({ id, score }) => !common.shunned.has(id) && score !== (scores.get(id) ?? 0)),
  );
  const refused = writers.flatMap((writer) => writer.refused);
  const isFair = ({ deed, id, error }: Refusal): boolean => {
    if (deed === 'answer') return error.code === 'parent_gone' && !stored.has(id);
    return deed === 'vote' && error.field === 'id' && common.shunned.has(id);
  };
  expectNone(
    'refused for good',
    refused.filter((one) => !isFair(one)),
  );
  const changes = sum(writers.map(({ done }) => done.changes));
  const votes = sum(writers.map(({ done }) => done.votes));
  const [least, most] = [changes, changes + votes + refused.length];
  if (cursor.seq < least || cursor.seq > most)
    expectNone('the clock', [`stands at ${cursor.seq}, not between ${least} and ${most}`]);
}

async function judgeReader(reader: FaithfulReader, { cursor, rows }: WholeThread): Promise<string[]> {
  const isLevel = (): boolean => reader.held()?.cursor.seq === cursor.seq;
  try {
    await until(isLevel, 'it to be level', { withinMs: 15_000 });
  } catch {
    return [`stands at ${reader.held()?.cursor.seq}, the thread at ${cursor.seq}`];
  }
  const held = reader.held()!;
  const own = [...held.rows.values()].toSorted((a, b) => a.born - b.born).map(canonical);
  const fresh = rows.filter(({ id }) => held.rows.has(id)).map(canonical);
  const differs = own.findIndex((row, n) => JSON.stringify(row) !== JSON.stringify(fresh[n]));
  if (differs >= 0 || own.length !== fresh.length)
    return [`holds ${JSON.stringify(own[differs])}, a fresh one ${JSON.stringify(fresh[differs])}`];
  // Who began with the empty thread, and never had to begin again, was told of everything.
  if (reader.joins.snapshot !== 1) return [];
  const missing = rows.filter(({ id, born }) => held.rows.has(id) === reader.counted.has(born));
  return missing.length > 0 ? [`was not told of ${missing.length} rows, or twice`] : [];
}

/** The same row the same way, whether it came as a whole or was put together. */
function canonical(row: Reply): unknown[] {
  return Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function wordIn(html: string): string | undefined {
  return /word-[0-9a-f-]{36}/.exec(html)?.[0];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
