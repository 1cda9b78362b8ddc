// Who the database runs as. PostgreSQL refuses to run as root, so root lends it another user, and makes sure that this
// user gets at what it needs. Changes no rights itself.
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseStartError, NOTHING_CHANGED } from '../start-error.js';

/** A user other than ourselves. */
export interface Account {
  uid: number;
  gid: number;
  name: string;
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * The user that the database of this folder runs as: null for ourselves. As root it is the owner of the data where there
 * is some, so that who started it before can start it again; otherwise `postgres`, else `nobody`. No user is created.
 */
export function databaseAccount(cluster: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: `user ${owner.uid}` };
  for (const name of CANDIDATES) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid && gid !== undefined) return { uid, gid, name };
  }
  throw new DatabaseStartError('no_account', {
    happened: `PostgreSQL does not run as root, and this system has no user ${CANDIDATES.join(' or ')} to lend it.`,
    kept: NOTHING_CHANGED,
    remedy: 'Start as an ordinary user, create a user named postgres, or set DATABASE_URL.',
  });
}

/** Throws `folder_unreachable`, naming the first folder on the way to `targets` that the account may not enter. */
export function assertReachable(account: Account | null, targets: string[]): void {
  if (account === null) return;
  const folders = [...new Set(targets.flatMap(wayTo))];
  const script = 'for folder in "$@"; do [ -x "$folder" ] || { printf %s "$folder"; exit 1; }; done';
  const check = spawnSync('/bin/sh', ['-c', script, 'sh', ...folders], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    encoding: 'utf8',
  });
  if (check.status === 0) return;
  throw new DatabaseStartError('folder_unreachable', {
    happened: `Started as root, the database runs as ${account.name}, who may not enter ${check.stdout || folders.at(-1)}.`,
    kept: NOTHING_CHANGED,
    remedy:
      'Start as the user who owns that folder, move the program and its data to where every user can reach them ' +
      '(the data with AFTERWORD_DATA_DIR), or set DATABASE_URL.',
    cause: check.error,
  });
}

/** `/a/b` is reached through `/`, `/a` and itself. */
function wayTo(target: string): string[] {
  const parent = path.dirname(target);
  return parent === target ? [target] : [...wayTo(parent), target];
}

function idOf(option: '-u' | '-g', name: string): number | undefined {
  try {
    return Number(execFileSync('id', [option, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined;
  }
}
