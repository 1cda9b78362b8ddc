// The data folder and what stands where in it. Owns making the folders and their rights; what is in them belongs to others.
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { codeOf, DatabaseStartError, NOTHING_CHANGED } from '../start-error.js';
import type { Account } from './account.js';

export interface Folders {
  /** The data folder itself, without links in its path. */
  data: string;
  /** PostgreSQL's own folder; made by initdb. */
  cluster: string;
  /** Library links, where install scripts were skipped. */
  links: string;
  /** The sockets by which instances of us find each other. */
  owner: string;
  /** PostgreSQL's socket. */
  run: string;
}

/** The longest socket path that every system takes (104 bytes with the closing zero on macOS, 108 on Linux). */
const SOCKET_PATH_BYTES = 103;
/** What is added to `run` or `owner`, with room. */
const LONGEST_SOCKET_NAME = '/.s.PGSQL.5432.lock';
/** Not `os.tmpdir()`: two instances must come to the same place whatever their environment says. */
const SHORT_FOLDER = '/tmp';

/**
 * Makes the data folder and the folders of the sockets. Sockets stand in the data folder; where its path is too long for
 * that, in a private folder of `/tmp` whose name follows from the path. Throws `data_folder_unwritable` and
 * `socket_folder_unusable`.
 */
export function prepareFolders(dataDir: string): Folders {
  const data = prepareData(path.resolve(dataDir));
  const sockets = socketHome(data);
  const folders = {
    data,
    cluster: path.join(data, 'pgdata'),
    links: path.join(data, 'lib'),
    owner: path.join(sockets, 'owner'),
    run: path.join(sockets, 'run'),
  };
  guard(data, () => {
    mkdirSync(folders.owner, { recursive: true, mode: 0o700 });
    mkdirSync(folders.run, { recursive: true, mode: 0o700 });
  });
  return folders;
}

/**
 * Gives the folders that PostgreSQL writes in to its user, and to nobody else; all other folders stay as they are. Of its
 * data this is needed where they were copied, from a backup for example: as root, or with a tool that opens them to others.
 */
export function handOver(account: Account | null, { run, cluster }: Folders): void {
  const data = statSync(cluster, { throwIfNoEntry: false });
  // PostgreSQL refuses to start otherwise.
  if (data && (data.mode & 0o027) !== 0) guard(cluster, () => chmodSync(cluster, 0o700));
  if (account === null) return;
  chownSync(run, account.uid, account.gid);
  if (data?.uid !== 0) return;
  const inside = readdirSync(cluster, { recursive: true, encoding: 'utf8' });
  for (const name of ['', ...inside]) lchownSync(path.join(cluster, name), account.uid, account.gid);
}

function prepareData(dataDir: string): string {
  return guard(dataDir, () => {
    const first = makeWay(dataDir);
    if (first !== undefined && process.getuid?.() === 0) openWay(first, dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(dataDir);
  });
}

/**
 * Makes the folder and those on the way to it; returns the first that was made. Level by level: where a file system has no
 * room for folders (`/proc`), Node's recursive `mkdir` never comes back.
 */
function makeWay(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  const first = makeWay(path.dirname(folder));
  mkdirSync(folder);
  return first ?? folder;
}

/** As root: the database's user must pass through what we made, whatever the umask. What was there is left as it is. */
function openWay(first: string, last: string): void {
  for (let made = last; made.length >= first.length; made = path.dirname(made)) chmodSync(made, 0o755);
}

function guard<T>(dataDir: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new DatabaseStartError('data_folder_unwritable', {
      happened: `The data folder ${dataDir} can't be written (${codeOf(cause) ?? String(cause)}).`,
      kept: NOTHING_CHANGED,
      remedy:
        'Give this user the right to write there, choose another folder with AFTERWORD_DATA_DIR, or set DATABASE_URL.',
      cause,
    });
  }
}

function socketHome(data: string): string {
  if (Buffer.byteLength(path.join(data, 'owner', LONGEST_SOCKET_NAME)) <= SOCKET_PATH_BYTES) return data;
  const name = createHash('sha256').update(data).digest('hex').slice(0, 16);
  const home = path.join(SHORT_FOLDER, `afterword-${name}`);
  try {
    // As root, the database's user passes through to `run`, which is its own; it can't list what is here.
    mkdirSync(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    const { uid, mode } = lstatSync(home);
    // Anybody may make folders in /tmp: one that isn't ours alone could be somebody's trap.
    if (uid !== process.getuid?.() || (mode & constants.S_IFMT) !== constants.S_IFDIR || (mode & 0o022) !== 0) {
      throw new Error('It belongs to somebody else, or others may write in it.');
    }
    return home;
  } catch (cause) {
    throw new DatabaseStartError('socket_folder_unusable', {
      happened: `The path of the data folder is too long for a socket, and ${home} can't be used instead of it.`,
      kept: NOTHING_CHANGED,
      remedy: 'Remove that folder, choose a data folder with a shorter path (AFTERWORD_DATA_DIR), or set DATABASE_URL.',
      cause,
    });
  }
}
