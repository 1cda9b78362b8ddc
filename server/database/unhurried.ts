// What takes long on purpose (migrations, backups) where our connections, or the operator's own settings of the role, the database or the
// server, end what takes long.
import type { Sql } from './connect.js';

/**
 * SQL that lifts all such bounds that this server knows, for the session (`set`) or the transaction (`set local`). Reads
 * nothing when it is run: a transaction that begins with it has no snapshot yet.
 */
export async function unhurried(sql: Sql, verb: 'set' | 'set local'): Promise<string> {
  // The last one is known from PostgreSQL 17 on.
  const known = await sql<{ name: string }[]>`select name from pg_settings
    where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`;
  return known.map(({ name }) => `${verb} ${name} = 0`).join('; ');
}
