// The lock under which one node of all migrates. Owns taking it and seeing that it is still held: a pool that loses its
// connection dials again by itself, and the new session holds nothing.
import type { Sql } from './connect.js';
import { pause } from './short-lock.js';

/** Any number, the same on every node: what this program locks while it migrates. */
export const MIGRATION_LOCK = 5_620_413;
const LOOK_EVERY_MS = 250;

/** Asks again and again: whoever waited inside one statement would be waited for by an index that is built concurrently. */
export async function takeMigrationLock(sql: Sql, log: (message: string) => void): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    const [row] = await sql<[{ locked: boolean }]>`select pg_try_advisory_lock(${MIGRATION_LOCK}) as locked`;
    if (row.locked) return;
    if (isFirst) log('Another node is migrating the database. Waiting for it…');
    await pause(LOOK_EVERY_MS);
  }
}

/** Throws where this session does not hold the lock: it is not the one that took it. */
export async function mustHoldMigrationLock(sql: Sql): Promise<void> {
  const held = await sql`
    select 1 from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and objid = ${MIGRATION_LOCK} and granted`;
  if (held.length === 0) throw new Error('The connection was lost while the database was being migrated. Start again.');
}
