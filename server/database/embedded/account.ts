// Who the database runs as. PostgreSQL refuses to run as root, so root lends it another user. Owns choosing that user and
// how a program is started as it; changes the rights of no folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseStartError, NOTHING_CHANGED } from '../start-error.js';

/** A user other than ourselves. */
export interface Account {
  uid: number;
  gid: number;
  name: string;
  /** May pass through (and read) folders that are closed to this user. */
  passes: boolean;
}

/** What `spawn` needs to start a program as somebody. */
export interface Start {
  command: string[];
  ids: { uid?: number; gid?: number };
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * The user that the database of this folder runs as: null for ourselves. As root it is the owner of the data where there
 * is one, so that who started it before can start it again; otherwise `postgres`, else `nobody`. No user is created.
 *
 * That user must get at `folders`. Where it may not (root's clone stands in root's closed home, or in a closed temporary
 * folder), it is lent the one capability to pass through closed folders, on Linux with `setpriv`; where that can't be,
 * throws `folder_unreachable` with the first folder it may not enter.
 */
export function databaseAccount(cluster: string, folders: string[]): Account | null {
  if (process.getuid?.() !== 0) return null;
  const account = ownerOf(cluster) ?? firstCandidate();
  const closed = closedFolder(account, folders);
  if (closed === undefined) return account;
  const passing = { ...account, passes: true };
  if (closedFolder(passing, folders) === undefined) return passing;
  throw new DatabaseStartError('folder_unreachable', {
    happened: `Started as root, the database runs as ${account.name}, who may not enter ${closed}.`,
    kept: NOTHING_CHANGED,
    remedy:
      'Start as an ordinary user, move the program and its data to where every user can reach them ' +
      '(the data with AFTERWORD_DATA_DIR), or set DATABASE_URL.',
  });
}

export function startAs(account: Account | null, command: string[]): Start {
  if (account === null) return { command, ids: {} };
  const { uid, gid, passes } = account;
  if (!passes) return { command, ids: { uid, gid } };
  // Without the secure bit `access()`, by which initdb looks for its programs, would leave the capability out. Whatever
  // else the bit would keep is dropped by the `exec` that follows.
  const capabilities = [
    '--securebits=+no_setuid_fixup',
    '--inh-caps=-all,+dac_read_search',
    '--ambient-caps=+dac_read_search',
  ];
  return {
    command: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capabilities, '--', ...command],
    ids: {},
  };
}

/** The first folder on the way to `folders`, or of them, that the account can't enter. */
function closedFolder(account: Account, folders: string[]): string | undefined {
  const way = [...new Set(folders.flatMap(wayTo))];
  // Entering it is the only test that counts capabilities.
  const script = 'for folder in "$@"; do cd "$folder" 2>/dev/null || { printf %s "$folder"; exit 1; }; done';
  const { command, ids } = startAs(account, ['/bin/sh', '-c', script, 'sh', ...way]);
  const [program = '', ...words] = command;
  const check = spawnSync(program, words, { ...ids, cwd: '/', encoding: 'utf8' });
  return check.status === 0 ? undefined : check.stdout || way[0];
}

/** `/a/b` is reached through `/`, `/a` and itself. */
function wayTo(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [...wayTo(parent), folder];
}

function ownerOf(cluster: string): Account | undefined {
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner === undefined || owner.uid === 0) return undefined;
  return { uid: owner.uid, gid: owner.gid, name: `the user ${owner.uid}`, passes: false };
}

function firstCandidate(): Account {
  for (const name of CANDIDATES) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid && gid !== undefined) return { uid, gid, name: `the user ${name}`, passes: false };
  }
  throw new DatabaseStartError('no_account', {
    happened: `PostgreSQL does not run as root, and this system has no user ${CANDIDATES.join(' or ')} to lend it.`,
    kept: NOTHING_CHANGED,
    remedy: 'Start as an ordinary user, create a user named postgres, or set DATABASE_URL.',
  });
}

function idOf(option: '-u' | '-g', name: string): number | undefined {
  try {
    return Number(execFileSync('id', [option, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined;
  }
}
