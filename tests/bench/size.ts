// What a million replies in one thread cost, and ten million over a hundred thousand threads: room, and the time of the
// statements that readers and writers run all the time, against a database of ten thousand replies.
//
// Two tables. The first is where the bytes are, as the tables were filled (in order, in batches; no update had been run,
// so there is no bloat). The second times each statement of tests/support/hot-statements.ts in the three databases in
// turns. Each is one question after the other, warm, so what grows is the work and not the waiting for a disk; the line
// of random threads is the exception, and as cold as the machine's memory makes it. Plans are held to the bounds of the
// plans' test: a table that is read as a whole, a sort of a thread or too many pages ends the run with 1.
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { connect, type Database, type Sql } from '../../server/database/connect.js';
import { PostgresStore } from '../../server/store/postgres.js';
import { explainedPool, faultsOf, type PlanNode } from '../support/explained.js';
import { hotStatements, subjectOf, type HotStatement, type Subject } from '../support/hot-statements.js';
import { now } from './harness/clock.js';
import { Latencies } from './harness/latencies.js';
import { figure, formatTable, type Outcome } from './harness/report.js';
import type { Gate } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { range } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';
import { makeBigThread } from './programs/big-thread.js';
import { makeManyThreads } from './programs/many-threads.js';

const SITE = 'bench';
const SMALL = 10_000;
const BATCH = 50_000;
/** Bytes on the disk for each reply, tables, indexes and the log that is written meanwhile; and what must stay free. */
const ROOM_PER_REPLY = 2_500;
const ROOM_LEFT = 5e9;
/** Threads of the line that asks for any of them. */
const RANDOM_THREADS = 500;

interface Filled {
  label: string;
  url: string;
  database: Database;
  store: PostgresStore;
  subject: Subject;
  seconds: number;
  threads: { id: string; key: string }[];
}

interface Timed {
  name: string;
  p50: number[];
  p99: number;
  buffers: number;
}

export async function size(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const { thread, many } = scale.crowd;
  const { bavail, bsize } = statfsSync(tmpdir());
  const room = bavail * bsize;
  const needed = (thread + many.replies) * ROOM_PER_REPLY;
  say(`size: ${bytes(room)} are free, about ${bytes(needed)} will be taken and given back`);
  if (room < needed + ROOM_LEFT) throw new Error('There is not enough room for that.');
  const filled: Filled[] = [];
  try {
    for (const [name, label, fill] of [
      ['size_small', count(SMALL), (sql: Sql) => makeBigThread(sql, SITE, SMALL).then(() => {})],
      ['size_thread', `${count(thread)} in one thread`, (sql: Sql) => makeBigThread(sql, SITE, thread).then(() => {})],
      [
        'size_many',
        `${count(many.replies)} in ${count(many.threads)} threads`,
        (sql: Sql) => makeManyThreads(sql, SITE, { ...many, batch: BATCH }, progress(say, many.replies)),
      ],
    ] as const) {
      say(`size: filling ${label}`);
      filled.push(await makeFilled(bench, name, label, fill));
      say(`size: filled in ${figure(filled.at(-1)!.seconds)} s`);
    }
    const rooms = await Promise.all(filled.map(({ database }) => roomOf(database.sql)));
    process.stdout.write(`${formatTable(roomTable(filled, rooms))}\n`);
    const { faults, buffers } = await plansOf(filled);
    const { result, disturbance } = await watched(() => timesOf(filled, scale, say));
    return {
      table: timeTable(filled, result, buffers),
      gates: gatesOf(filled, result, scale.rounds, disturbance.reasons.length > 0),
      notes: [
        ...disturbance.reasons.map((reason) => `disturbed: ${reason}`),
        ...faults.map((fault) => `DOES NOT SCALE: ${fault}`),
        ...(faults.length === 0 ? ['Every plan keeps its bounds, generic or not.'] : []),
      ],
      failed: faults.length > 0,
    };
  } finally {
    for (const { database } of filled) await database.close();
    for (const name of ['size_small', 'size_thread', 'size_many']) await bench.database.drop(name);
  }
}

