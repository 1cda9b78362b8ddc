// A PostgreSQL server of a test's own that is reached over TCP, with a supervisor that starts it again when it ends. Where
// the system lets us mount, its files stand on a small file system that can be filled.
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { databaseAccount } from '../../server/database/embedded/account.js';
import { findBinaries, libraryPrefix } from '../../server/database/embedded/binaries.js';
import { createCluster } from '../../server/database/embedded/cluster.js';
import { handOver, prepareFolders } from '../../server/database/embedded/folders.js';
import { clearStaleFiles, endServerProcesses } from '../../server/database/embedded/leftovers.js';
import { serverProcesses } from '../../server/database/embedded/processes.js';
import { spawnTied, type TiedProcess } from '../../server/database/embedded/tied-process.js';
import { freePort } from '../support/server-process.js';
import type { Certificate } from '../support/services/openssl.js';
import { SmallDisk } from '../support/small-disk.js';

const DISK_MEBIBYTES = 320;
/** Few, so that they can be used up; enough for all that two servers hold twice, once forgotten and once anew. */
const CONNECTIONS_MAX = 60;

export class PostgresCluster {
  readonly url: string;
  readonly port: number;
  /** Of its own, to be filled; null where none could be mounted. */
  readonly disk: SmallDisk | null;
  readonly #home: string;
  readonly #data: string;
  readonly #launch: () => TiedProcess;
  readonly #clear: () => void;
  #server: TiedProcess | null = null;
  #isWanted = true;
  #kept: Promise<void>;

  private constructor(
    home: string,
    disk: SmallDisk | null,
    port: number,
    launch: () => TiedProcess,
    clear: () => void,
  ) {
    this.#home = home;
    this.#data = join(home, 'data', 'pgdata');
    this.disk = disk;
    this.port = port;
    this.url = `postgres://afterword@127.0.0.1:${port}/postgres`;
    this.#launch = launch;
    this.#clear = clear;
    this.#kept = this.#keep();
  }

  /** `certify`: it takes TLS, too, with the certificate that this makes in a folder. */
  static async start(certify?: (folder: string) => Certificate): Promise<PostgresCluster> {
    const home = mkdtempSync('/tmp/afterword-faults-');
    const disk = SmallDisk.mount(home, DISK_MEBIBYTES);
    chmodSync(home, 0o711);
    const binaries = findBinaries();
    const folders = prepareFolders(join(home, 'data'));
    const account = databaseAccount(folders.cluster, [folders.data, join(binaries.native, 'bin')]);
    handOver(account, folders);
    const prefix = libraryPrefix(binaries, folders.links);
    await createCluster(folders, binaries, prefix, account);
    const files = certify?.(folders.cluster);
    if (files && account) for (const file of Object.values(files)) chownSync(file, account.uid, account.gid);
    const port = await freePort();
    const settings = {
      ...(files ? { ssl: 'on', ssl_cert_file: files.certificate, ssl_key_file: files.key } : {}),
      listen_addresses: '127.0.0.1',
      port,
      max_connections: CONNECTIONS_MAX,
      unix_socket_directories: folders.run,
      shared_buffers: '32MB',
      min_wal_size: '32MB',
      max_wal_size: '64MB',
      io_method: 'sync',
      log_min_messages: 'fatal',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const command = [...prefix, binaries.postgres, '-D', folders.cluster, ...options];
    return new PostgresCluster(
      home,
      disk,
      port,
      () => spawnTied(command, account, () => {}),
      () => clearStaleFiles(folders.cluster, folders.run),
    );
  }

  async #keep(): Promise<void> {
    while (this.#isWanted) {
      await endServerProcesses(this.#data);
      this.#clear();
      this.#server = this.#launch();
      await this.#server.exited;
      await pause(50);
    }
  }

  pids(): number[] {
    return serverProcesses(this.#data);
  }

  /** To all of its processes; those that have ended meanwhile don't mind. */
  signalAll(signal: NodeJS.Signals): void {
    for (const pid of this.pids()) signalTo(pid, signal);
  }

  get pidFile(): string {
    return join(this.#data, 'postmaster.pid');
  }

  async end(): Promise<void> {
    this.#isWanted = false;
    this.signalAll('SIGCONT');
    this.disk?.free();
    this.#server?.end();
    await this.#kept;
    await endServerProcesses(this.#data);
    this.disk?.unmount();
    if (existsSync(this.#home)) rmSync(this.#home, { recursive: true, force: true });
  }
}

export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
