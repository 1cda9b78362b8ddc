// Runs a migration of the kind that changes a large table while others write into it: statement by statement, each
// remembered when it is done, so that a start that was cut off is finished by the next one. Owns indexes that are built
// concurrently, and columns that are filled in batches. Any other statement runs in a short transaction of its own.
import type { Sql } from './connect.js';
import type { Migration } from './migration-files.js';
import { mustHoldMigrationLock } from './migration-lock.js';
import { stepOf } from './online-steps.js';
import { pause, withShortLocks } from './short-lock.js';

/** A batch should hold its rows for no longer, in milliseconds; its size follows. */
const BATCH_MS = 100;
const BATCH_MIN = 50;
/** Nobody knows what a row costs before the first batches: they begin small and grow by half. */
const BATCH_FIRST = 100;
const GROWTH_MAX = 1.5;
const NOTHING_YET = '00000000-0000-0000-0000-000000000000';

export async function runOnline(
  sql: Sql,
  { when, tag, statements }: Migration,
  log: (message: string) => void,
): Promise<void> {
  await sql`create table if not exists drizzle.online_steps (
    migration bigint, step int, after uuid, done boolean not null default false, primary key (migration, step))`;
  for (const [step, text] of statements.entries()) {
    const [known] = await sql<{ after: string | null; done: boolean }[]>`
      select after, done from drizzle.online_steps where migration = ${when} and step = ${step}`;
    if (known?.done) continue;
    const wanted = stepOf(text);
    const note = (tx: Sql, after: string | null, done: boolean) => tx`
      insert into drizzle.online_steps (migration, step, after, done) values (${when}, ${step}, ${after}, ${done})
      on conflict (migration, step) do update set after = excluded.after, done = excluded.done`;
    if (wanted.kind === 'fill') {
      log(`${tag}: filling ${wanted.table} while it is in use…`);
      await fill(sql, log, { ...wanted, after: known?.after ?? NOTHING_YET, note });
    } else if (wanted.kind === 'index') {
      log(`${tag}: ${wanted.what} ${wanted.name}, while the table is in use…`);
      await changeIndex(sql, wanted.statement, wanted.name);
      await note(sql, null, true);
    } else {
      await withShortLocks(sql, log, async (tx) => {
        await mustHoldMigrationLock(tx);
        await tx.unsafe(wanted.statement);
        await note(tx, null, true);
      });
    }
  }
}

/** An index that a start left half built is invalid: it takes writes and serves no reads. It is built again. */
async function changeIndex(sql: Sql, statement: string, name: string): Promise<void> {
  // It waits for transactions that began before it, and nobody waits for it.
  await sql`set lock_timeout = 0`;
  await mustHoldMigrationLock(sql);
  const [found] = await sql<{ valid: boolean }[]>`
    select indisvalid as valid from pg_index where indexrelid = to_regclass(${name})`;
  const isDrop = /^drop/i.test(statement);
  if (found?.valid && !isDrop) return;
  if (found && !isDrop) await sql`drop index concurrently if exists ${sql(name)}`;
  await sql.unsafe(statement);
}

interface Fill {
  table: string;
  key: string;
  rows: number;
  statement: string;
  after: string;
  note: (tx: Sql, after: string, done: boolean) => Promise<unknown>;
}

/**
 * Walks along the key, a transaction a batch, which is noted in it. Waiting for a row for less than a second, a batch
 * gives way before PostgreSQL looks for deadlocks: where it meets a writer, it is the batch that begins again.
 */
async function fill(sql: Sql, log: (message: string) => void, { table, key, rows, statement, after, note }: Fill) {
  let from = after;
  let size = Math.min(rows, BATCH_FIRST);
  for (;;) {
    const [last] = await sql<{ upto: string }[]>`select k::text as upto from (
      select ${sql(key)} as k from ${sql(table)} where ${sql(key)} > ${from} order by 1 limit ${size}) b order by k desc limit 1`;
    const begun = performance.now();
    await withShortLocks(sql, log, async (tx) => {
      await mustHoldMigrationLock(tx);
      if (last) await tx.unsafe(statement.replaceAll(':after', literal(from)).replaceAll(':upto', literal(last.upto)));
      await note(tx, last?.upto ?? from, !last);
    });
    if (!last) return;
    from = last.upto;
    const took = performance.now() - begun;
    size = Math.round(Math.min(rows, Math.max(BATCH_MIN, size * Math.min(GROWTH_MAX, BATCH_MS / took))));
    // As long again: others, replicas and the cleaning up keep pace.
    await pause(Math.min(took, BATCH_MS));
  }
}

const literal = (id: string): string => `'${id.replaceAll("'", '')}'::uuid`;
