// The data folder's database files. Owns making them once, all or nothing, and refusing those that aren't ours to open.
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { DatabaseStartError, NOTHING_CHANGED } from '../start-error.js';
import type { Account } from './account.js';
import { type Binaries, unrunnable } from './binaries.js';
import type { Folders } from './folders.js';
import { endServerProcesses } from './leftovers.js';
import { spawnTied } from './tied-process.js';

/** The superuser of the embedded server, which only its private socket lets in. */
export const DATABASE_USER = 'afterword';

const UNFINISHED = 'pgdata.init-';

/** Throws where `cluster` exists and is not a database that these binaries may open. */
export function assertOpenable({ data, cluster }: Folders, { major }: Binaries): void {
  if (!existsSync(cluster)) return;
  const owner = statSync(cluster).uid;
  const me = process.getuid?.();
  if (me !== undefined && me !== 0 && owner !== me) {
    throw new DatabaseStartError('data_folder_unwritable', {
      happened: `The database in the data folder ${data} belongs to another user (${owner}) than the one who starts it (${me}).`,
      kept: NOTHING_CHANGED,
      remedy: 'Start as that user or as root, or choose another folder with AFTERWORD_DATA_DIR.',
    });
  }
  const version = path.join(cluster, 'PG_VERSION');
  if (!existsSync(version)) {
    throw new DatabaseStartError('not_a_database', {
      happened: `${cluster} exists but holds no PostgreSQL database.`,
      kept: NOTHING_CHANGED,
      remedy: 'Move it away, or choose another folder with AFTERWORD_DATA_DIR.',
    });
  }
  const made = readFileSync(version, 'utf8').trim();
  if (made === String(major)) return;
  throw new DatabaseStartError('other_major', {
    happened: `The database in the data folder ${data} was made by PostgreSQL ${made}; this version brings PostgreSQL ${major}.`,
    kept: NOTHING_CHANGED,
    remedy:
      'Make a backup with the release of Afterword that made it (afterword backup), then restore it into another folder ' +
      '(AFTERWORD_DATA_DIR) with this one: docs/upgrading.md.',
  });
}

/** Removes what a first start that was cut off has left. */
export async function removeUnfinished({ data }: Folders): Promise<void> {
  for (const name of readdirSync(data).filter((entry) => entry.startsWith(UNFINISHED))) {
    const folder = path.join(data, name);
    await endServerProcesses(folder);
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's, then: it is in nobody's way.
    }
  }
}

/**
 * Makes the database beside its place and moves it there when it is complete, so that a crash half-way leaves nothing
 * that looks like a database. `prefix` as from `libraryPrefix`. Throws `not_created`.
 */
export async function createCluster(
  folders: Folders,
  { initdb }: Binaries,
  prefix: string[],
  account: Account | null,
): Promise<void> {
  const { data, cluster } = folders;
  const unfinished = path.join(data, `${UNFINISHED}${process.pid}`);
  mkdirSync(unfinished, { mode: 0o700 });
  if (account !== null) chownSync(unfinished, account.uid, account.gid);
  // The built-in locale depends on no system, C library or ICU version: indexes stay valid wherever the folder goes.
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8'];
  // `trust`: the socket's folder is private, and nothing else is listened on.
  const options = ['-D', unfinished, '-U', DATABASE_USER, '--auth=trust', ...locale, '--no-instructions'];
  const program = spawnTied([...prefix, initdb, ...options], account, () => {});
  const code = await program.exited;
  if (code !== 0) {
    await removeUnfinished(folders);
    throw notCreated(data, code, program.lastLines().join('\n'));
  }
  renameSync(unfinished, cluster);
  syncFolder(data);
}

/** initdb has brought its files to the disk; their new name must get there too. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function notCreated(data: string, code: number, output: string): DatabaseStartError {
  const nameless = output.includes('could not look up effective user ID');
  return (
    unrunnable(code, output) ??
    new DatabaseStartError('not_created', {
      happened: `The database could not be created in ${data} (initdb ended with ${code}): ${output}`,
      kept: 'What it had begun was removed.',
      remedy: nameless
        ? 'The user has no entry in /etc/passwd: start as one that has, or set DATABASE_URL.'
        : 'Mend what it names and start again, or set DATABASE_URL.',
    })
  );
}