function progress(say: (line: string) => void, all: number): (done: number) => void {
  let told = 0;
  return (done) => {
    if (done < all && done - told < all / 20) return;
    told = done;
    say(`size: ${count(done)} of ${count(all)} replies`);
  };
}

async function makeFilled(
  bench: Workbench,
  name: string,
  label: string,
  fill: (sql: Sql) => Promise<void>,
): Promise<Filled> {
  const url = await bench.database.create(name);
  const loading = connect({ url, max: 1 });
  const begun = now();
  await loading.sql`set statement_timeout = 0`;
  await loading.sql`set synchronous_commit = off`;
  await loading.sql`set maintenance_work_mem = '256MB'`;
  await loading.sql`insert into sites (id, name, origins) values (${SITE}, 'Bench', '{}')`;
  await fill(loading.sql);
  const seconds = (now() - begun) / 1_000;
  // Other threads, and votes, there are in every database.
  await loading.sql`insert into threads (id, site_id, key, epoch)
    select gen_random_uuid(), ${SITE}, 'quiet ' || n, gen_random_uuid() from generate_series(1, 20000) n`;
  await loading.sql`insert into votes (reply_id, author_id, value)
    select id, author_id, 1 from replies order by id limit 5000`;
  // As autovacuum leaves it some minutes later.
  await loading.sql`vacuum (analyze)`;
  const [largest] = await loading.sql<[{ id: string }]>`select id from threads order by head desc limit 1`;
  const subject = await subjectOf(loading.sql, largest.id);
  const threads = await loading.sql<{ id: string; key: string }[]>`
    select id, key from threads where head > 0 order by md5(id::text) limit ${RANDOM_THREADS}`;
  await loading.close();
  await bench.database.settle();
  const database = connect({ url, max: 1 });
  return { label, url, database, store: new PostgresStore(database), subject, seconds, threads: [...threads] };
}

interface Room {
  replies: number;
  threads: number;
  heap: number;
  indexes: Map<string, number>;
  all: number;
}

async function roomOf(sql: Sql): Promise<Room> {
  const [row] = await sql<[{ replies: number; threads: number; heap: number; all: number }]>`
    select (select count(*) from replies)::int as replies, (select count(*) from threads)::int as threads,
      pg_table_size('replies')::float8 as heap, pg_database_size(current_database())::float8 as all`;
  const indexes = await sql<{ name: string; size: number }[]>`
    select indexrelid::regclass::text as name, pg_relation_size(indexrelid)::float8 as size
    from pg_index where indrelid = 'replies'::regclass order by 1`;
  return { ...row, indexes: new Map(indexes.map(({ name, size: taken }) => [name, taken])) };
}

function roomTable(filled: readonly Filled[], rooms: readonly Room[]) {
  const names = [...rooms[0]!.indexes.keys()];
  const row = (name: string, of: (room: Room, i: number) => string): string[] => [name, ...rooms.map(of)];
  const perReply = (taken: number, { replies }: Room): string => `${bytes(taken)}, ${figure(taken / replies)} a reply`;
  return {
    title: 'size: room',
    columns: ['', ...filled.map(({ label }) => label)],
    rows: [
      row('replies', ({ replies }) => count(replies)),
      row('threads', ({ threads }) => count(threads)),
      row('seconds to fill', (_, i) => figure(filled[i]!.seconds)),
      row('table replies', (room) => perReply(room.heap, room)),
      ...names.map((name) => row(`index ${name}`, (room) => perReply(room.indexes.get(name)!, room))),
      row('all of the database', (room) => perReply(room.all, room)),
    ],
  };
}

/** What breaks a bound, and the pages that each statement touches, by database. */
async function plansOf(filled: readonly Filled[]) {
  const faults: string[] = [];
  const buffers: Map<string, number>[] = [];
  for (const { url, label, subject } of filled) {
    const touched = new Map<string, number>();
    for (const generic of [false, true]) {
      const pool = await explainedPool(url, { generic });
      const store = new PostgresStore(pool);
      for (const { name, bound, run } of hotStatements()) {
        await run(store, subject);
        pool.takePlans();
        await run(store, subject);
        const plans = pool.takePlans();
        // Whatever fits into a few pages may be read as a whole.
        const counted = subject.head > SMALL ? plans : [];
        const found = counted.flatMap((plan) => faultsOf(plan, bound, { scattered: true }));
        faults.push(...found.map((fault) => `${label}, ${generic ? 'generic' : 'custom'} plan, ${name}: ${fault}`));
        if (!generic)
          touched.set(
            name,
            plans.reduce((sum, plan) => sum + pagesOf(plan), 0),
          );
      }
      await pool.close();
    }
    buffers.push(touched);
  }
  return { faults: [...new Set(faults)], buffers };
}

