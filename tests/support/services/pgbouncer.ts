// A PgBouncer, in transaction mode unless told otherwise, before the run's PostgreSQL, with the configuration that docs/pgbouncer.ini recommends.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { parseAddress } from '../../../server/database/address.js';
import { freePort } from '../server-process.js';
import { makeServiceFolder, startService, type ServiceProcess } from './process.js';

const DOCUMENT = resolve(import.meta.dirname, '../../../docs/pgbouncer.ini');

export interface Pooler {
  /** The same database through it. */
  url: string;
  port: number;
  /** Kills it and starts it again on the same port. */
  restart(awayMs?: number): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  end(): Promise<void>;
}

export interface PoolerOptions {
  /** The server's sessions at most. */
  size?: number;
  /** False: without the timeouts that the document sets. */
  timeouts?: boolean;
  /** False: without the one that ends a transaction. */
  transactionTimeout?: boolean;
  /** Leaves out what it can't take of its clients, instead of refusing them. */
  isTolerant?: boolean;
  mode?: 'transaction' | 'session';
}

/** What a server sets for its sessions as it opens them, and PgBouncer refuses. */
const SET =
  'statement_timeout, lock_timeout, idle_in_transaction_session_timeout, transaction_timeout, enable_sort, jit, ' +
  'tcp_keepalives_idle, tcp_keepalives_interval, tcp_keepalives_count, tcp_user_timeout';

/** Before the database of this address. */
export async function startPooler(
  databaseUrl: string,
  {
    size = 20,
    timeouts = true,
    transactionTimeout = true,
    isTolerant = false,
    mode = 'transaction',
  }: PoolerOptions = {},
): Promise<Pooler> {
  const folder = makeServiceFolder('pgbouncer');
  const port = await freePort();
  const target = parseAddress(databaseUrl);
  const { hostname, username, password, pathname } = new URL(target.url);
  const [host, name] = [target.socketFolder ?? hostname, pathname.slice(1)];
  const user = [`user=${username}`, ...(password ? [`password=${password}`] : [])].join(' ');
  const settings = {
    listen_port: port,
    auth_type: 'any',
    unix_socket_dir: '',
    default_pool_size: size,
    pool_mode: mode,
    ...(isTolerant ? { ignore_startup_parameters: SET } : {}),
  };
  let text = readFileSync(DOCUMENT, 'utf8')
    .replace(/^auth_file = .*\n/m, '')
    .replace(/^afterword = host=\S+ port=\d+ dbname=afterword/m, `${name} = host=${host} port=${target.port} ${user}`);
  if (!transactionTimeout) text = text.replace(/; select set_config\([^']*\$\$transaction_timeout\$\$'/, "'");
  if (!timeouts) text = text.replace(/ connect_query='[^']*'/, '');
  for (const [key, value] of Object.entries(settings)) {
    const line = `${key} = ${value}`;
    const known = new RegExp(`^${key} = .*$`, 'm');
    text = known.test(text) ? text.replace(known, line) : `${text}${line}\n`;
  }
  const file = join(folder.path, 'pgbouncer.ini');
  writeFileSync(file, text);
  // It refuses to run as root, and the socket's folder is its owner's alone.
  const { uid, gid } = target.socketFolder ? statSync(target.socketFolder) : { uid: 65_534, gid: 65_534 };
  const start = (): Promise<ServiceProcess> =>
    startService({
      service: 'pgbouncer',
      args: [file],
      ...(process.getuid?.() === 0 ? { account: { uid, gid } } : {}),
      isReady: (output) => output.includes('process up'),
    });
  let pooler = await start().catch((error: unknown) => {
    folder.remove();
    throw error;
  });
  const kill = async (): Promise<void> => {
    pooler.signal('SIGKILL');
    await pooler.exited;
  };
  return {
    url: `postgres://${username}@127.0.0.1:${port}/${name}`,
    port,
    signal: (signal) => pooler.signal(signal),
    restart: async (awayMs = 0) => {
      await kill();
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      pooler = await start();
    },
    end: async () => {
      await kill();
      folder.remove();
    },
  };
}
