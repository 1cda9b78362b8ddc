// Opens a pool of connections. Owns the driver's options, the same for an own server and for the embedded one; runs no
// query itself and starts no server.
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { parseAddress } from './address.js';
import { WatchedLines } from './watched-lines.js';

export interface ConnectOptions {
  /** `postgres://...`, also with a unix socket: `postgres://user@localhost/name?host=/folder`. */
  url: string;
  /** Connections of the pool, made when they are needed. A `listen` takes one of its own beside them. */
  max?: number;
  applicationName?: string;
  /** The connection is kept as long as it is needed, with what the session holds, and not renewed after an hour or so. */
  lasting?: boolean;
  /**
   * The address leads to a pooler in transaction mode: each transaction may run on another of the server's sessions, so
   * that nothing is prepared and no session is set up. The timeouts and `PLANNER` are then the pooler's to set (docs/pgbouncer.ini).
   */
  pooled?: boolean;
  /**
   * Every statement is answered within `statement_timeout`: a connection on which nothing comes back for longer is lost, and
   * is given up. No transaction waits for us for longer. Not for copies and migrations.
   */
  isPrompt?: boolean;
  /** The server's, as `server_version_num` counts, where it is known: what it can be asked for depends on it. */
  version?: number;
}

export type Sql = postgres.Sql;
export type Db = ReturnType<typeof openDrizzle>;

export interface Database {
  /**
   * The driver: for tagged templates, which are prepared by themselves, `listen` and `begin`. It shares drizzle's type
   * parsers: times arrive as Postgres prints them (in UTC) and bigint as a string, unless the query says otherwise.
   */
  sql: Sql;
  db: Db;
  /** Waits up to five seconds for what is under way, then cuts it off. Safe to call twice. */
  close: () => Promise<void>;
}

/** Milliseconds. */
export const TIMEOUTS = {
  /** A statement that takes longer is a fault, and holds a connection that others wait for. */
  statement_timeout: 5_000,
  /** Two of the longest things a hot thread does, with room: who waits longer is told `overloaded`. */
  lock_timeout: 2_000,
};
/**
 * Milliseconds. A connection that is lost in the middle of a transaction, and of which the server isn't told, gives up its locks
 * after so long, not only when the server gives up the connection. The second is known from PostgreSQL 17 on; it counts
 * between the messages of one statement, too.
 */
export const PATIENCE = { idle_in_transaction_session_timeout: 5_000 };
export const PATIENCE_17 = { transaction_timeout: 7_000 };
/**
 * Plans are made for any thread, and most threads and branches are small: for those PostgreSQL finds it as cheap to fetch
 * all rows by whichever index is lowest and sort them. In a large thread that reads all of it. Here every list is the
 * top of an index, so sorting is for the few rows that were chosen; and no statement is worth compiling.
 */
export const PLANNER = { enable_sort: 'off', jit: 'off' };
/**
 * Seconds, and the last one milliseconds. A connection that a network has forgotten is given up by the server as well, within a
 * minute: it would hold one of its few places, and whatever it has locked, for two hours; where an answer was under way, which
 * no probe is sent behind, for a quarter of one. On a Unix socket they mean nothing.
 */
const KEEPALIVE = {
  tcp_keepalives_idle: 30,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 4,
  tcp_user_timeout: 50_000,
};
/** The same where we give up after `ANSWER_WITHIN_MS`: before PostgreSQL 17 no other patience ends in the middle of a statement. */
const KEEPALIVE_PROMPT = {
  tcp_keepalives_idle: 4,
  tcp_keepalives_interval: 1,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 7_000,
};
/** Longer than any statement may take. */
const ANSWER_WITHIN_MS = 8_000;
const CONNECT_TIMEOUT_SECONDS = 10;
const CLOSE_TIMEOUT_SECONDS = 5;

/**
 * Makes the pool. Nothing is dialled before the first query, and a server that goes away is dialled again by the next
 * one: while it is away, queries are rejected with the driver's or the system's `code` (`ECONNREFUSED`,
 * `CONNECTION_CLOSED`, ...). Throws where the address can't be read.
 */
export function connect(options: ConnectOptions): Database {
  const sql = openPool(options);
  return {
    sql,
    db: openDrizzle(sql),
    close: () => sql.end({ timeout: CLOSE_TIMEOUT_SECONDS }),
  };
}

function openPool(options: ConnectOptions): Sql {
  const { url, socketFolder, port, ipv6 } = parseAddress(options.url);
  const socket = socketFolder === undefined ? {} : { path: `${socketFolder}/.s.PGSQL.${port}`, ssl: false };
  return postgres(url, {
    ...socket,
    // As lists, which its types don't know: what is a text it would cut at each colon.
    ...(ipv6 === undefined ? {} : { host: [ipv6] as unknown as string, port: [port] as unknown as number }),
    // A Unix socket can't lose its other end.
    ...(options.isPrompt && socketFolder === undefined ? { watch: new WatchedLines(ANSWER_WITHIN_MS).watch } : {}),
    max: options.max ?? 10,
    ...(options.lasting ? { max_lifetime: null } : {}),
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    // The driver's own pause grows to 20 s, which would hold every query that long after the server is back.
    backoff: (failures) => Math.min(0.05 * 2 ** failures, 1) * (0.5 + Math.random() / 2),
    // Asked for by itself on each new connection, whose loss in that moment nobody could catch: it would end the process.
    // Without it lists are given as PostgreSQL writes them, and `reserve` needs a connection that is open already.
    fetch_types: false,
    onnotice: () => {},
    prepare: options.pooled !== true,
    connection: {
      application_name: options.applicationName ?? 'afterword',
      TimeZone: 'UTC',
      ...(options.pooled ? {} : { ...TIMEOUTS, ...PLANNER, ...patienceOf(options) }),
    },
  });
}

function patienceOf({ isPrompt, version = 0 }: ConnectOptions): Record<string, number> {
  if (!isPrompt) return KEEPALIVE;
  return { ...KEEPALIVE_PROMPT, ...PATIENCE, ...(version >= 170_000 ? PATIENCE_17 : {}) };
}

function openDrizzle(sql: Sql) {
  return drizzle({ client: sql });
}
