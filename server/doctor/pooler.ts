// The pooler between us and the database: that it answers, leads to the same database, and that statements which hang, and
// transactions that are forgotten, are ended behind it.
import { answered } from '../database/attach.js';
import { connect, PATIENCE, PATIENCE_17, type Sql } from '../database/connect.js';
import { DatabaseStartError } from '../database/start-error.js';
import { type Finding, ok, problem, reasonOf, warning } from './finding.js';

const WHAT = 'Pooler';
const SEE = 'docs/pgbouncer.ini is a complete configuration.';

/** What `DATABASE_URL` leads to where the database itself is named beside it: `direct`. */
export async function checkPooler(url: string, direct: Sql, withinMs: number): Promise<Finding[]> {
  const pool = connect({ url, max: 1, pooled: true, applicationName: 'afterword doctor' });
  const which = (sql: Sql) => sql<[{ it: string }]>`select current_database() || pg_postmaster_start_time() as it`;
  try {
    await answered(pool.sql, url, withinMs);
    const [[there], [here]] = await Promise.all([which(pool.sql), which(direct)]);
    if (there.it !== here.it) {
      return [problem(WHAT, 'It leads to another database than DATABASE_DIRECT_URL.', 'Let both name the same one.')];
    }
    const found = checkTimeouts(await timeoutsBehind(pool.sql));
    return found.length > 0 ? found : [ok(WHAT, 'It answers.')];
  } catch (error) {
    return [problem(WHAT, error instanceof DatabaseStartError ? error.message : reasonOf(error), SEE)];
  } finally {
    await pool.close();
  }
}

/** As they hold for a session of the pooler's, whoever has set them: the pooler, its role, the database or the server. */
interface Timeouts {
  statement: string;
  idle: string;
  /** Null before PostgreSQL 17, which doesn't know it. */
  transaction: string | null;
  /** Whose session it is, and of which database: quoted. */
  role: string;
  database: string;
}

async function timeoutsBehind(sql: Sql): Promise<Timeouts> {
  const [timeouts] = await sql<[Timeouts]>`
    select current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle,
      current_setting('transaction_timeout', true) as transaction,
      quote_ident(session_user) as role, quote_ident(current_database()) as database`;
  return timeouts;
}

export function checkTimeouts({ statement, idle, transaction, role, database }: Timeouts): Finding[] {
  const found: Finding[] = [];
  if (statement === '0') {
    found.push(warning(WHAT, 'It sets no statement_timeout: a statement that hangs holds a connection.', SEE));
  }
  // The first ends what the second does, and what is forgotten between the messages of one statement besides.
  const [name, is, ms] =
    transaction === null
      ? (['idle_in_transaction_session_timeout', idle, PATIENCE.idle_in_transaction_session_timeout] as const)
      : (['transaction_timeout', transaction, PATIENCE_17.transaction_timeout] as const);
  if (is === '0') {
    const says =
      `No ${name} is set behind it: where a connection is lost in the middle of a write, the thread stays locked, and nobody ` +
      'else writes there for as long as the pooler holds that connection.';
    const sql = `alter role ${role} in database ${database} set ${name} = '${ms / 1000}s';`;
    found.push(
      warning(WHAT, says, `Say this to the database, and start the pooler again: ${sql} Or see docs/pgbouncer.ini.`),
    );
  }
  return found;
}
