// How full PostgreSQL should make the pages of the two tables that every write changes: what a fill factor buys in updates
// that touch no index (HOT), and what it costs in room, log and time.
//
// Each contestant is an own database with these settings, in which one thread is written to (a batch of replies is one
// statement, as the group commit makes it; every second one answers an earlier reply, whose counters change) and then
// voted in (each vote a transaction). The first line is the baseline: PostgreSQL's own settings.
import { newId } from '../../shared/ids.js';
import { connect, type Sql } from '../../server/database/connect.js';
import { PostgresStore } from '../../server/store/postgres.js';
import { rank } from '../../server/threads/rank.js';
import { now } from './harness/clock.js';
import { Latencies } from './harness/latencies.js';
import { figure, type Outcome } from './harness/report.js';
import type { Scale } from './harness/scale.js';
import { seeded } from './harness/schedule.js';
import type { Workbench } from './harness/workbench.js';
import { htmlOf, textOf } from './programs/text.js';

const SITE = 'bench';
const BATCH = 20;
const VOTERS = 200;
/** Replies that are voted on, the newest: a crowd votes on what it reads. */
const VOTED = 1_000;

interface Contestant {
  threads: number;
  replies: number;
}

const CONTESTANTS: readonly Contestant[] = [
  { threads: 100, replies: 100 },
  { threads: 50, replies: 100 },
  { threads: 50, replies: 95 },
  { threads: 50, replies: 85 },
  { threads: 50, replies: 70 },
];

export async function upkeep(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const rows: string[][] = [];
  for (const [i, contestant] of CONTESTANTS.entries()) {
    say(`upkeep: ${i + 1} of ${CONTESTANTS.length}`);
    rows.push(await measure(bench, contestant, scale.upkeep));
  }
  const { replies, votes } = scale.upkeep;
  return {
    table: {
      title: `upkeep: ${replies.toLocaleString('en-US')} replies in batches of ${BATCH} and ${votes.toLocaleString('en-US')} votes in one thread, by fill factor`,
      columns: [
        'threads',
        'replies',
        'batch p50 ms',
        'p99',
        'vote p50 ms',
        'p99',
        'HOT threads %',
        'HOT replies %',
        'table, bytes a reply',
        'indexes',
        'log a write',
        'dead rows',
      ],
      rows,
    },
    gates: [],
    notes: [
      'Log: bytes of WAL for each reply or vote. Dead rows are those of replies that nothing has cleaned up yet.',
    ],
  };
}

async function measure(bench: Workbench, { threads, replies }: Contestant, work: Scale['upkeep']): Promise<string[]> {
  const url = await bench.database.create('upkeep');
  const { sql, db, close } = connect({ url, max: 1 });
  try {
    await sql`insert into sites (id, name, origins) values (${SITE}, 'Bench', '{}')`;
    await sql.unsafe(`alter table threads set (fillfactor = ${threads})`);
    await sql.unsafe(`alter table replies set (fillfactor = ${replies})`);
    const store = new PostgresStore({ sql, db });
    const voters = await makeVoters(sql);
    const key = { siteId: SITE, key: 'upkeep', url: null, title: null };
    const thread = await store.openThread({ id: newId(), epoch: newId(), ...key });
    await bench.database.settle();
    const from = await position(sql);
    const [batches, ids] = await write(store, thread.id, voters[0]!, work.replies);
    const ballots = await vote(store, voters, ids, work.votes);
    const log = (await position(sql)) - from;
    const { hotThreads, hotReplies, dead, table, indexes } = await stateOf(sql);
    const [batch, ballot] = [batches.summary(), ballots.summary()];
    return [
      String(threads),
      String(replies),
      ...[batch.p50, batch.p99, ballot.p50, ballot.p99, hotThreads, hotReplies].map(figure),
      ...[table / ids.length, indexes / ids.length, log / (work.replies + work.votes)].map(figure),
      dead.toLocaleString('en-US'),
    ];
  } finally {
    await close();
    await bench.database.drop('upkeep');
  }
}

async function makeVoters(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into authors (id, site_id, badge, name)
    select gen_random_uuid(), ${SITE}, 'guest', 'Voter' from generate_series(1, ${VOTERS}) returning id`;
  return rows.map(({ id }) => id);
}

async function write(
  store: PostgresStore,
  thread: string,
  author: string,
  count: number,
): Promise<[Latencies, string[]]> {
  const random = seeded(1);
  const latencies = new Latencies();
  const ids: string[] = [];
  const writer = { id: author, siteId: SITE, name: 'Bench writer', badge: 'guest' as const };
  while (ids.length < count) {
    const replies = Array.from({ length: BATCH }, (_, i) => {
      const parentId = i % 2 === 0 || ids.length === 0 ? null : ids[Math.floor(random() * random() * ids.length)]!;
      const body = textOf(150, i);
      return { id: newId(), parentId, author: writer, body, html: htmlOf(body), renderer: 1 };
    });
    const begun = now();
    const { change } = await store.createReplies(thread, replies);
    latencies.add(now() - begun);
    ids.push(...change!.rows.filter((row) => row.depth < 50).map(({ id }) => id));
  }
  return [latencies, ids];
}

async function vote(store: PostgresStore, voters: readonly string[], ids: readonly string[], count: number) {
  const latencies = new Latencies();
  const voted = ids.slice(-VOTED);
  for (let n = 0; n < count; n++) {
    const authorId = voters[Math.floor(n / voted.length) % voters.length]!;
    const begun = now();
    await store.choose(voted[(n * 7) % voted.length]!, [{ authorId, value: n % 5 === 0 ? -1 : 1 }], rank);
    latencies.add(now() - begun);
  }
  return latencies;
}

async function position(sql: Sql): Promise<number> {
  const [row] = await sql<[{ at: number }]>`select (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 as at`;
  return row.at;
}

async function stateOf(sql: Sql) {
  await sql`select pg_stat_force_next_flush()`;
  const rows = await sql<{ name: string; hot: number; dead: number; table: number; indexes: number }[]>`
    select relname as name, 100.0 * n_tup_hot_upd / greatest(n_tup_upd, 1) as hot, n_dead_tup::int as dead,
      pg_table_size(relid)::float8 as table, pg_indexes_size(relid)::float8 as indexes
    from pg_stat_user_tables where relname in ('threads', 'replies')`;
  const of = (name: string) => rows.find((row) => row.name === name)!;
  const { dead, table, indexes, hot } = of('replies');
  return { hotThreads: Number(of('threads').hot), hotReplies: Number(hot), dead, table, indexes };
}
