// The pooler between us and the database: that it is named as one, answers, leads to the same database, and that statements
// which hang, and transactions that are forgotten, are ended behind it.
import { answered } from '../database/attach.js';
import { connect, type ConnectOptions, PATIENCE, PATIENCE_17, type Sql, TIMEOUTS } from '../database/connect.js';
import { DatabaseStartError } from '../database/start-error.js';
import { type Finding, ok, problem, reasonOf, warning } from './finding.js';

const WHAT = 'Pooler';
const SEE = 'docs/pgbouncer.ini is a complete configuration.';
/**
 * Milliseconds. Who finds a thread locked for a minute has gone: from here on a bound is as good as none. Those that we set
 * ourselves are an eighth of it and less.
 */
const LONG_MS = 60_000;

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
    const found = checkTimeouts(await timeoutsOf(pool.sql));
    return found.length > 0 ? found : [ok(WHAT, 'It answers.')];
  } catch (error) {
    return [problem(WHAT, error instanceof DatabaseStartError ? error.message : reasonOf(error), SEE)];
  } finally {
    await pool.close();
  }
}

/**
 * What `variable` leads to, which names the database itself: a pooler that was told to leave out what it can't take
 * (`ignore_startup_parameters`) looks like one.
 */
export async function checkSessions(url: string, variable: string): Promise<Finding[]> {
  const options: ConnectOptions = { url, max: 1, lasting: true, isPrompt: true, applicationName: 'afterword doctor' };
  const [one, other] = [connect(options), connect(options)];
  try {
    const todo =
      variable === 'DATABASE_URL'
        ? 'Set DATABASE_DIRECT_URL to the same database without it (docs/scaling.md).'
        : `Let ${variable} name the database itself (docs/scaling.md).`;
    const timeouts = await timeoutsOf(one.sql);
    if (await changesSessions(one.sql, other.sql)) {
      const says =
        `${variable} leads to a pooler that gives each transaction another of the database's sessions: a node does not hear the ` +
        'others through it, nor does the lock hold that keeps two from migrating at once.';
      return [problem(WHAT, says, todo), ...checkTimeouts(timeouts)];
    }
    const isKept =
      timeouts.statement === TIMEOUTS.statement_timeout &&
      timeouts.idle === PATIENCE.idle_in_transaction_session_timeout;
    if (isKept) return [ok(WHAT, 'None: sessions are kept, and as they were opened.')];
    const says = `${variable} leads to a pooler that leaves out what is set for a session as it is opened.`;
    return [warning(WHAT, says, todo), ...checkTimeouts(timeouts)];
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
}

/** A busy pooler may give the same session back by chance: so often it is looked. */
const LOOKS = 5;

/**
 * Whether a connection is answered by another session of the database while that of its last transaction is taken by another
 * connection. A pooler gives out first what was given back last.
 */
async function changesSessions(one: Sql, other: Sql): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    const before = await sessionOf(one);
    const after = await other.begin(async (tx) => {
      await tx.unsafe('select 1');
      return await sessionOf(one);
    });
    // Dialled anew, it is another session of everybody's.
    if (after.line === before.line && after.session !== before.session) return true;
  }
  return false;
}

/** As the database numbers it, and as it was numbered for us when the connection was opened. */
async function sessionOf(sql: Sql): Promise<{ session: number; line: number }> {
  // Not prepared: that is the session's as well.
  const rows = await sql.unsafe<[{ pid: number }]>('select pg_backend_pid() as pid');
  return { session: rows[0].pid, line: rows.state.pid };
}

/** Milliseconds, 0 for none, as they hold for a session, whoever has set them: we, the pooler, the role, the database or the server. */
export interface Timeouts {
  statement: number;
  idle: number;
  /** Null before PostgreSQL 17, which doesn't know it. */
  transaction: number | null;
  /** Whose session it is, and of which database: quoted. */
  role: string;
  database: string;
}

async function timeoutsOf(sql: Sql): Promise<Timeouts> {
  const [timeouts] = await sql.unsafe<[Timeouts]>(`
    select max(setting::int) filter (where name = 'statement_timeout') as statement,
      max(setting::int) filter (where name = 'idle_in_transaction_session_timeout') as idle,
      max(setting::int) filter (where name = 'transaction_timeout') as transaction,
      quote_ident(session_user) as role, quote_ident(current_database()) as database
    from pg_settings where name like '%\\_timeout'`);
  return timeouts;
}

export function checkTimeouts({ statement, idle, transaction, role, database }: Timeouts): Finding[] {
  const found: Finding[] = [];
  if (statement === 0) {
    found.push(warning(WHAT, 'It sets no statement_timeout: a statement that hangs holds a connection.', SEE));
  } else if (statement > LONG_MS) {
    const says = `The statement_timeout behind it is ${inSeconds(statement)}: a statement that hangs holds a connection for so long.`;
    found.push(warning(WHAT, says, SEE));
  }
  // The first ends what the second does, and what is forgotten between the messages of one statement besides.
  const [name, ms, ours] =
    transaction === null
      ? (['idle_in_transaction_session_timeout', idle, PATIENCE.idle_in_transaction_session_timeout] as const)
      : (['transaction_timeout', transaction, PATIENCE_17.transaction_timeout] as const);
  const lost =
    'where a connection is lost in the middle of a write, the thread stays locked, and nobody else writes there, for';
  const sql = `alter role ${role} in database ${database} set ${name} = '${inSeconds(ours, '')}';`;
  const say = `this to the database, and start the pooler again: ${sql}`;
  if (ms === 0) {
    const says = `No ${name} is set behind it: ${lost} as long as the pooler holds that connection.`;
    found.push(warning(WHAT, says, `Say ${say} Or see docs/pgbouncer.ini.`));
  } else if (ms > LONG_MS) {
    const says = `The ${name} behind it is ${inSeconds(ms)}: ${lost} so long.`;
    const todo = `Lower it in the pooler's connect_query, where that sets it (docs/pgbouncer.ini); otherwise say ${say}`;
    found.push(warning(WHAT, says, todo));
  }
  return found;
}

function inSeconds(ms: number, space = ' '): string {
  return `${ms / 1000}${space}s`;
}
