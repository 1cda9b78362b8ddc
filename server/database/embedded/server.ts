// One run of the PostgreSQL server, from its start to its end. Owns its settings and telling when it is ready; what comes
// before (files, leftovers) and after (starting again) belongs to `start.ts`.
import { DatabaseStartError } from '../start-error.js';
import type { Tell } from '../tell.js';
import type { Account } from './account.js';
import { type Binaries, unrunnable } from './binaries.js';
import { DATABASE_USER } from './cluster.js';
import type { Folders } from './folders.js';
import { lackOfRoom } from './full-disk.js';
import { spawnTied, type TiedProcess } from './tied-process.js';

/**
 * For a small machine. Whatever decides over durability (fsync, synchronous_commit, full_page_writes) keeps its safe
 * default and is not named here.
 */
const SETTINGS: Record<string, string> = {
  listen_addresses: '',
  // Only a part of the socket's name.
  port: '5432',
  unix_socket_permissions: '0700',
  // A pool of ten a node, listeners, tools and the tests' parallel workers.
  max_connections: '60',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  // Three helper processes less; what is read is small and mostly cached.
  io_method: 'sync',
  // Statements are short: helpers and compilation cost more than they give, and /dev/shm is small in containers.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  max_logical_replication_workers: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // Events of the server, not failed statements: those are ours to report, and may quote what people wrote.
  log_min_messages: 'log',
  log_line_prefix: '',
  logging_collector: 'off',
  log_destination: 'stderr',
};

export interface ServerParts {
  folders: Folders;
  binaries: Binaries;
  prefix: string[];
  account: Account | null;
  log: Tell;
}

/** The address of the server that runs, or would run, with these folders. */
export function embeddedAddress({ run }: Folders): string {
  return `postgres://${DATABASE_USER}@localhost/postgres?host=${encodeURIComponent(run)}`;
}

/** Starts the server and returns when it takes connections. Throws `not_started` where it ends before that. */
export async function launchServer({ folders, binaries, prefix, account, log }: ServerParts): Promise<TiedProcess> {
  const settings = { ...SETTINGS, unix_socket_directories: quoted(folders.run) };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let announce = (): void => {};
  const ready = new Promise<'ready'>((resolve) => {
    announce = () => resolve('ready');
  });
  const onLine = (line: string): void => {
    if (line.includes('ready to accept connections')) announce();
    if (line.includes('was not properly shut down'))
      log('The database was cut off last time. Recovering what was committed…', 'warn');
    // It would take no new connection and wait for ours to end, which we keep for as long as it runs.
    if (line.includes('received smart shutdown request')) server.end();
    if (line.startsWith('PANIC:') || line.includes('was terminated by signal')) log(`PostgreSQL: ${line}`, 'warn');
  };
  const server = spawnTied([...prefix, binaries.postgres, '-D', folders.cluster, ...options], account, onLine);
  const outcome = await Promise.race([ready, server.exited]);
  if (outcome === 'ready') return server;
  const output = server.lastLines().join('\n');
  throw (
    unrunnable(outcome, output) ??
    new DatabaseStartError('not_started', {
      happened: `The database in ${folders.data} ended while it was starting (${outcome}): ${output}`,
      kept: 'Its data were left as they are.',
      remedy:
        lackOfRoom(output) === null
          ? `Mend what it names and start again. Before any experiment, copy ${folders.data} away.`
          : `Make room on the disk of ${folders.data} and start again.`,
    })
  );
}

/** One element of a list, whatever the path holds. */
function quoted(folder: string): string {
  return `"${folder.replaceAll('"', '""')}"`;
}
