// The pooler between us and the database: that it answers, leads to the same database, and ends statements that hang.
import { answered } from '../database/attach.js';
import { connect, type Sql } from '../database/connect.js';
import { DatabaseStartError } from '../database/start-error.js';
import { type Finding, ok, problem, reasonOf, warning } from './finding.js';

const SEE = 'docs/pgbouncer.ini is a complete configuration.';

/** What `DATABASE_URL` leads to where the database itself is named beside it: `direct`. */
export async function checkPooler(url: string, direct: Sql, withinMs: number): Promise<Finding> {
  const what = 'Pooler';
  const pool = connect({ url, max: 1, pooled: true, applicationName: 'afterword doctor' });
  const which = (sql: Sql) => sql<[{ it: string }]>`select current_database() || pg_postmaster_start_time() as it`;
  try {
    await answered(pool.sql, url, withinMs);
    const [[there], [here]] = await Promise.all([which(pool.sql), which(direct)]);
    if (there.it !== here.it) {
      return problem(what, 'It leads to another database than DATABASE_DIRECT_URL.', 'Let both name the same one.');
    }
    const [{ statement_timeout: timeout }] = await pool.sql<[{ statement_timeout: string }]>`show statement_timeout`;
    return timeout === '0'
      ? warning(what, 'It sets no statement_timeout: a statement that hangs holds a connection.', SEE)
      : ok(what, 'It answers.');
  } catch (error) {
    return problem(what, error instanceof DatabaseStartError ? error.message : reasonOf(error), SEE);
  } finally {
    await pool.close();
  }
}
