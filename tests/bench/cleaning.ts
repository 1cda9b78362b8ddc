// How early PostgreSQL should clean up the replies that were changed: what becomes of a table of many replies while people vote on
// them and edit them, by the share of dead rows from which autovacuum begins.
//
// Each contestant is a database of its own with the same replies (`makeManyThreads`) and this setting; four writers change
// replies all over it through the store, nine votes to an edit, as fast as they can. The first line is the baseline:
// PostgreSQL's own setting. Autovacuum looks once in ten seconds here, and not once a minute, so that a minute shows what six
// would; no commit waits for the disk, so that the same goes for its pace.
import { connect, type Sql } from '../../server/database/connect.js';
import { PostgresStore } from '../../server/store/postgres.js';
import { rank } from '../../server/threads/rank.js';
import { now } from './harness/clock.js';
import { Latencies } from './harness/latencies.js';
import { figure, type Outcome } from './harness/report.js';
import type { Scale } from './harness/scale.js';
import { seeded } from './harness/schedule.js';
import type { Workbench } from './harness/workbench.js';
import { makeManyThreads } from './programs/many-threads.js';
import { htmlOf, textOf } from './programs/text.js';

const SITE = 'bench';
const NAME = 'cleaning';
const BATCH = 50_000;
const REPLIES_PER_THREAD = 100;
const WRITERS = 4;
/** One change in so many is an edit. */
const EDITS_ONE_IN = 10;
/** Replies that are changed, from all over the table. */
const CHANGED = 50_000;
const LOOK_EVERY_MS = 1_000;
const NAP = '10s';

/** Shares of a table. */
const CONTESTANTS: readonly { dead: number; isDefault?: boolean }[] = [{ dead: 0.2, isDefault: true }, { dead: 0.02 }];

export async function cleaning(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const { replies, seconds } = scale.cleaning;
  const rows: string[][] = [];
  for (const contestant of CONTESTANTS) {
    say(`${NAME}: ${contestant.dead * 100} %`);
    rows.push(await measure(bench, contestant, scale.cleaning));
  }
  return {
    table: {
      title: `${NAME}: ${seconds} s of votes and edits on ${replies.toLocaleString('en-US')} replies, by the share of dead rows from which they are cleaned up`,
      columns: [
        'cleaned up from',
        'changes a second',
        'vote p50 ms',
        'p99',
        'cleaned up, times',
        'dead rows at most',
        'at the end',
        'table grew by',
        'its indexes by',
        'bytes a change',
      ],
      rows,
    },
    gates: [],
    notes: [
      `Grew: against what all of it took before. Dead rows as PostgreSQL counts them, each second. Autovacuum looked every ${NAP}.`,
    ],
  };
}

async function measure(
  bench: Workbench,
  { dead, isDefault }: (typeof CONTESTANTS)[number],
  { replies, seconds }: Scale['cleaning'],
): Promise<string[]> {
  const url = await bench.database.create(NAME);
  const { sql, db, close } = connect({ url, max: WRITERS });
  const watching = connect({ url, max: 1 });
  try {
    await watching.sql.unsafe(`alter system set autovacuum_naptime = '${NAP}'`);
    await watching.sql`select pg_reload_conf()`;
    // Of those that connect from now on.
    await watching.sql.unsafe(`alter database ${NAME} set synchronous_commit = off`);
    await fill(url, replies);
    // Both, as one alone would leave the other's table as the migrations made it.
    await watching.sql.unsafe(
      isDefault
        ? 'alter table replies reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor)'
        : `alter table replies set (autovacuum_vacuum_scale_factor = ${dead})`,
    );
    await bench.database.settle();
    const store = new PostgresStore({ sql, db });
    const before = await stateOf(watching.sql);
    const until = now() + seconds * 1_000;
    const work = changeUntil(until, store, await subjects(watching.sql), await voters(watching.sql));
    let most = 0;
    for (; now() < until; await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS)))
      most = Math.max(most, (await stateOf(watching.sql)).dead);
    const { votes, changes } = await work;
    const after = await stateOf(watching.sql);
    const { p50, p99 } = votes.summary();
    const [grown, ofIndexes] = [after.table - before.table, after.indexes - before.indexes];
    return [
      `${dead * 100} %`,
      figure(changes / seconds),
      figure(p50),
      figure(p99),
      String(after.cleaned - before.cleaned),
      Math.max(most, after.dead).toLocaleString('en-US'),
      after.dead.toLocaleString('en-US'),
      `${figure((100 * grown) / before.table)} %`,
      `${figure((100 * ofIndexes) / before.indexes)} %`,
      figure((grown + ofIndexes) / changes),
    ];
  } finally {
    await watching.sql`alter system reset autovacuum_naptime`;
    await watching.sql`select pg_reload_conf()`;
    await Promise.all([close(), watching.close()]);
    await bench.database.drop(NAME);
  }
}

async function fill(url: string, replies: number): Promise<void> {
  const { sql, close } = connect({ url, max: 1 });
  try {
    await sql`set statement_timeout = 0`;
    await sql`set synchronous_commit = off`;
    await sql`insert into sites (id, name, origins) values (${SITE}, 'Bench', '{}')`;
    const threads = Math.ceil(replies / REPLIES_PER_THREAD);
    await makeManyThreads(sql, SITE, { replies, threads, batch: BATCH }, () => {});
    // As autovacuum leaves it some minutes later.
    await sql`vacuum (analyze)`;
  } finally {
    await close();
  }
}

async function subjects(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`select id from replies order by md5(id::text) limit ${CHANGED}`;
  return rows.map(({ id }) => id);
}

async function voters(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`select id from authors order by id limit 200`;
  return rows.map(({ id }) => id);
}

async function changeUntil(
  until: number,
  store: PostgresStore,
  replies: readonly string[],
  authors: readonly string[],
): Promise<{ votes: Latencies; changes: number }> {
  const votes = new Latencies();
  let changes = 0;
  const revisions = new Map<string, number>();
  const write = async (writer: number): Promise<void> => {
    const random = seeded(writer + 1);
    // Of its own, so that no edit finds another's revision.
    const own = replies.filter((_, n) => n % WRITERS === writer);
    for (let n = 1; now() < until; n++) {
      const id = own[Math.floor(random() * own.length)]!;
      if (n % EDITS_ONE_IN === 0) {
        const rev = revisions.get(id) ?? 1;
        const body = textOf(150, n);
        const edited = await store.editReply(id, rev, { body, html: htmlOf(body), renderer: 1, mentions: null });
        if (edited?.is !== 'written') throw new Error(`an edit was ${edited?.is}`);
        revisions.set(id, rev + 1);
      } else {
        const begun = now();
        const authorId = authors[Math.floor(random() * authors.length)]!;
        await store.choose(id, [{ authorId, value: random() < 0.2 ? -1 : 1 }], rank);
        votes.add(now() - begun);
      }
      changes += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  return { votes, changes };
}

async function stateOf(sql: Sql): Promise<{ dead: number; cleaned: number; table: number; indexes: number }> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql<[{ dead: number; cleaned: number; table: number; indexes: number }]>`
    select n_dead_tup::int as dead, autovacuum_count::int as cleaned,
      pg_table_size(relid)::float8 as table, pg_indexes_size(relid)::float8 as indexes
    from pg_stat_user_tables where relname = 'replies'`;
  return row;
}
