// Waits for a database that is away. Owns the pauses between attempts and saying what is wrong; decides nothing about
// giving up, which is the caller's, through a signal.
import { setTimeout as pause } from 'node:timers/promises';
import { describeAddress } from './address.js';
import type { Sql } from './connect.js';
import { codeOf, DatabaseStartError, NOTHING_CHANGED } from './start-error.js';
import type { Tell } from './tell.js';

export interface WaitOptions {
  /** Only for saying where the database should be. */
  url: string;
  log: Tell;
  /** Told each time that it could not be used; `isLasting` where somebody has to do something about it. */
  failed?: (says: string, isLasting: boolean) => void;
  signal?: AbortSignal | undefined;
  firstPauseMs?: number;
  longestPauseMs?: number;
}

export const MEND = 'Mend one of the two.';
/** SQLSTATE: the account or its password, the database's name, a parameter. */
const LASTING = /^(?:28|3D|42)\w{3}$/;

/** What our SQL needs, as `server_version_num` counts. */
const OLDEST_VERSION = 150_000;

/**
 * Returns when the database answers, with its version as `server_version_num` counts. Until then it asks again, for ever,
 * after pauses that double, and warns each time of why it can't be reached. Rejects with the signal's reason, and with
 * `unsuitable_server` where the database answers but can't be used.
 */
export async function waitForDatabase(sql: Sql, options: WaitOptions): Promise<number> {
  const { url, log, signal, firstPauseMs = 500, longestPauseMs = 10_000 } = options;
  for (let next = firstPauseMs; ; next = Math.min(next * 2, longestPauseMs)) {
    signal?.throwIfAborted();
    try {
      return await probe(sql, url);
    } catch (error) {
      if (error instanceof DatabaseStartError) throw error;
      if (reason(error).includes('unsupported startup parameter')) {
        throw unsuitable(
          url,
          'is a pooler',
          'Set DATABASE_DIRECT_URL to the same database without it (docs/scaling.md).',
        );
      }
      const isLasting = LASTING.test(codeOf(error) ?? '');
      const says = isLasting
        ? `The database ${describeAddress(url)} refuses what DATABASE_URL says (${reason(error)}).`
        : `The database ${describeAddress(url)} can't be reached (${reason(error)}).`;
      options.failed?.(says, isLasting);
      log(`${says} ${isLasting ? `${MEND} ` : ''}Trying again in ${next / 1000} s…`, 'warn');
      await pause(next, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

async function probe(sql: Sql, url: string): Promise<number> {
  const [server] = await sql<[{ version: number; name: string; encoding: string }]>`
    select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
      current_setting('server_encoding') as encoding`;
  if (server.version < OLDEST_VERSION) {
    throw unsuitable(url, `runs PostgreSQL ${server.name}`, 'Use PostgreSQL 15 or later.');
  }
  if (server.encoding !== 'UTF8') {
    throw unsuitable(url, `keeps text in ${server.encoding}`, "Create a database with encoding 'UTF8'.");
  }
  return server.version;
}

function unsuitable(url: string, what: string, remedy: string): DatabaseStartError {
  const happened = `The database ${describeAddress(url)} ${what}.`;
  return new DatabaseStartError('unsuitable_server', { happened, kept: NOTHING_CHANGED, remedy });
}

/** The system's or the server's words; the code where there are none, as when several addresses were tried. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === '' ? (codeOf(error) ?? 'no reason given') : message;
}