const pagesOf = (plan: PlanNode): number => plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];

/** Every statement in each database in turns; the p50 of each round, the p99 of all. */
async function timesOf(filled: readonly Filled[], scale: Scale, say: (line: string) => void): Promise<Timed[][]> {
  const results = new Map<string, { rounds: number[][]; all: Latencies[] }>();
  const lists = filled.map(() => [...hotStatements(), anyThread()]);
  for (let round = 0; round < scale.rounds; round++) {
    say(`size: round ${round + 1} of ${scale.rounds}`);
    for (let s = 0; s < lists[0]!.length; s++) {
      const name = lists[0]![s]!.name;
      const mine = filled.map(() => new Latencies());
      const found = results.get(name) ?? { rounds: filled.map(() => []), all: filled.map(() => new Latencies()) };
      for (let n = -5; n < scale.pageTimes; n++) {
        for (let d = 0; d < filled.length; d++) {
          const { store, subject, threads } = filled[d]!;
          const begun = now();
          await lists[d]![s]!.run(
            store,
            name === ANY ? { ...subject, others: [threads[(n + 5) % threads.length]!] } : subject,
          );
          const ms = now() - begun;
          if (n < 0) continue;
          mine[d]!.add(ms);
          found.all[d]!.add(ms);
        }
      }
      mine.forEach((latencies, d) => found.rounds[d]!.push(latencies.summary().p50));
      results.set(name, found);
    }
  }
  return filled.map((_, d) =>
    [...results].map(([name, { rounds, all }]) => ({ name, p50: rounds[d]!, p99: all[d]!.summary().p99, buffers: 0 })),
  );
}

const ANY = 'the first page of any thread';

function anyThread(): HotStatement {
  return {
    name: ANY,
    bound: { rows: 400, blocks: 800 },
    least: 1,
    run: async (store, { others }) => (await store.firstPage(others[0]!.id, 'best', 20))!.page.rows.length,
  };
}

function timeTable(filled: readonly Filled[], times: readonly Timed[][], buffers: readonly Map<string, number>[]) {
  return {
    title: `size: milliseconds (p50, p99) and pages touched; the databases: ${filled.map(({ label }) => label).join('; ')}`,
    columns: [
      'statement',
      ...filled.flatMap((_, d) => [`p50 ${d + 1}`, `p99 ${d + 1}`, `pages ${d + 1}`]),
      'p50 2 / 1',
      'p50 3 / 1',
    ],
    rows: times[0]!.map(({ name }, s) => [
      name,
      ...times.flatMap((list, d) => {
        const { p50, p99 } = list[s]!;
        return [figure(range(p50).median), figure(p99), String(buffers[d]!.get(name) ?? '')];
      }),
      ...[1, 2].map((d) => figure(range(ratios(times, d, s)).median)),
    ]),
  };
}

const ratios = (times: readonly Timed[][], d: number, s: number): number[] =>
  times[d]![s]!.p50.map((p50, round) => p50 / times[0]![s]!.p50[round]!);

function gatesOf(filled: readonly Filled[], times: readonly Timed[][], rounds: number, disturbed: boolean): Gate[] {
  return times[0]!.flatMap(({ name }, s) =>
    name === ANY
      ? []
      : [1, 2].map((d) => ({
          name: `size ${name}: ${filled[d]!.label} / ${filled[0]!.label}, p50`,
          limit: 1.5,
          ratio: { ...range(ratios(times, d, s)), rounds, disturbed },
        })),
  );
}

const count = (n: number): string => n.toLocaleString('en-US');
const bytes = (n: number): string => (n >= 1e9 ? `${(n / 1e9).toFixed(1)} GB` : `${(n / 1e6).toFixed(1)} MB`);
